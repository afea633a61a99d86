// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What is in memory of the program's and its libraries' files, most of which only the start needs: reading YAML and the
/// command line touches some 14 MB of code, answering hubs a tenth of that.
enum StartUpPages {
    /// Gives the pages of code, and of data that is only read, back to the kernel, which has them in its cache; what is
    /// needed again comes back by itself, a few pages at a time.
    ///
    /// Only of mappings that nobody may write and nobody has written before, as the dynamic linker does with its
    /// relocations: so nothing is lost.
    static func giveBack() {
        for mapping in Mapping.all where mapping.isOfFile && !mapping.isWritable && !mapping.isWritten {
            madvise(UnsafeMutableRawPointer(bitPattern: mapping.start), Int(mapping.end - mapping.start), MADV_DONTNEED)
        }
    }

    /// From `/proc/self/smaps` (proc(5)).
    private struct Mapping {
        let start: UInt
        let end: UInt
        let isOfFile: Bool
        let isWritable: Bool
        /// Some page of it is no longer the file's.
        var isWritten = true

        /// The first line of each: `start-end permissions offset device inode path`.
        init?(_ line: String) {
            let fields = line.split(separator: " ", maxSplits: 5)
            let ends = fields.first?.split(separator: "-") ?? []
            guard fields.count >= 5, ends.count == 2, let start = UInt(ends[0], radix: 16),
                let end = UInt(ends[1], radix: 16)
            else { return nil }
            self.start = start
            self.end = end
            isOfFile = UInt(fields[4]) ?? 0 > 0
            isWritable = fields[1].contains("w")
        }

        /// Empty where there is no `/proc`.
        static var all: [Mapping] {
            guard let file = fopen("/proc/self/smaps", "r") else { return [] }
            var (line, room) = (UnsafeMutablePointer<CChar>?.none, 0)
            defer {
                free(line)
                fclose(file)
            }
            var all: [Mapping] = []
            while getline(&line, &room, file) > 0, let line {
                let text = String(cString: line)
                if let mapping = Mapping(text) {
                    all.append(mapping)
                } else if text.hasPrefix("Anonymous:"), let last = all.indices.last {
                    all[last].isWritten = text.split(separator: " ").dropFirst().first != "0"
                }
            }
            return all
        }
    }
}

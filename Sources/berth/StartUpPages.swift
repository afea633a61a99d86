// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The program's own code in memory, most of which only the start needs: reading YAML and the command line touches
/// some 14 MB of it, answering hubs a tenth of that.
enum StartUpPages {
    /// Gives the pages of code back to the kernel, which has them in its cache; what is needed again comes back by
    /// itself, a page at a time.
    ///
    /// Executable mappings of files only. They are never written, so nothing is lost; read-only data may hold the
    /// dynamic linker's relocations, which would be.
    static func giveBack() {
        for mapping in Mapping.all where mapping.isCodeOfFile {
            madvise(UnsafeMutableRawPointer(bitPattern: mapping.start), Int(mapping.end - mapping.start), MADV_DONTNEED)
        }
    }

    /// One line of `/proc/self/maps`: `start-end permissions offset device inode path` (proc(5)).
    private struct Mapping {
        let start: UInt
        let end: UInt
        let isCodeOfFile: Bool

        init?(_ line: Substring) {
            let fields = line.split(separator: " ", maxSplits: 5)
            let ends = fields.first?.split(separator: "-") ?? []
            guard fields.count == 6, ends.count == 2, let start = UInt(ends[0], radix: 16),
                let end = UInt(ends[1], radix: 16)
            else { return nil }
            self.start = start
            self.end = end
            isCodeOfFile = fields[1] == "r-xp" && fields[4] != "0"
        }

        /// Empty where there is no `/proc`.
        static var all: [Mapping] {
            guard let file = fopen("/proc/self/maps", "r") else { return [] }
            defer { fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 1 << 18)
            let count = fread(&bytes, 1, bytes.count, file)
            return String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n").compactMap(Mapping.init)
        }
    }
}

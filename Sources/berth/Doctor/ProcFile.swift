// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The kernel's files about processes, which have no size and may be gone at any moment.
enum ProcFile {
    /// Nil where it cannot be read.
    static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return contents(of: file)
    }

    /// All that is left in an open file, up to a mebibyte.
    static func contents(of file: Int32) -> String? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < 1 << 20 {
            let count = Glibc.read(file, &chunk, chunk.count)
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names
    }

    /// What a symbolic link says.
    static func target(of link: String) -> String? {
        var letters = [CChar](repeating: 0, count: 4096)
        let count = readlink(link, &letters, letters.count)
        return count < 0 ? nil : String(decoding: letters.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

enum Program {
    /// What it writes, to its standard output or error; nil where it cannot be run or fails.
    static func output(of path: String, _ arguments: [String]) -> String? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, path, &actions, nil, &words, environ)
        close(ends[1])
        guard code == 0 else { return nil }
        let output = ProcFile.contents(of: ends[0])
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        return status == 0 ? output : nil
    }
}

// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A file with a token in it.
struct SecretFile {
    static let bytesMost = 4096

    let bytes: [UInt8]
    let isReadableByOthers: Bool
    let stamp: FileStamp

    static func read(_ path: String) -> Result<SecretFile, FileFault> {
        WholeFile.read(path, most: bytesMost).map { file in
            SecretFile(bytes: file.bytes, isReadableByOthers: file.mode & 0o004 != 0, stamp: file.stamp)
        }
    }
}

/// Why a file could not be read.
struct FileFault: Error {
    /// What goes on behind the file's name: "does not exist".
    let words: String

    static func last(_ number: Int32 = errno) -> FileFault {
        switch number {
        case ENOENT: FileFault(words: "does not exist")
        case EACCES, EPERM: FileFault(words: "may not be read by this user")
        case ENOTDIR: FileFault(words: "lies below something that is no folder")
        case ELOOP: FileFault(words: "is a symbolic link that leads to itself")
        case ENAMETOOLONG: FileFault(words: "has too long a name")
        default: FileFault(words: "cannot be read (\(String(cString: strerror(number))))")
        }
    }
}

/// A file's bytes, read at once and never more than a bound.
struct WholeFile {
    let bytes: [UInt8]
    let mode: mode_t
    /// From before it was read.
    let stamp: FileStamp

    static func read(_ path: String, most: Int) -> Result<WholeFile, FileFault> {
        // O_NONBLOCK: opening a named pipe must not wait for somebody to write.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return .failure(.last()) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { return .failure(.last()) }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            return .failure(FileFault(words: facts.st_mode & S_IFMT == S_IFDIR ? "is a folder" : "is no ordinary file"))
        }
        let stamp = FileStamp(path, facts)
        return contents(descriptor, most: most).map { WholeFile(bytes: $0, mode: facts.st_mode, stamp: stamp) }
    }

    private static func contents(_ descriptor: Int32, most: Int) -> Result<[UInt8], FileFault> {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return .success(bytes) }
            guard count > 0 else {
                if errno == EINTR { continue }
                return .failure(.last())
            }
            bytes += chunk[..<count]
            if bytes.count > most { return .failure(FileFault(words: "is larger than \(most) bytes")) }
        }
    }
}

/// The process's environment.
enum Environment {
    static func value(of name: String) -> [UInt8]? {
        guard let value = getenv(name) else { return nil }
        return Array(UnsafeRawBufferPointer(start: value, count: strlen(value)))
    }
}

extension Item {
    /// A path that the file names, relative to the folder of the file that names it.
    func resolved(_ path: String) -> String { FilePaths.resolve(path, besides: place.file) }
}

enum FilePaths {
    /// `path` as seen from the folder of `file`; absolute paths stay.
    static func resolve(_ path: String, besides file: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func isFolder(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A file that is replaced as a whole: whoever reads it sees what it was or what it is, never a part.
struct ReplacedFile: Hashable, Sendable {
    let path: String
    /// Who may read it, whatever the umask.
    let mode: UInt32

    /// Where the next content is made: always the same name, so that one which a killed process left is found.
    var draftPath: String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return (parts.dropLast() + [".\(parts[parts.count - 1]).new"]).joined(separator: "/")
    }

    /// - Throws: when the content could not be put there; what stood there stands then.
    func replace(with bytes: [UInt8], looksUnread: Bool = false) throws(SidecarError) {
        let draft = draftPath
        do throws(FileFault) {
            _ = unlink(draft)
            let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(mode))
            guard descriptor >= 0 else { throw .last }
            defer { close(descriptor) }
            try descriptor.write(whole: bytes)
            if looksUnread { try descriptor.setUnread() }
            guard fchmod(descriptor, mode_t(mode)) == 0, fsync(descriptor) == 0, rename(draft, path) == 0 else {
                throw .last
            }
        } catch {
            _ = unlink(draft)
            throw .fileNotWritten(path: path, reason: error.reason)
        }
    }

    /// Leaves nothing in it. Where not even an empty file can be made, as on a full volume, the file goes.
    func empty() throws(SidecarError) {
        do throws(SidecarError) { try replace(with: []) } catch {
            guard unlink(path) == 0 || errno == ENOENT else { throw error }
        }
    }

    /// The file and its draft, if they are there.
    func remove() {
        _ = unlink(draftPath)
        _ = unlink(path)
    }

    func removeDraft() { _ = unlink(draftPath) }
}

extension Int32 {
    fileprivate func write(whole bytes: [UInt8]) throws(FileFault) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(self, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { throw .last }
            rest = rest.dropFirst(Swift.max(0, count))
        }
    }

    /// Long before it was written: bash tells of a file that is no larger than before only where nobody has read it since.
    fileprivate func setUnread() throws(FileFault) {
        var facts = stat()
        guard fstat(self, &facts) == 0 else { throw .last }
        let times = [timespec(tv_sec: 1, tv_nsec: 0), facts.st_mtim]
        guard futimens(self, times) == 0 else { throw .last }
    }
}

/// Makes the directories of `path` below `base`, which is there; for everybody to look into.
func makeDirectories(_ path: String, below base: String) throws(SidecarError) {
    var place = base
    for part in path.split(separator: "/") {
        place += "/" + part
        guard mkdir(place, 0o755) == 0 || errno == EEXIST else {
            throw .fileNotWritten(path: place, reason: FileFault.last.reason)
        }
        _ = chmod(place, 0o755)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Which file stood at a path, and in which state, when it was read. Another file that is moved into its place, and a
/// write into it, make another stamp.
package struct FileStamp: Sendable, Hashable {
    package let path: String
    /// Nil where no file could be looked at.
    private let facts: Facts?

    private struct Facts: Sendable, Hashable {
        let device: UInt
        let inode: UInt
        let bytes: Int
        let modified: Moment
        /// When its name, owner or contents changed: a file that is moved with its old times still differs.
        let changed: Moment

        init(_ facts: stat) {
            device = UInt(facts.st_dev)
            inode = UInt(facts.st_ino)
            bytes = Int(facts.st_size)
            modified = Moment(facts.st_mtim)
            changed = Moment(facts.st_ctim)
        }
    }

    private struct Moment: Sendable, Hashable {
        let seconds: Int
        let nanoseconds: Int

        init(_ time: timespec) {
            seconds = time.tv_sec
            nanoseconds = time.tv_nsec
        }
    }

    /// The file that stands at `path` now; a symbolic link is followed.
    package init(at path: String) {
        var facts = stat()
        self.path = path
        self.facts = stat(path, &facts) == 0 ? Facts(facts) : nil
    }

    /// The file that was opened.
    init(_ path: String, _ facts: stat) {
        self.path = path
        self.facts = Facts(facts)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization
import Workers

/// How a file of LXCFS is found.
enum FileState: Equatable, Sendable {
    case readable
    case directory
    case absent
    /// Whoever served the mount is gone.
    case disconnected
    /// It is mounted, and nobody answers.
    case silent
    case unreadable(String)

    /// Looks on another thread: a call into a file system whose process hangs does not come back.
    init(of path: String, patience: Duration) {
        let answer = Answer()
        startThread { answer.give(FileState(of: path)) }
        self = answer.wait(patience) ?? .silent
    }

    private init(of path: String) {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            self = FileState(errno)
            return
        }
        defer { close(file) }
        var byte: UInt8 = 0
        self = read(file, &byte, 1) >= 0 ? .readable : FileState(errno)
    }

    private init(_ code: Int32) {
        switch code {
        case ENOENT, ENOTDIR: self = .absent
        case ENOTCONN, ECONNABORTED: self = .disconnected
        case EISDIR: self = .directory
        default: self = .unreadable(String(cString: strerror(code)))
        }
    }
}

/// What the other thread has found. The pipe is closed once there is something, which wakes who waits.
private final class Answer: Sendable {
    private let state = Mutex<FileState?>(nil)
    private let reading: Int32
    private let writing: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "the system has no descriptor left: \(String(cString: strerror(errno)))")
        (reading, writing) = (ends[0], ends[1])
    }

    func give(_ found: FileState) {
        state.withLock { $0 = found }
        close(writing)
    }

    func wait(_ patience: Duration) -> FileState? {
        var end = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
        poll(&end, 1, Int32(patience.components.seconds * 1000))
        close(reading)
        return state.withLock(\.self)
    }
}

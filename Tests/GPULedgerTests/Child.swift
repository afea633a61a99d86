// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A child process whose standard output is read line by line.
final class Child {
    private let process: pid_t
    private let output: Int32
    private var unread: [UInt8] = []

    /// Nil when it cannot be started.
    init?(_ program: String, _ arguments: [String]) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        defer { posix_spawn_file_actions_destroy(&actions) }

        var argv: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for text in argv { free(text) } }
        var started: pid_t = 0
        let code = posix_spawn(&started, program, &actions, nil, &argv, environ)
        close(ends[1])
        guard code == 0 else {
            close(ends[0])
            return nil
        }
        process = started
        output = ends[0]
    }

    deinit { close(output) }

    /// Nil at the end of the output; a line without its end is not a line.
    func nextLine() -> String? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread.removeFirst(end + 1) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = read(output, &chunk, chunk.count)
            guard count > 0 else { return nil }
            unread += chunk.prefix(count)
        }
    }

    /// Ends it with SIGKILL, and waits for it.
    func kill() {
        Glibc.kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
    }
}

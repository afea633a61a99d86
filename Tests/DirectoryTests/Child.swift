// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Synchronization

/// A child process with pipes at its input and output, which no other child holds open.
///
/// Foundation's own lets every child inherit the pipes of all others, so that none sees the end of its input.
struct Child: Sendable {
    let id: pid_t
    private let input: Int32
    private let output: Int32

    /// - Parameter command: an absolute path and arguments.
    init(_ command: [String]) throws {
        (id, input, output) = try Self.spawning.withLock { _ in try Self.spawn(command) }
    }

    /// One at a time, so that no child is born between a pipe and its close-on-exec.
    private static let spawning = Mutex(())

    private static func spawn(_ command: [String]) throws -> (pid_t, Int32, Int32) {
        let (input, output) = (try pipe(), try pipe())
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.reading, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writing, 1)
        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var id = pid_t()
        let code = posix_spawn(&id, command[0], &actions, nil, &arguments, environ)
        close(input.reading)
        close(output.writing)
        guard code == 0 else { throw POSIXError(.init(rawValue: code) ?? .EIO) }
        return (id, input.writing, output.reading)
    }

    private static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    func write(_ text: String) {
        let bytes = Array(text.utf8)
        precondition(Glibc.write(input, bytes, bytes.count) == bytes.count, "the child takes no input")
    }

    /// Up to the line's end, or what there is.
    func line() -> [UInt8] {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        return line
    }

    /// Ends its input and waits for its end; to be called once.
    @discardableResult func finish() -> Int32 {
        close(input)
        var rest = [UInt8](repeating: 0, count: 4096)
        while read(output, &rest, rest.count) > 0 {}
        close(output)
        var status: Int32 = 0
        waitpid(id, &status, 0)
        return status
    }
}

// SPDX-License-Identifier: Apache-2.0
package import Foundation
import Glibc
import Synchronization

/// A child process with pipes at its input and output, which no other child holds open.
///
/// Not Foundation's: that one lets every child inherit the pipes of all others, so that none sees the end of its
/// input, and up to Swift 6.3 it can crash where a thousand files are open, as in our tests
/// (swift-corelibs-foundation, pull request 5472).
package struct Child: Sendable {
    /// Where what it says on its standard error goes.
    package enum Errors: Sendable {
        case shown
        case discarded
        case withOutput
    }

    package let id: pid_t
    private let input: Int32
    private let output: Int32

    /// - Parameter command: an absolute path and arguments.
    package init(_ command: [String], errors: Errors = .shown) throws {
        (id, input, output) = try Self.spawning.withLock { _ in try Self.spawn(command, errors) }
    }

    /// One at a time, so that no child is born between a pipe and its close-on-exec.
    private static let spawning = Mutex(())

    private static func spawn(_ command: [String], _ errors: Errors) throws -> (pid_t, Int32, Int32) {
        let (input, output) = (try pipe(), try pipe())
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.reading, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writing, 1)
        switch errors {
        case .shown: break
        case .discarded: posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        case .withOutput: posix_spawn_file_actions_adddup2(&actions, output.writing, 2)
        }
        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var id = pid_t()
        let code = posix_spawn(&id, command[0], &actions, nil, &arguments, environ)
        close(input.reading)
        close(output.writing)
        guard code == 0 else {
            close(input.writing)
            close(output.reading)
            throw POSIXError(.init(rawValue: code) ?? .EIO)
        }
        return (id, input.writing, output.reading)
    }

    private static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    package func write(_ text: String) {
        let bytes = Array(text.utf8)
        precondition(Glibc.write(input, bytes, bytes.count) == bytes.count, "the child takes no input")
    }

    /// Up to the line's end, or what there is.
    package func line() -> [UInt8] {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        return line
    }

    /// Ends its input and waits for its end; to be called once.
    @discardableResult package func finish() -> Int32 {
        close(input)
        return rest().status
    }

    /// Kills it and waits for its end; to be called once. Not by SIGTERM: children inherit that it is blocked, as it is
    /// in the threads that tests run on.
    package func kill() {
        _ = Glibc.kill(id, SIGKILL)
        finish()
    }

    private func rest() -> (output: Data, status: Int32) {
        var data = Data()
        var part = [UInt8](repeating: 0, count: 65536)
        while case let count = read(output, &part, part.count), count > 0 { data.append(contentsOf: part[..<count]) }
        close(output)
        var status: Int32 = 0
        waitpid(id, &status, 0)
        return (data, status)
    }
}

extension Child {
    /// Runs `command` to its end, with nothing at its input.
    ///
    /// - Returns: what it wrote, and its exit status as `waitpid` has it: 0 for success.
    package static func output(
        of command: [String], errors: Errors = .shown
    ) throws -> (output: Data, status: Int32) {
        let child = try Child(command, errors: errors)
        close(child.input)
        return child.rest()
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
internal import Synchronization

/// Signals as events of a loop.
///
/// The signal's handler writes one byte to a pipe that the loop reads. signalfd would need the signals blocked in
/// every thread there is, before the first of them starts, and child processes would inherit that.
package final class SignalWatch: EventHandler, @unchecked Sendable {
    private let input: Int32
    private let handler: @Sendable (Int32) -> Void

    /// Calls `handler` on `loop` with each of `signals` that comes. Once a process; lasts as long as the loop.
    package static func start(
        _ signals: [Int32],
        on loop: EventLoop,
        handler: @escaping @Sendable (Int32) -> Void
    ) throws(SocketError) {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC | O_NONBLOCK) == 0 else { throw .last("pipe2") }
        let (before, _) = signalPipe.compareExchange(expected: -1, desired: ends[1], ordering: .sequentiallyConsistent)
        precondition(before, "signals are watched once in a process")
        let watch = SignalWatch(input: ends[0], handler: handler)
        loop.execute { watch.sit(at: loop) }
        for signal in signals { catchSignal(signal) }
    }

    /// A peer that hangs up is then an error of the write, not the end of the process.
    package static func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }

    private init(input: Int32, handler: @escaping @Sendable (Int32) -> Void) {
        self.input = input
        self.handler = handler
    }

    private func sit(at loop: EventLoop) {
        _ = try? loop.add(self, descriptor: input, interest: [.input])
    }

    package func ready(_ readiness: Readiness) {
        var signal: UInt8 = 0
        while read(input, &signal, 1) == 1 { handler(Int32(signal)) }
    }

    package func expired() {}

    private static func catchSignal(_ number: Int32) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { noteSignal($0) }
        action.sa_flags = SA_RESTART
        sigaction(number, &action, nil)
    }
}

/// The pipe's writing end, -1 before there is one.
private let signalPipe = Atomic<Int32>(-1)

/// Runs inside the signal handler, so it makes one system call and leaves `errno` as it was.
private func noteSignal(_ number: Int32) {
    let before = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(signalPipe.load(ordering: .relaxed), &byte, 1)
    errno = before
}

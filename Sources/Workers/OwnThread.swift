// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Runs `body` on a thread of its own, which ends with it.
///
/// The thread takes no signals: those are for the threads that wait for them.
package func startThread(_ body: @escaping @Sendable () -> Void) {
    let start = Unmanaged.passRetained(ThreadStart(body))
    var thread = pthread_t()
    let code = pthread_create(&thread, nil, { ThreadStart.run($0) }, start.toOpaque())
    precondition(code == 0, "the system has no thread left: \(String(cString: strerror(code)))")
    pthread_detach(thread)
}

private final class ThreadStart {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    static func run(_ start: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let start else { return nil }
        let thread = Unmanaged<ThreadStart>.fromOpaque(start).takeRetainedValue()
        var signals = sigset_t()
        sigfillset(&signals)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        thread.body()
        return nil
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// A thread that runs one function and can be waited for.
package struct LoopThread: Sendable {
    private let id: UInt

    /// - Parameter name: shown by `top -H`; the kernel keeps 15 bytes of it.
    package init(named name: String, _ body: @escaping @Sendable () -> Void) throws(SocketError) {
        let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
        var id: pthread_t = 0
        let result = pthread_create(&id, nil, { runThread($0) }, start.toOpaque())
        guard result == 0 else {
            start.release()
            throw .system(call: "pthread_create", errno: result)
        }
        self.id = id
    }

    /// Returns when the function has; to be called once.
    package func join() { pthread_join(id, nil) }
}

private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
    _ = pthread_setname_np(pthread_self(), String(start.name.prefix(15)))
    start.body()
    return nil
}

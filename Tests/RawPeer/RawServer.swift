// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import Sockets
import Synchronization

/// A listening socket that does with each connection what the test says, right or wrong.
package final class RawServer: Sendable {
    package let port: UInt16
    private let listener: Int32
    private let thread: LoopThread
    private let state: State

    private final class State: Sendable {
        let connections = Mutex<[RawConnection]>([])
        let threads = Mutex<[LoopThread]>([])
        let isEnding = Atomic<Bool>(false)
        let heads = Mutex<[String]>([])
    }

    /// `serve` runs on a thread of the connection's own, and ends when the other side or the test does; then the
    /// connection is closed.
    package init(_ serve: @escaping @Sendable (RawConnection) -> Void) throws {
        // A child that is started meanwhile must not hold connections open that we close.
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        port = RawServer.listen(listener)
        self.listener = listener
        let state = State()
        self.state = state
        thread = try LoopThread(named: "raw-server") {
            while true {
                let descriptor = accept4(listener, nil, nil, O_CLOEXEC)
                guard descriptor >= 0, !state.isEnding.load(ordering: .relaxed) else { return }
                let connection = RawConnection(descriptor) { head in state.heads.withLock { $0.append(head) } }
                state.connections.withLock { $0.append(connection) }
                guard
                    let thread = try? LoopThread(
                        named: "raw-conn",
                        {
                            serve(connection)
                            connection.close()
                        })
                else { return connection.close() }
                state.threads.withLock { $0.append(thread) }
            }
        }
    }

    /// Sends `answer` to each request, then closes.
    package convenience init(answer: String) throws {
        try self.init { connection in
            guard connection.readHead() else { return }
            connection.send(answer)
        }
    }

    package var url: String { "http://127.0.0.1:\(port)" }
    package var connectionCount: Int { state.connections.withLock { $0.count } }
    /// The heads of all requests that were read.
    package var heads: [String] { state.heads.withLock { $0 } }
    /// Connections that the other side has not closed.
    package var openCount: Int { state.connections.withLock { $0.count { !$0.hasEnded } } }

    deinit {
        state.isEnding.store(true, ordering: .relaxed)
        shutdown(listener, Int32(SHUT_RDWR))
        thread.join()
        close(listener)
        for connection in state.connections.withLock({ $0 }) { connection.cut() }
        for thread in state.threads.withLock({ $0 }) { thread.join() }
    }

    /// The port, chosen by the kernel.
    package static func listen(_ descriptor: Int32, backlog: Int32 = 64) -> UInt16 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && Glibc.listen(descriptor, backlog) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        precondition(result, "a socket on loopback")
        return UInt16(bigEndian: address.sin_port)
    }
}

/// One connection of a `RawServer`.
package final class RawConnection: Sendable {
    private let descriptor: Int32
    private let note: @Sendable (String) -> Void
    private let isClosed = Mutex(false)
    private let ended = Atomic<Bool>(false)
    private let last = Mutex("")

    fileprivate init(_ descriptor: Int32, note: @escaping @Sendable (String) -> Void) {
        self.descriptor = descriptor
        self.note = note
    }

    package var hasEnded: Bool { ended.load(ordering: .relaxed) }

    /// Of the request that was read last.
    package var lastHead: String { last.withLock { $0 } }

    /// A request's head; false when the other side has gone.
    package func readHead() -> Bool {
        var head = ""
        var byte: UInt8 = 0
        while !head.hasSuffix("\r\n\r\n") {
            guard recv(descriptor, &byte, 1, 0) == 1 else {
                ended.store(true, ordering: .relaxed)
                return false
            }
            head.unicodeScalars.append(Unicode.Scalar(byte))
        }
        note(head)
        last.withLock { $0 = head }
        return true
    }

    /// False when the other side has gone.
    @discardableResult
    package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CLINUX_MSG_NOSIGNAL)
            }
            guard count > 0 else {
                ended.store(true, ordering: .relaxed)
                return false
            }
            sent += count
        }
        return true
    }

    /// Waits until the other side closes.
    package func awaitEnd() {
        var byte: UInt8 = 0
        while recv(descriptor, &byte, 1, 0) > 0 {}
        ended.store(true, ordering: .relaxed)
    }

    /// Closes with a reset.
    package func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    package func close() {
        ended.store(true, ordering: .relaxed)
        isClosed.withLock { isClosed in
            if !isClosed { _ = Glibc.close(descriptor) }
            isClosed = true
        }
    }

    /// Wakes whoever reads or writes.
    fileprivate func cut() {
        isClosed.withLock { if !$0 { _ = shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }
}

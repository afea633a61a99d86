// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// Takes the connections that a listener accepts.
package protocol ListenerOwner: AnyObject {
    /// False while no more connections may be taken; they then wait in the kernel's queue, which has its own bound.
    var hasRoom: Bool { get }
    /// The descriptor is non-blocking and the owner's to close.
    func accepted(_ descriptor: Int32, from peer: PeerAddress)
}

/// One listening socket at one loop.
package final class Listener: EventHandler {
    private let descriptor: Int32
    private let loop: EventLoop
    private unowned let owner: any ListenerOwner
    private let interest: Interest
    private var seat: Seat?
    /// Given up for a moment when the process has no descriptor left, to take a connection and close it. Otherwise it
    /// would stay in the queue, and the loop would be told of it without end.
    private var reserve: Int32

    /// The rest of the queue waits a turn, so that a flood of new connections leaves the old ones their share.
    private static let connectionsPerTurn = 64
    private static let pauseMilliseconds: UInt64 = 50

    package init(
        descriptor: Int32,
        shared: Bool,
        loop: EventLoop,
        owner: any ListenerOwner
    ) throws(SocketError) {
        self.descriptor = descriptor
        self.loop = loop
        self.owner = owner
        interest = shared ? [.input, .exclusive] : [.input]
        reserve = Listener.openReserve()
        seat = try loop.add(self, descriptor: descriptor, interest: interest)
    }

    private static func openReserve() -> Int32 { open("/dev/null", O_RDONLY | O_CLOEXEC) }

    package func ready(_ readiness: Readiness) {
        for _ in 0..<Listener.connectionsPerTurn where seat != nil {
            guard owner.hasRoom else { return pause() }
            guard acceptOne() else { return }
        }
    }

    /// Takes what is still in the queue, then closes. What came in is the owner's; what comes later is refused.
    package func drain() {
        while acceptOne() {}
        close()
    }

    package func close() {
        guard let seat else { return }
        self.seat = nil
        loop.remove(seat, descriptor: descriptor)
        _ = Glibc.close(descriptor)
        if reserve >= 0 { _ = Glibc.close(reserve) }
    }

    /// False when the queue is empty, or the listener has to rest.
    private func acceptOne() -> Bool {
        var address = sockaddr_storage()
        let connection = accept(&address)
        if connection >= 0 {
            owner.accepted(connection, from: PeerAddress(address))
            return true
        }
        switch errno {
        case EAGAIN: return false
        case EMFILE, ENFILE: return dropOne()
        // The connection was gone before it was taken, or an error of its network shows here (accept(2)).
        case EINTR, ECONNABORTED, EPERM, EPROTO, ENOPROTOOPT, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH:
            return true
        default:
            pause()
            return false
        }
    }

    private func accept(_ address: inout sockaddr_storage) -> Int32 {
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                accept4(descriptor, $0, &length, CLINUX_ACCEPT_FLAGS)
            }
        }
    }

    /// Closes the queue's first connection by way of the reserve. False when even that could not be done.
    private func dropOne() -> Bool {
        guard reserve >= 0 else {
            reserve = Listener.openReserve()
            if reserve < 0 { pause() }
            return reserve >= 0
        }
        _ = Glibc.close(reserve)
        let connection = accept4(descriptor, nil, nil, CLINUX_ACCEPT_FLAGS)
        if connection >= 0 { _ = Glibc.close(connection) }
        reserve = Listener.openReserve()
        return connection >= 0
    }

    // MARK: Resting

    /// Leaves epoll for a moment; EPOLLEXCLUSIVE forbids changing the interest instead.
    private func pause() {
        guard let seat else { return }
        loop.remove(seat, descriptor: descriptor)
        let resting = loop.add(self)
        loop.setDeadline(loop.now + Listener.pauseMilliseconds, of: resting)
        self.seat = resting
    }

    package func expired() {
        guard let seat else { return }
        guard let again = try? loop.add(self, descriptor: descriptor, interest: interest) else {
            return loop.setDeadline(loop.now + Listener.pauseMilliseconds, of: seat)
        }
        loop.remove(seat)
        self.seat = again
    }
}

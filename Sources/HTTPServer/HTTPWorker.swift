// SPDX-License-Identifier: Apache-2.0
internal import Sockets
internal import Synchronization

/// One loop's part of a server: its listeners, its connections, and the buffers that these share.
///
/// Touched on its loop only, but for its making.
final class HTTPWorker: ListenerOwner, EventHandler, @unchecked Sendable {
    let loop: EventLoop
    let service: any HTTPService
    let limits: HTTPLimits
    let timeouts: HTTPTimeouts
    /// Every connection reads into this, so that one that is idle holds no buffer.
    let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    /// What the connection that is at work has to send.
    let output = HTTPOutput()
    let date = HTTPDate()
    private(set) var isDraining = false

    private let open: ConnectionCount
    private var listeners: [Listener] = []
    private var entrances: [SecureEntrance] = []
    private var connections: [HTTPConnection] = []
    private var spare: [HTTPConnection] = []
    private var tasks = 0

    /// Closed connections kept for the next ones.
    private static let spareMax = 256

    init(loop: EventLoop, service: any HTTPService, limits: HTTPLimits, open: ConnectionCount) {
        self.loop = loop
        self.service = service
        self.limits = limits
        self.open = open
        timeouts = HTTPTimeouts(limits)
    }

    deinit { input.deallocate() }

    /// - Parameter tls: what connections speak; nil for nothing between HTTP and the socket.
    func listen(on descriptor: Int32, shared: Bool, tls: TLSInForce?) throws(SocketError) {
        let entrance = tls.map { SecureEntrance(to: self, tls: $0) }
        if let entrance { entrances.append(entrance) }
        let owner: any ListenerOwner = entrance ?? self
        listeners.append(try Listener(descriptor: descriptor, shared: shared, loop: loop, owner: owner))
    }

    func closeListeners() {
        for listener in listeners { listener.close() }
    }

    // MARK: Connections

    var hasRoom: Bool { open.value < limits.connectionsMax + limits.connectionsSurplusMax }

    func accepted(_ descriptor: Int32, from peer: PeerAddress) { take(.plain(descriptor: descriptor), from: peer) }

    func take(_ transport: Transport, from peer: PeerAddress) {
        let connection = spare.popLast() ?? HTTPConnection(worker: self)
        let isSurplus = open.add() > limits.connectionsMax
        connection.index = connections.count
        connections.append(connection)
        connection.open(transport, peer: peer, isSurplus: isSurplus)
    }

    func closed(_ connection: HTTPConnection) {
        open.remove()
        connections[connection.index] = connections[connections.count - 1]
        connections[connection.index].index = connection.index
        connections.removeLast()
        if spare.count < HTTPWorker.spareMax { spare.append(connection) }
        stopIfDrained()
    }

    // MARK: Tasks

    /// Runs `work` as a task on this loop and brings its answer to `connection`, if that still waits for it then.
    func start(_ work: @escaping @Sendable () async -> HTTPResponse, for connection: HTTPConnection) {
        tasks += 1
        let ticket = connection.ticket
        Task(executorPreference: loop) {
            let response = await work()
            self.finish(response, for: connection, ticket: ticket)
        }
    }

    /// A task that outlives its loop, as one past the drain's deadline does, ends elsewhere; nobody waits for it.
    private func finish(_ response: HTTPResponse, for connection: HTTPConnection, ticket: UInt32) {
        guard loop.isCurrent else { return }
        tasks -= 1
        connection.complete(with: response, ticket: ticket)
        stopIfDrained()
    }

    // MARK: Draining

    /// Lets no more in, finishes what is in, and stops the loop; whatever is left at `deadline` is cut off. Again with
    /// another deadline: that one counts.
    func drain(within milliseconds: UInt64) {
        let deadlineSeat = seat ?? loop.add(self)
        seat = deadlineSeat
        loop.setDeadline(nil, of: deadlineSeat)
        loop.setDeadline(loop.now + milliseconds, of: deadlineSeat)
        guard !isDraining else { return }
        isDraining = true
        for listener in listeners { listener.drain() }
        for connection in Array(connections) { connection.drain() }
        stopIfDrained()
    }

    private var seat: Seat?

    func ready(_ readiness: Readiness) {}

    /// The drain's deadline.
    func expired() {
        for connection in Array(connections) { connection.close() }
        loop.stop()
    }

    private func stopIfDrained() {
        if isDraining, connections.isEmpty, tasks == 0 { loop.stop() }
    }

    /// Breaks the rings of references, once the loop has ended.
    func discard() {
        spare = []
        if let seat { loop.remove(seat) }
        seat = nil
    }
}

/// A worker's door for those who speak TLS.
private final class SecureEntrance: ListenerOwner {
    private unowned let worker: HTTPWorker
    private let tls: TLSInForce

    init(to worker: HTTPWorker, tls: TLSInForce) {
        self.worker = worker
        self.tls = tls
    }

    var hasRoom: Bool { worker.hasRoom }

    func accepted(_ descriptor: Int32, from peer: PeerAddress) {
        guard let session = TLSSession(tls.current, descriptor: descriptor) else {
            var transport = Transport.plain(descriptor: descriptor)
            return transport.close()
        }
        worker.take(.secure(session), from: peer)
    }
}

/// The time limits in the loop's milliseconds.
struct HTTPTimeouts {
    let handshake, header, body, request, idle, write, linger: UInt64

    init(_ limits: HTTPLimits) {
        handshake = limits.handshakeTimeout.milliseconds
        header = limits.headerTimeout.milliseconds
        body = limits.bodyTimeout.milliseconds
        request = limits.requestTimeout.milliseconds
        idle = limits.idleTimeout.milliseconds
        write = limits.writeTimeout.milliseconds
        linger = limits.lingerTimeout.milliseconds
    }
}

extension Duration {
    /// Whole milliseconds, none when negative.
    var milliseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(max(0, seconds)) * 1000 + UInt64(max(0, attoseconds)) / 1_000_000_000_000_000
    }
}

/// The open connections of a whole server.
final class ConnectionCount: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    /// The number with the new one.
    func add() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
    func remove() { count.wrappingSubtract(1, ordering: .relaxed) }
}

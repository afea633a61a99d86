// SPDX-License-Identifier: Apache-2.0
internal import Sockets

/// One client's connection: reads requests, has them answered one after the other, and writes the answers.
///
/// Lives on its worker's loop. Between requests it holds no buffer. Requests that come pipelined wait, in `held` and
/// then in the kernel's buffer, until the one before is answered; so answers are in order, and nothing grows.
final class HTTPConnection: EventHandler, @unchecked Sendable {
    enum Phase {
        /// TLS is being agreed on; nothing is served.
        case greeting
        case reading
        /// A task has the request; nothing is read until it is done.
        case answering
        /// The last answer is sent; what the client still sends is dropped until it ends its side.
        case lingering
        case closed
    }

    let worker: HTTPWorker
    /// Its place among the worker's connections.
    var index = 0
    /// Which use of this object it is; an answer for an earlier one is dropped.
    private(set) var ticket: UInt32 = 0

    var phase = Phase.closed
    var transport = Transport.plain(descriptor: -1)
    var peer = PeerAddress.unknown
    /// Whom TLS has proven the client to be; nil for somebody.
    var certificate: PeerCertificate?
    var parser: HTTPRequestParser
    var request: HTTPRequestHead?

    // Input
    /// The socket may have bytes: no event will tell of those again.
    var mayHaveInput = false
    /// TLS must send before anything more can be received.
    var inputWaitsForRoom = false
    /// The client has ended its side, which is seen for certain only by reading to the end.
    var peerHasEnded = false
    /// Bytes that were read while their request has to wait, from `heldStart` on.
    var held: [UInt8] = []
    var heldStart = 0
    var holdsInput = false
    var lingerBytesLeft = 0

    // Output
    /// What the socket did not take yet, from `unsentStart` on.
    var unsent: [UInt8] = []
    var unsentStart = 0
    /// There is something unsent.
    var isBlocked = false
    var watchesOutput = false

    // Where the request stands
    /// The request at hand is answered, and its body is still to be skipped.
    var isRefused = false
    /// Nothing more is served after what is being sent.
    var closesAfterOutput = false
    /// The client may still be sending, so that closing at once could cost it the answer.
    var lingers = false
    /// Above `HTTPLimits.connectionsMax`.
    var isSurplus = false
    var hasServed = false

    // Times, as the loop's clock has them
    /// When the first byte of the request at hand came; 0 between requests.
    var requestBegan: UInt64 = 0
    var lastInput: UInt64 = 0
    var lastOutput: UInt64 = 0
    /// When a handshake that is not over ends the connection.
    private var greetedBy: UInt64 = 0

    private var seat: Seat?

    init(worker: HTTPWorker) {
        self.worker = worker
        parser = HTTPRequestParser(limits: worker.limits)
    }

    // MARK: Life

    func open(_ transport: Transport, peer: PeerAddress, isSurplus: Bool) {
        self.transport = transport
        self.peer = peer
        self.isSurplus = isSurplus
        phase = transport.isSecure ? .greeting : .reading
        greetedBy = worker.loop.now + worker.timeouts.handshake
        do throws(SocketError) {
            seat = try worker.loop.add(self, descriptor: transport.descriptor, interest: HTTPConnection.inputOnly)
            settle()
        } catch {
            close()
        }
    }

    /// Gives everything back; the object may then serve another connection.
    func close() {
        guard phase != .closed else { return }
        phase = .closed
        ticket &+= 1
        if let seat { worker.loop.remove(seat) }
        seat = nil
        transport.close()
        reset()
        worker.closed(self)
    }

    private func reset() {
        (transport, certificate, inputWaitsForRoom) = (.plain(descriptor: -1), nil, false)
        parser = HTTPRequestParser(limits: worker.limits)
        request = nil
        (held, heldStart, holdsInput, mayHaveInput, peerHasEnded) = ([], 0, false, false, false)
        (unsent, unsentStart, isBlocked, watchesOutput) = ([], 0, false, false)
        (isRefused, closesAfterOutput, lingers, hasServed) = (false, false, false, false)
        (requestBegan, lastInput, lastOutput) = (0, 0, 0)
    }

    // MARK: Events

    func ready(_ readiness: Readiness) {
        guard !readiness.isBroken else { return close() }
        if readiness.peerHasEnded { peerHasEnded = true }
        if readiness.hasInput { mayHaveInput = true }
        if readiness.hasRoom { roomCame() }
        if isBlocked, readiness.hasRoom || transport.isSecure { sendUnsent() }
        advance()
    }

    private func roomCame() {
        guard inputWaitsForRoom else { return }
        (inputWaitsForRoom, mayHaveInput) = (false, true)
        if !isBlocked { watchOutput(false) }
    }

    func expired() {
        if phase == .greeting { worker.service.noteFailedHandshake(from: peer, reason: "it took too long") }
        guard phase == .reading, !isBlocked, parser.stage != .idle else { return close() }
        refuse(.timedOut)
        flush()
        settle()
    }

    /// An idle connection closes, after a look at what may have come in the meantime; one at work closes after its
    /// answer, which `settle` and `answer` see to.
    func drain() {
        greetedBy = min(greetedBy, worker.loop.now + HTTPConnection.drainGraceMilliseconds)
        mayHaveInput = true
        advance()
    }

    /// Goes on as far as there is something to read, room to write, and a turn's share left.
    func advance() {
        guard phase != .lingering else { return dropInput() }
        if phase == .greeting { greet() }
        var reads = HTTPConnection.readsPerTurn
        repeat {
            while mayServe, hasWork, reads > 0 {
                if holdsInput { serveHeld() } else { readOnce() }
                reads -= 1
            }
            flush()
        } while mayServe && hasWork && reads > 0
        if mayServe, hasWork { comeBack() }
        settle()
    }

    private var hasWork: Bool { holdsInput || mayHaveInput }

    /// The rest of the loop has its turn first.
    private func comeBack() {
        let ticket = ticket
        worker.loop.execute { if self.ticket == ticket { self.advance() } }
    }

    /// Nothing is read while an answer is awaited or not yet taken by the client.
    var mayServe: Bool {
        phase == .reading && !closesAfterOutput && !isBlocked
            && worker.output.total < HTTPConnection.outputBytesPerWrite
    }

    static let outputBytesPerWrite = 256 * 1024
    private static let readsPerTurn = 16
    private static let inputOnly: Interest = [.input, .peerEnd, .edges]

    // MARK: Between events

    /// Closes if all is said, else sets the time at which to act if nothing happens.
    func settle() {
        guard phase != .closed, let seat else { return }
        if !isBlocked, phase != .lingering {
            if closesAfterOutput { return lingers ? linger() : close() }
            if worker.isDraining, hasServed, isIdle { return close() }
        }
        worker.loop.setDeadline(deadline(), of: seat)
    }

    private var isIdle: Bool { phase == .reading && !hasWork && parser.stage == .idle }

    /// A client that connected just before the drain has this long to send its request.
    private static let drainGraceMilliseconds: UInt64 = 1000

    private func deadline() -> UInt64? {
        let times = worker.timeouts
        let now = worker.loop.now
        guard phase != .lingering else { return lastInput + times.linger }
        guard !isBlocked else { return lastOutput + times.write }
        guard phase != .greeting else { return greetedBy }
        guard phase == .reading else { return nil }
        switch parser.stage {
        case .idle: return now + idleMilliseconds
        case .head: return requestBegan + times.header
        case .body: return min(lastInput + times.body, requestBegan + times.request)
        }
    }

    private var idleMilliseconds: UInt64 {
        if worker.isDraining { return HTTPConnection.drainGraceMilliseconds }
        return isSurplus ? worker.timeouts.header : worker.timeouts.idle
    }

    /// Asks for output events only while something is unsent, since a Unix socket tells of each read by the peer.
    func watchOutput(_ watches: Bool) {
        guard watches != watchesOutput, let seat else { return }
        watchesOutput = watches
        let interest = watches ? HTTPConnection.inputOnly.union(.output) : HTTPConnection.inputOnly
        worker.loop.setInterest(interest, of: seat, descriptor: transport.descriptor)
    }

    private func linger() {
        transport.endOutput()
        phase = .lingering
        lastInput = worker.loop.now
        lingerBytesLeft = worker.limits.lingerBytes
        mayHaveInput = true
        dropInput()
        if phase == .lingering, let seat { worker.loop.setDeadline(deadline(), of: seat) }
    }
}

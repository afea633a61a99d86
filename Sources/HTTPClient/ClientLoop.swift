// SPDX-License-Identifier: Apache-2.0
internal import Sockets
internal import Synchronization

/// One loop's part of a client: its transfers, the calls that wait for a connection, its pool.
///
/// A transfer is HTTP/1.1 and so has a connection for itself; by counting transfers we bound connections, and libcurl
/// never queues. Touched on the loop only, but for its making and its counts.
final class ClientLoop: @unchecked Sendable {
    let loop: EventLoop
    private let trust: HTTPClientTrust
    private let limits: HTTPClientLimits
    private var curl: CurlMulti?
    private var running: [ObjectIdentifier: Call] = [:]
    private var runningPerOrigin: [Origin: Int] = [:]
    private var waiting: WaitingCalls<Call>
    private var isClosed = false
    /// Those who wait for the end.
    private var drains: [Drain] = []
    private let counts = Counts()

    init(_ loop: EventLoop, trust: HTTPClientTrust, limits: HTTPClientLimits) {
        self.loop = loop
        self.trust = trust
        self.limits = limits
        waiting = WaitingCalls(most: limits.waitersMax, mostPerOrigin: limits.waitersPerOriginMax)
    }

    var runningCount: Int { counts.running.load(ordering: .relaxed) }
    var waitingCount: Int { counts.waiting.load(ordering: .relaxed) }

    // MARK: Coming

    /// The outcome of one attempt; from any thread.
    func perform(_ exchange: Exchange) async -> Result<HTTPClientResponse, HTTPClientError> {
        await perform(Call(exchange, owner: self))
    }

    /// The head of its answer; what follows goes into `body`.
    func perform(
        _ exchange: Exchange, into body: StreamBody
    ) async -> (Call, Result<HTTPClientResponse, HTTPClientError>) {
        let call = Call(exchange, into: body, owner: self)
        return (call, await perform(call))
    }

    private func perform(_ call: Call) async -> Result<HTTPClientResponse, HTTPClientError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                call.awaited(by: continuation)
                bring(call)
            }
        } onCancel: {
            loop.execute { self.cancel(call) }
        }
    }

    /// As a job, not a call: a loop that has stopped drops calls, and the caller would wait for ever.
    private func bring(_ call: Call) {
        if loop.isCurrent { return admit(call) }
        Task(executorPreference: loop) {
            if self.loop.isCurrent { self.admit(call) } else { call.answer(.failure(.closed(call.exchange.origin))) }
        }
    }

    private func admit(_ call: Call) {
        let origin = call.exchange.origin
        guard !isClosed, !isDraining else { return call.answer(.failure(.closed(origin))) }
        guard !call.isCancelled else { return call.answer(.failure(.cancelled(origin))) }
        if hasRoom(for: origin) {
            start(call)
        } else if waiting.add(call, for: origin) {
            call.state = .waiting
        } else {
            return call.answer(.failure(.overloaded(origin, waiting: waiting.count(for: origin))))
        }
        setDeadline(of: call)
        count()
    }

    private func hasRoom(for origin: Origin) -> Bool {
        running.count < limits.connectionsMax && runningPerOrigin[origin, default: 0] < limits.connectionsPerOriginMax
    }

    private func setDeadline(of call: Call) {
        let seat = loop.add(call)
        call.seat = seat
        guard call.stream == nil else { return setDeadline(ofStreaming: call) }
        loop.setDeadline(loop.now + (call.exchange.deadline - .now).millisecondsUp, of: seat)
    }

    // MARK: Running

    private func start(_ call: Call) {
        let transfer = CurlTransfer(call.exchange, into: call.stream, trust: trust, limits: limits)
        if call.stream != nil {
            transfer.headCame = { [unowned self, unowned call] in
                call.answerHead(.success($0))
                setDeadline(ofStreaming: call)
            }
            transfer.pieceCame = { [unowned self, unowned call] in setDeadline(ofStreaming: call) }
        }
        call.state = .running(transfer)
        running[ObjectIdentifier(transfer)] = call
        runningPerOrigin[call.exchange.origin, default: 0] += 1
        let curl = self.curl ?? CurlMulti(at: loop, limits: limits, owner: self)
        self.curl = curl
        curl.add(transfer)
    }

    /// libcurl is done with it. Called outside of libcurl's own calls, so that the next one may start.
    func ended(_ transfer: CurlTransfer, _ result: Result<HTTPClientResponse, HTTPClientError>) {
        guard let call = running[ObjectIdentifier(transfer)] else { return }
        finish(call, result)
    }

    /// The deadline of the whole, or of the peer's silence where it is the peer that we wait for.
    private func setDeadline(ofStreaming call: Call) {
        guard let seat = call.seat, let stream = call.stream else { return }
        let whole = loop.now + (call.exchange.deadline - .now).millisecondsUp
        let silence = stream.isPaused ? UInt64.max : loop.now + stream.idle.millisecondsUp
        loop.setDeadline(min(whole, silence), of: seat)
    }

    /// The consumer has made room.
    func goOn(_ call: Call) {
        guard case .running(let transfer) = call.state else { return }
        setDeadline(ofStreaming: call)
        transfer.goOn()
    }

    // MARK: Ending

    /// Its time is over.
    func expired(_ call: Call) {
        finish(call, .failure(.timedOut(call.exchange.origin, during: call.phase)))
    }

    func cancel(_ call: Call) {
        call.isCancelled = true
        switch call.state {
        case .coming, .done: break
        case .waiting, .running: finish(call, .failure(.cancelled(call.exchange.origin)))
        }
    }

    /// Takes the call out of wherever it is, answers it and lets the next one run.
    private func finish(_ call: Call, _ result: Result<HTTPClientResponse, HTTPClientError>) {
        if let seat = call.seat { loop.remove(seat) }
        call.seat = nil
        switch call.state {
        case .coming, .done: break
        case .waiting: waiting.remove(call)
        case .running(let transfer): leave(transfer, of: call.exchange.origin)
        }
        while !isClosed, let next = waiting.takeFirst(where: hasRoom) { start(next) }
        count()
        call.answer(result)
        if isDraining, running.isEmpty, waiting.count == 0 { close() }
    }

    private func leave(_ transfer: CurlTransfer, of origin: Origin) {
        curl?.remove(transfer)
        running[ObjectIdentifier(transfer)] = nil
        let left = runningPerOrigin[origin, default: 0] - 1
        runningPerOrigin[origin] = left > 0 ? left : nil
    }

    private func count() {
        counts.running.store(running.count, ordering: .relaxed)
        counts.waiting.store(waiting.count, ordering: .relaxed)
    }

    // MARK: Closing

    /// Takes no more calls and returns when those at hand have ended, at the deadline at the latest; from any thread.
    func drain(within span: Duration) async {
        await withCheckedContinuation { continuation in
            Task(executorPreference: loop) {
                // A loop that has stopped has closed us.
                guard self.loop.isCurrent else { return continuation.resume() }
                self.drain(within: span, for: continuation)
            }
        }
    }

    private func drain(within span: Duration, for waiter: CheckedContinuation<Void, Never>) {
        drains.append(Drain(waiter, of: self, within: span))
        // A stream may be without end.
        for call in running.values where call.stream != nil { finish(call, .failure(.closed(call.exchange.origin))) }
        if running.isEmpty, waiting.count == 0 { close() }
    }

    /// From any thread; nobody waits for it.
    func closeSoon() { loop.execute { self.close() } }

    /// Cuts off what is left. Safe to call again.
    func close() {
        isClosed = true
        for call in Array(running.values) + waiting.takeAll() {
            finish(call, .failure(.closed(call.exchange.origin)))
        }
        curl?.close()
        curl = nil
        for drain in drains { drain.end() }
        drains = []
    }

    private var isDraining: Bool { !drains.isEmpty }
}

/// Read from any thread.
private final class Counts: Sendable {
    let running = Atomic<Int>(0)
    let waiting = Atomic<Int>(0)
}

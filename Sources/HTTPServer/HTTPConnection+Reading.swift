// SPDX-License-Identifier: Apache-2.0
internal import Sockets

extension HTTPConnection {
    func readOnce() {
        switch transport.receive(into: worker.input) {
        case .bytes(let count, let more):
            mayHaveInput = more || peerHasEnded
            lastInput = worker.loop.now
            let start = worker.input.baseAddress!.assumingMemoryBound(to: UInt8.self)
            let bytes = Span(_unsafeStart: start, count: count)
            let taken = serve(bytes, from: 0)
            if taken < count, phase != .closed { hold(bytes, from: taken) }
        case .wouldBlock:
            mayHaveInput = false
        case .waitsForOther:
            (mayHaveInput, inputWaitsForRoom) = (false, true)
            watchOutput(true)
        case .ended:
            // Whatever is unfinished stays so: half a request is never answered.
            mayHaveInput = false
            closesAfterOutput = true
        case .failed:
            mayHaveInput = false
            close()
        }
    }

    func serveHeld() {
        let bytes = held
        heldStart = serve(bytes.span, from: heldStart)
        guard heldStart == held.count || phase == .closed else { return }
        (held, heldStart, holdsInput) = ([], 0, false)
    }

    /// Serves requests until one has to wait, or the bytes are used up. Where it came to.
    private func serve(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var place = start
        do throws(HTTPFault) {
            while mayServe {
                if requestBegan == 0, place < bytes.count { requestBegan = worker.loop.now }
                guard let event = try parser.next(bytes, from: &place) else { break }
                switch event {
                case .head(let head): begin(head, bodyIsAtHand: place < bytes.count)
                case .body(let body): finish(body)
                }
            }
        } catch {
            refuse(error)
        }
        if closesAfterOutput, place < bytes.count || mayHaveInput { lingers = true }
        return place
    }

    private func hold(_ bytes: Span<UInt8>, from start: Int) {
        guard !closesAfterOutput else { return }
        held.append(bytes, in: start..<bytes.count)
        holdsInput = true
    }

    // MARK: One request

    private func begin(_ head: HTTPRequestHead, bodyIsAtHand: Bool) {
        var head = head
        if let certificate { head.certificate = certificate }
        request = head
        if isSurplus { return refuse(.tooManyConnections) }
        if let refusal = worker.service.admit(head) { return skip(head, after: refusal) }
        if head.expectsContinue, head.body != .none, !bodyIsAtHand { worker.output.append(HTTPResponse.continueLine) }
    }

    private func finish(_ body: [UInt8]) {
        requestBegan = 0
        guard let head = request else { return }
        guard !isRefused else {
            (isRefused, request) = (false, nil)
            return
        }
        switch worker.service.respond(to: HTTPRequest(head: head, body: body, peer: peer)) {
        case .now(let response): answer(with: response)
        case .later(let work):
            phase = .answering
            worker.start(work, for: self)
        }
    }

    /// Refuses before the body is read. A short body is skipped; otherwise the connection ends with the answer: a
    /// long body is not worth reading, and after `Expect` nobody can tell whether it will come (RFC 9110 10.1.1).
    private func skip(_ head: HTTPRequestHead, after refusal: HTTPResponse) {
        if canSkip(head) {
            isRefused = true
            parser.discardBody()
            answer(with: refusal)
        } else {
            answer(with: refusal, closes: true)
            lingers = true
        }
    }

    private func canSkip(_ head: HTTPRequestHead) -> Bool {
        switch head.body {
        case .none: true
        case .length(let length): length <= worker.limits.skippedBytes && !head.expectsContinue
        case .chunked: false
        }
    }

    // MARK: Lingering

    /// Reads what the client still sends, for a while: closing with bytes unread would make the kernel send a reset,
    /// on which the client's side may throw away the answer (RFC 9112 section 9.6).
    func dropInput() {
        while mayHaveInput, phase == .lingering {
            switch transport.receive(into: worker.input) {
            case .bytes(let count, let more):
                mayHaveInput = more || peerHasEnded
                lingerBytesLeft -= count
                if lingerBytesLeft < 0 { close() }
            case .wouldBlock, .waitsForOther: mayHaveInput = false
            case .ended, .failed: close()
            }
        }
    }
}

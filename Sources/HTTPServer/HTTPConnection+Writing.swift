// SPDX-License-Identifier: Apache-2.0
internal import Sockets

extension HTTPConnection {
    /// Puts the answer to `request` among what goes out with the next `flush`.
    func answer(with response: HTTPResponse, closes: Bool = false) {
        let head = request
        hasServed = true
        closesAfterOutput = closesAfterOutput || closes || worker.isDraining || head?.persists != true
        let framing = HTTPResponseFraming(connection: connectionField(head), omitsBody: head?.isHead == true)
        response.write(to: worker.output, dateLine: worker.date.currentLine(), framing: framing)
        if !isRefused { request = nil }
    }

    private func connectionField(_ head: HTTPRequestHead?) -> HTTPResponseFraming.Connection {
        if closesAfterOutput { return .close }
        return head?.version == .http10 ? .keepAsked : .keep
    }

    /// Answers a fault, unless the request at hand has its answer already, and ends the connection.
    func refuse(_ fault: HTTPFault) {
        if isRefused {
            closesAfterOutput = true
        } else {
            answer(with: worker.service.refusal(of: fault), closes: true)
        }
        lingers = true
    }

    /// Takes the answer that a task has made, unless the connection it was for has gone.
    func complete(with response: HTTPResponse, ticket: UInt32) {
        guard ticket == self.ticket, phase == .answering else { return }
        phase = .reading
        answer(with: response)
        advance()
    }

    // MARK: Sending

    /// Sends the worker's output in one write. What the socket does not take becomes this connection's own.
    func flush() {
        let output = worker.output
        guard !output.isEmpty else { return }
        defer { output.clear() }
        guard phase != .closed else { return }
        if isBlocked { return keep(output, from: 0) }
        lastOutput = worker.loop.now
        let sent = send(output)
        guard phase != .closed, sent < output.total else { return }
        unsent = []
        keep(output, from: sent)
        isBlocked = true
        watchOutput(true)
    }

    private func keep(_ output: HTTPOutput, from sent: Int) {
        let bytes = output.bytes
        unsent.append(contentsOf: bytes.dropFirst(sent))
        unsent.append(contentsOf: output.tail.dropFirst(max(0, sent - bytes.count)))
    }

    /// How much the socket took of head and tail.
    private func send(_ output: HTTPOutput) -> Int {
        let bytes = output.bytes
        if output.tail.isEmpty { return send(bytes) }
        return output.tail.withUnsafeBytes { tail in
            switch transport.send(bytes, tail) {
            case .bytes(let count, _) where count < bytes.count: count
            case .bytes(let count, _): count + send(UnsafeRawBufferPointer(rebasing: tail[(count - bytes.count)...]))
            case .wouldBlock, .waitsForOther: 0
            case .ended, .failed: closedWithNothingSent()
            }
        }
    }

    private func closedWithNothingSent() -> Int {
        close()
        return 0
    }

    func sendUnsent() {
        let sent = unsent.withUnsafeBytes { send(UnsafeRawBufferPointer(rebasing: $0[unsentStart...])) }
        guard phase != .closed else { return }
        if sent > 0 { lastOutput = worker.loop.now }
        unsentStart += sent
        guard unsentStart == unsent.count else { return }
        (unsent, unsentStart, isBlocked) = ([], 0, false)
        watchOutput(false)
    }

    /// How much the socket took. The connection is closed when it takes nothing any more.
    private func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        var sent = 0
        while sent < bytes.count {
            switch transport.send(UnsafeRawBufferPointer(rebasing: bytes[sent...])) {
            case .bytes(let count, _): sent += count
            case .wouldBlock, .waitsForOther: return sent
            case .ended, .failed:
                close()
                return sent
            }
        }
        return sent
    }
}

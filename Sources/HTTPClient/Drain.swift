// SPDX-License-Identifier: Apache-2.0
internal import Sockets

/// Somebody who waits for a loop's part of a client to be done, up to a deadline.
final class Drain: EventHandler {
    private let waiter: CheckedContinuation<Void, Never>
    private let owner: ClientLoop
    private var seat: Seat?

    init(_ waiter: CheckedContinuation<Void, Never>, of owner: ClientLoop, within span: Duration) {
        self.waiter = waiter
        self.owner = owner
        let seat = owner.loop.add(self)
        owner.loop.setDeadline(owner.loop.now + span.millisecondsUp, of: seat)
        self.seat = seat
    }

    /// To be called once.
    func end() {
        if let seat { owner.loop.remove(seat) }
        seat = nil
        waiter.resume()
    }

    func ready(_ readiness: Readiness) {}

    func expired() { owner.close() }
}

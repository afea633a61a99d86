// SPDX-License-Identifier: Apache-2.0
internal import Sockets

/// One socket at the loop, told of as long as it is ready: libcurl does not always read to the end.
final class SocketWatch: EventHandler {
    private let descriptor: Int32
    private let loop: EventLoop
    private let told: (Readiness) -> Void
    private var seat: Seat?

    /// Nil when the kernel cannot watch it. The descriptor stays the owner's to close.
    init?(_ descriptor: Int32, _ interest: Interest, at loop: EventLoop, told: @escaping (Readiness) -> Void) {
        self.descriptor = descriptor
        self.loop = loop
        self.told = told
        guard let seat = try? loop.add(self, descriptor: descriptor, interest: interest) else { return nil }
        self.seat = seat
    }

    /// Also when the descriptor is closed already.
    func end() {
        if let seat { loop.remove(seat, descriptor: descriptor) }
        seat = nil
    }

    func ready(_ readiness: Readiness) { told(readiness) }

    func expired() {}
}

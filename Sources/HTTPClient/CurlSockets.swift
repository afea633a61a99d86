// SPDX-License-Identifier: Apache-2.0
internal import CCurl
internal import Glibc
internal import Sockets

/// libcurl's sockets at one loop: those that it waits for, and those that are idle in its pool.
///
/// Nothing may come on an idle connection. libcurl would take it for the beginning of the next answer, so we watch
/// these ourselves: whatever comes, bytes or the end, has the socket shut, and libcurl drops it when it looks again.
final class CurlSockets {
    /// Socket and events, as libcurl names them.
    var told: (Int32, Int32) -> Void = { _, _ in }
    private let loop: EventLoop
    private var watches: [Int32: SocketWatch] = [:]
    /// Those that were opened for connections; libcurl has others, for its resolver.
    private var connections: Set<Int32> = []

    init(at loop: EventLoop) { self.loop = loop }

    /// Has a transfer's sockets opened and closed here.
    func serve(_ options: CurlOptions) {
        options.setSockets(
            open: { me, _, address in address.map { CurlSockets.at(me).open($0.pointee) } ?? CURL_SOCKET_BAD },
            close: { me, socket in CurlSockets.at(me).close(socket) },
            user: Unmanaged.passUnretained(self).toOpaque()
        )
    }

    private static func at(_ pointer: UnsafeMutableRawPointer?) -> CurlSockets {
        guard let pointer else { preconditionFailure("libcurl gives back the pointer that it was given") }
        return Unmanaged<CurlSockets>.fromOpaque(pointer).takeUnretainedValue()
    }

    private func open(_ address: curl_sockaddr) -> Int32 {
        let descriptor = socket(address.family, address.socktype | O_CLOEXEC, address.protocol)
        if descriptor >= 0 { connections.insert(descriptor) }
        return descriptor
    }

    private func close(_ descriptor: Int32) -> Int32 {
        unwatch(descriptor)
        connections.remove(descriptor)
        return Glibc.close(descriptor)
    }

    /// libcurl waits for input or output of `socket`, or no longer for anything.
    ///
    /// - Parameter isIdle: nothing is under way on it.
    ///
    /// A socket that the kernel cannot watch is not told of; its transfer then ends at its deadline.
    func watch(_ socket: Int32, _ wish: Int32, isIdle: Bool) {
        unwatch(socket)
        var interest: Interest = []
        if wish & CURL_POLL_IN != 0 { interest.insert(.input) }
        if wish & CURL_POLL_OUT != 0 { interest.insert(.output) }
        if wish != CURL_POLL_REMOVE {
            watches[socket] = SocketWatch(socket, interest, at: loop) { [unowned self] in tell(socket, $0) }
        } else if isIdle, connections.contains(socket) {
            watches[socket] = SocketWatch(socket, [.input, .peerEnd], at: loop) { [unowned self] _ in shut(socket) }
        }
    }

    private func tell(_ socket: Int32, _ readiness: Readiness) {
        var events: Int32 = 0
        if readiness.hasInput { events |= CURL_CSELECT_IN }
        if readiness.hasRoom { events |= CURL_CSELECT_OUT }
        if readiness.isBroken { events |= CURL_CSELECT_ERR }
        told(socket, events)
    }

    private func shut(_ socket: Int32) {
        unwatch(socket)
        _ = shutdown(socket, Int32(SHUT_RDWR))
    }

    private func unwatch(_ socket: Int32) {
        watches.removeValue(forKey: socket)?.end()
    }

    func end() {
        for watch in watches.values { watch.end() }
        watches = [:]
    }
}

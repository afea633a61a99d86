// SPDX-License-Identifier: Apache-2.0
internal import CCurl
internal import Sockets

/// libcurl's multi handle at one event loop: it says which sockets and which time it waits for, we say when they come.
///
/// The pool of connections is in it. Touched on the loop only.
final class CurlMulti: EventHandler, @unchecked Sendable {
    private let handle: UnsafeMutableRawPointer
    private let loop: EventLoop
    private weak var owner: ClientLoop?
    private var transfers: [UnsafeMutableRawPointer: CurlTransfer] = [:]
    private let sockets: CurlSockets
    private var seat: Seat?
    /// libcurl wants to be called as soon as its call has returned.
    private var isDueNow = false
    private var isErrandSent = false

    /// Thread-safe since libcurl 7.84, and done before the first handle.
    private static let libraryIsReady: Bool = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    init(at loop: EventLoop, limits: HTTPClientLimits, owner: ClientLoop) {
        precondition(CurlMulti.libraryIsReady, "libcurl can be initialised")
        guard let handle = curl_multi_init() else { preconditionFailure("memory for a multi handle") }
        self.handle = handle
        self.loop = loop
        self.owner = owner
        sockets = CurlSockets(at: loop)
        seat = loop.add(self)
        sockets.told = { [unowned self] in act($0, $1) }
        let me = Unmanaged.passUnretained(self).toOpaque()
        ccurl_multi_set_socket_callback(handle) { transfer, socket, wish, me, _ in
            CurlMulti.at(me).watch(socket, wish, of: transfer)
            return 0
        }
        ccurl_multi_set_pointer(handle, CURLMOPT_SOCKETDATA, me)
        ccurl_multi_set_timer_callback(handle) { _, milliseconds, me in
            CurlMulti.at(me).setTimer(milliseconds)
            return 0
        }
        ccurl_multi_set_pointer(handle, CURLMOPT_TIMERDATA, me)
        // Idle connections are counted too, and give way to new ones.
        ccurl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, limits.connectionsMax)
        ccurl_multi_set_long(handle, CURLMOPT_MAX_TOTAL_CONNECTIONS, limits.connectionsMax)
        ccurl_multi_set_long(handle, CURLMOPT_MAX_HOST_CONNECTIONS, limits.connectionsPerOriginMax)
    }

    private static func at(_ pointer: UnsafeMutableRawPointer?) -> CurlMulti {
        guard let pointer else { preconditionFailure("libcurl gives back the pointer that it was given") }
        return Unmanaged<CurlMulti>.fromOpaque(pointer).takeUnretainedValue()
    }

    private func watch(_ socket: Int32, _ wish: Int32, of transfer: UnsafeMutableRawPointer?) {
        let isPaused = transfer.flatMap { transfers[$0] }?.isPaused ?? false
        sockets.watch(socket, wish, isIdle: wish == CURL_POLL_REMOVE && !isPaused)
    }

    // MARK: Transfers

    func add(_ transfer: CurlTransfer) {
        transfers[transfer.handle] = transfer
        sockets.serve(CurlOptions(transfer.handle))
        let code = curl_multi_add_handle(handle, transfer.handle)
        precondition(code == CURLM_OK, "a new easy handle is in no multi handle, and can be added to one")
    }

    /// Its connection goes to the pool when the answer was whole, else it is closed. Not from within libcurl's calls.
    func remove(_ transfer: CurlTransfer) {
        guard transfers.removeValue(forKey: transfer.handle) != nil else { return }
        curl_multi_remove_handle(handle, transfer.handle)
    }

    /// Closes all connections. No transfer is at hand any more.
    func close() {
        guard let seat else { return }
        precondition(transfers.isEmpty, "transfers are removed first")
        self.seat = nil
        curl_multi_cleanup(handle)
        sockets.end()
        loop.remove(seat)
    }

    // MARK: Time

    private func setTimer(_ milliseconds: Int) {
        guard let seat else { return }
        // One more, since the loop's clock was read at the start of its turn.
        loop.setDeadline(milliseconds > 0 ? loop.now + UInt64(milliseconds) + 1 : nil, of: seat)
        isDueNow = milliseconds == 0
        guard isDueNow, !isErrandSent else { return }
        // libcurl must not be called from its own callback. An errand comes with the next turn, after what is ready.
        isErrandSent = true
        loop.execute { self.runErrand() }
    }

    private func runErrand() {
        isErrandSent = false
        if isDueNow { expired() }
    }

    func ready(_ readiness: Readiness) {}

    func expired() { act(CURL_SOCKET_TIMEOUT, 0) }

    func stopped() { owner?.close() }

    // MARK: Acting

    private func act(_ socket: Int32, _ events: Int32) {
        guard seat != nil else { return }
        if socket == CURL_SOCKET_TIMEOUT { isDueNow = false }
        var running: Int32 = 0
        let code = curl_multi_socket_action(handle, socket, events, &running)
        precondition(code == CURLM_OK, "libcurl refuses a call only when it is misused or has no memory")
        for (transfer, code) in takeEnded() {
            guard transfers[transfer.handle] === transfer else { continue }
            let result = transfer.result(code)
            remove(transfer)
            owner?.ended(transfer, result)
        }
    }

    /// All messages first, since dealing with one of them changes what libcurl has.
    private func takeEnded() -> [(CurlTransfer, CURLcode)] {
        var ended: [(CurlTransfer, CURLcode)] = []
        var left: Int32 = 0
        while let message = curl_multi_info_read(handle, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let transfer = transfers[message.pointee.easy_handle] else {
                continue
            }
            ended.append((transfer, message.pointee.data.result))
        }
        return ended
    }
}

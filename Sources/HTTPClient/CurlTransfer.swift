// SPDX-License-Identifier: Apache-2.0
internal import CCurl

/// One attempt in libcurl's hands: its easy handle, and what has come of the answer.
///
/// The body is gathered here, unless there is a stream for it.
final class CurlTransfer {
    let handle: UnsafeMutableRawPointer
    let exchange: Exchange
    let limits: HTTPClientLimits
    private var head = AnswerHead()
    private var headBytes = 0
    private var body: [UInt8] = []
    private let stream: StreamBody?
    /// Told once, before anything of the body is put into the stream; from within libcurl's calls.
    var headCame: ((HTTPClientResponse) -> Void)?
    /// Told after each piece, and when one has to wait; from within libcurl's calls.
    var pieceCame: (() -> Void)?
    /// libcurl holds a piece back, and reads no more until `goOn`.
    private(set) var isPaused = false
    /// Why we broke off, where it was we.
    private(set) var refusal: HTTPClientError?
    private let fields: CurlFields
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init(_ exchange: Exchange, into stream: StreamBody? = nil, trust: HTTPClientTrust, limits: HTTPClientLimits) {
        guard let handle = curl_easy_init() else { preconditionFailure("memory for an easy handle") }
        self.handle = handle
        self.exchange = exchange
        self.stream = stream
        self.limits = limits
        fields = CurlFields(exchange)
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let options = CurlOptions(handle)
        options.setManners(limits)
        options.setTrust(trust, mayShowCertificate: exchange.mayShowCertificate)
        options.setRequest(exchange, isStreamed: stream != nil)
        options.set(CURLOPT_HTTPHEADER, fields.list)
        options.set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(errorText))
        setCallbacks(options)
    }

    /// Not before it has left the multi handle.
    deinit {
        curl_easy_cleanup(handle)
        errorText.deallocate()
    }

    private func setCallbacks(_ options: CurlOptions) {
        let me = Unmanaged.passUnretained(self).toOpaque()
        options.set(CURLOPT_HEADERDATA, me)
        options.set(CURLOPT_HEADERFUNCTION) { data, size, count, me in
            CurlTransfer.at(me).receiveHead(UnsafeRawBufferPointer(start: data, count: size * count))
        }
        options.set(CURLOPT_WRITEDATA, me)
        options.set(CURLOPT_WRITEFUNCTION) { data, size, count, me in
            CurlTransfer.at(me).receive(UnsafeRawBufferPointer(start: data, count: size * count))
        }
    }

    private static func at(_ pointer: UnsafeMutableRawPointer?) -> CurlTransfer {
        guard let pointer else { preconditionFailure("libcurl gives back the pointer that it was given") }
        return Unmanaged<CurlTransfer>.fromOpaque(pointer).takeUnretainedValue()
    }

    // MARK: Receiving; taking less than what came breaks the transfer off

    private func receiveHead(_ line: UnsafeRawBufferPointer) -> Int {
        headBytes += line.count
        guard headBytes <= limits.headerBytes else {
            refusal = .headersTooLarge(exchange.origin, limit: limits.headerBytes)
            return 0
        }
        head.take(String(decoding: line, as: UTF8.self))
        guard !head.hasTwoLengths else {
            refusal = .malformed(exchange.origin, reason: "it gives two lengths")
            return 0
        }
        if head.isWhole, let headCame {
            self.headCame = nil
            headCame(response)
        }
        return line.count
    }

    private func receive(_ piece: UnsafeRawBufferPointer) -> Int {
        if let stream {
            defer { pieceCame?() }
            isPaused = !stream.put(piece)
            return isPaused ? Int(CURL_WRITEFUNC_PAUSE) : piece.count
        }
        guard piece.count <= exchange.bodyBytesMax - body.count else {
            refusal = .bodyTooLarge(exchange.origin, limit: exchange.bodyBytesMax)
            return 0
        }
        body.append(contentsOf: piece)
        return piece.count
    }

    // MARK: Telling

    /// The connection stands, TLS included, and the request is on its way.
    var isConnected: Bool { number(CURLINFO_PRETRANSFER_TIME_T) > 0 }

    /// To be asked before it leaves the multi handle.
    func result(_ code: CURLcode) -> Result<HTTPClientResponse, HTTPClientError> {
        guard code == CURLE_OK else { return .failure(refusal ?? error(code)) }
        // libcurl takes a head for whole when the connection ends in the middle of it.
        guard head.isWhole else { return .failure(.cutOff(exchange.origin, reason: "in the middle of the headers")) }
        return .success(response)
    }

    private var response: HTTPClientResponse {
        HTTPClientResponse(
            status: head.status, headers: head.fields, body: body, origin: exchange.origin, retryAfter: retryAfter)
    }

    /// What had to wait comes again. Not from within libcurl's calls.
    func goOn() {
        isPaused = false
        curl_easy_pause(handle, CURLPAUSE_CONT)
    }

    /// libcurl reads both forms, seconds and date; what it cannot read is 0.
    private var retryAfter: Duration? {
        let seconds = number(CURLINFO_RETRY_AFTER)
        return seconds > 0 ? .seconds(seconds) : nil
    }

    func number(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        return ccurl_get_offset(handle, info, &value) == CURLE_OK ? Int(value) : 0
    }

    func long(_ info: CURLINFO) -> Int {
        var value = 0
        return ccurl_get_long(handle, info, &value) == CURLE_OK ? value : 0
    }

    /// libcurl's own words, or those that it has for the code; empty before there was an error.
    func words(for code: CURLcode) -> String {
        let own = String(cString: errorText)
        return own.isEmpty ? String(cString: curl_easy_strerror(code)) : own
    }
}

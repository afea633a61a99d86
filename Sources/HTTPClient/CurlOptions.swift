// SPDX-License-Identifier: Apache-2.0
internal import CCurl

/// The options of an easy handle. Each is taken, or the process stops: a check that libcurl does not know of would be
/// a check that is not made.
struct CurlOptions {
    private let handle: UnsafeMutableRawPointer

    init(_ handle: UnsafeMutableRawPointer) { self.handle = handle }

    /// How every transfer behaves.
    func setManners(_ limits: HTTPClientLimits) {
        set(CURLOPT_NOSIGNAL, 1)
        // A name server that does not answer must not hold the loop when the transfer is given up.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        set(CURLOPT_HTTP09_ALLOWED, 0)
        set(CURLOPT_FOLLOWLOCATION, 0)
        // The environment's proxies are not ours: an empty name is none.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_USERAGENT, "berth")
        set(CURLOPT_CONNECTTIMEOUT_MS, Int(limits.connectTimeout.millisecondsUp))
        set(CURLOPT_MAXAGE_CONN, Int(max(1, limits.idleTimeout.components.seconds)))
    }

    func setTrust(_ trust: HTTPClientTrust, mayShowCertificate: Bool) {
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        // Seconds for which a CA file is not read again, by the connections of one loop.
        set(CURLOPT_CA_CACHE_TIMEOUT, 300)
        if let authorities = trust.authorities {
            set(authorities, file: CURLOPT_CAINFO, bytes: CURLOPT_CAINFO_BLOB)
            ccurl_set_text(handle, CURLOPT_CAPATH, nil)
        }
        guard mayShowCertificate, let shown = trust.clientCertificate else { return }
        set(shown.certificate, file: CURLOPT_SSLCERT, bytes: CURLOPT_SSLCERT_BLOB)
        set(shown.key, file: CURLOPT_SSLKEY, bytes: CURLOPT_SSLKEY_BLOB)
        // Without one, OpenSSL would ask for it on the terminal.
        set(CURLOPT_KEYPASSWD, "")
    }

    func setRequest(_ exchange: Exchange, isStreamed: Bool) {
        set(CURLOPT_URL, exchange.address.text)
        if !isStreamed { set(CURLOPT_MAXFILESIZE_LARGE, offset: exchange.bodyBytesMax) }
        setMethod(exchange)
        guard !exchange.isRepeatable else { return }
        // libcurl sends a request again by itself when a pooled connection turns out to be closed.
        set(CURLOPT_FRESH_CONNECT, 1)
        // Else the peer of many who ask so has idle connections of each, and nobody uses them.
        set(CURLOPT_FORBID_REUSE, 1)
    }

    private func setMethod(_ exchange: Exchange) {
        switch exchange.method {
        case .get where exchange.body.isEmpty: return set(CURLOPT_HTTPGET, 1)
        case .head: return set(CURLOPT_NOBODY, 1)
        case .get, .options, .put, .delete, .post, .patch: break
        }
        if !exchange.body.isEmpty || exchange.method != .delete && exchange.method != .options {
            setBody(exchange.body)
        }
        set(CURLOPT_CUSTOMREQUEST, exchange.method.rawValue)
    }

    /// Copied. No pointer at all, as an empty array has, would make libcurl read from standard input.
    private func setBody(_ body: [UInt8]) {
        set(CURLOPT_POST, 1)
        set(CURLOPT_POSTFIELDSIZE_LARGE, offset: body.count)
        guard !body.isEmpty else { return set(CURLOPT_COPYPOSTFIELDS, "") }
        body.withUnsafeBytes { set(CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: $0.baseAddress)) }
    }

    /// Who opens and closes the sockets; `user` lives as long as the connections do.
    func setSockets(
        open: curl_opensocket_callback,
        close: curl_closesocket_callback,
        user: UnsafeMutableRawPointer
    ) {
        check(ccurl_set_open_callback(handle, open), CURLOPT_OPENSOCKETFUNCTION)
        check(ccurl_set_close_callback(handle, close), CURLOPT_CLOSESOCKETFUNCTION)
        set(CURLOPT_OPENSOCKETDATA, user)
        set(CURLOPT_CLOSESOCKETDATA, user)
    }

    // MARK: One option each

    private func check(_ code: CURLcode, _ option: CURLoption) {
        precondition(code == CURLE_OK, "libcurl takes option \(option.rawValue): 7.87 or newer is needed")
    }

    func set(_ option: CURLoption, _ value: Int) { check(ccurl_set_long(handle, option, value), option) }
    func set(_ option: CURLoption, offset: Int) { check(ccurl_set_offset(handle, option, curl_off_t(offset)), option) }
    func set(_ option: CURLoption, _ text: String) { check(ccurl_set_text(handle, option, text), option) }
    private func set(_ pem: PEM, file: CURLoption, bytes: CURLoption) {
        switch pem {
        case .file(let path): set(file, path)
        case .bytes(let text):
            text.withUnsafeBytes { check(ccurl_set_copied_bytes(handle, bytes, $0.baseAddress, $0.count), bytes) }
        }
    }
    func set(_ option: CURLoption, _ pointer: UnsafeMutableRawPointer?) {
        check(ccurl_set_pointer(handle, option, pointer), option)
    }
    func set(_ option: CURLoption, _ list: UnsafeMutablePointer<curl_slist>?) {
        check(ccurl_set_list(handle, option, list), option)
    }
    func set(_ option: CURLoption, _ callback: ccurl_data_callback) {
        check(ccurl_set_callback(handle, option, callback), option)
    }
}

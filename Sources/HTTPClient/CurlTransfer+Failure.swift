// SPDX-License-Identifier: Apache-2.0
internal import CCurl
internal import Glibc

extension CurlTransfer {
    /// What libcurl's code means to us.
    func error(_ code: CURLcode) -> HTTPClientError {
        let peer = exchange.origin
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: return .hostUnknown(peer)
        case CURLE_COULDNT_CONNECT: return .unreachable(peer, reason: systemReason ?? reason(code))
        // Only the connection has a time limit of libcurl's.
        case CURLE_OPERATION_TIMEDOUT: return .timedOut(peer, during: .connecting)
        case CURLE_PEER_FAILED_VERIFICATION: return .untrusted(peer, reason: reason(code))
        case CURLE_SSL_CONNECT_ERROR: return .tlsFailed(peer, reason: reason(code))
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CRL_BADFILE:
            return .trustUnusable(peer, reason: reason(code))
        // libcurl has no code for it, only words.
        case CURLE_RECV_ERROR where words(for: code).contains("chunked-encoding"):
            return .malformed(peer, reason: reason(code))
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR:
            return .cutOff(peer, reason: reason(code))
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2:
            return .malformed(peer, reason: reason(code))
        case CURLE_FILESIZE_EXCEEDED: return .bodyTooLarge(peer, limit: exchange.bodyBytesMax)
        case CURLE_OUT_OF_MEMORY: return .headersTooLarge(peer, limit: limits.headerBytes)
        default: return .other(peer, code: Int(code.rawValue), reason: reason(code))
        }
    }

    /// In lower case after the peer's name, without an end: `Connection refused` and its like.
    private var systemReason: String? {
        let number = long(CURLINFO_OS_ERRNO)
        return number == 0 ? nil : String(cString: strerror(Int32(truncatingIfNeeded: number)))
    }

    /// libcurl's words, one line of bounded length without its end: a peer may have a say in them.
    private func reason(_ code: CURLcode) -> String {
        var words = words(for: code).unicodeScalars.prefix(200).map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 }
        while let last = words.last, last == "." || last == " " { words.removeLast() }
        return String(String.UnicodeScalarView(words))
    }
}

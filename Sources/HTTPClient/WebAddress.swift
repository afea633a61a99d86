// SPDX-License-Identifier: Apache-2.0
internal import CCurl

/// An http or https URL, read by the parser that later connects, so that the two cannot differ on where it leads.
package struct WebAddress: Sendable {
    /// As it is handed to libcurl; not for logs.
    let text: String
    package let origin: Origin

    /// Why a text is no address for us.
    package enum Fault: Error, Hashable, Sendable {
        case malformed
        case schemeUnknown
        case holdsCredentials
    }

    package init(_ text: String) throws(Fault) { self = try WebAddress.parse([text]) }

    /// Where `reference` leads, seen from here (RFC 3986 section 5).
    package func resolving(_ reference: String) throws(Fault) -> WebAddress {
        try WebAddress.parse([text, reference])
    }

    private init(text: String, origin: Origin) {
        self.text = text
        self.origin = origin
    }

    /// The first text is an absolute URL; each further one is resolved against what stands before it.
    private static func parse(_ texts: [String]) throws(Fault) -> WebAddress {
        guard let url = curl_url() else { throw .malformed }
        defer { curl_url_cleanup(url) }
        for text in texts {
            guard text.utf8.count <= bytesMax, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
                !slashesAreOff(text)
            else { throw .malformed }
            let code = curl_url_set(url, CURLUPART_URL, text, UInt32(CURLU_DISALLOW_USER))
            guard code == CURLUE_OK else { throw fault(code) }
        }
        return try read(url)
    }

    private static let bytesMax = 16 * 1024

    /// libcurl takes `http:/host` and `http:///host` for `http://host`; others see a path there.
    private static func slashesAreOff(_ text: String) -> Bool {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let isAbsolute = parts.count == 2 && Origin.Scheme(rawValue: parts[0].lowercased()) != nil
        let rest = isAbsolute ? parts[1] : text[...]
        return rest.hasPrefix("///") || isAbsolute && !rest.hasPrefix("//")
    }

    private static func fault(_ code: CURLUcode) -> Fault {
        switch code {
        case CURLUE_USER_NOT_ALLOWED: .holdsCredentials
        case CURLUE_UNSUPPORTED_SCHEME: .schemeUnknown
        default: .malformed
        }
    }

    private static func read(_ url: OpaquePointer) throws(Fault) -> WebAddress {
        guard let scheme = Origin.Scheme(rawValue: part(CURLUPART_SCHEME, of: url)?.lowercased() ?? "") else {
            throw .schemeUnknown
        }
        guard let host = part(CURLUPART_HOST, of: url), !host.isEmpty, let text = part(CURLUPART_URL, of: url),
            let port = part(CURLUPART_PORT, of: url).flatMap({ UInt16($0) }), port > 0
        else { throw .malformed }
        return WebAddress(text: text, origin: Origin(scheme: scheme, host: host.lowercased(), port: port))
    }

    private static func part(_ part: CURLUPart, of url: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        let flags = part == CURLUPART_PORT ? UInt32(CURLU_DEFAULT_PORT) : 0
        guard curl_url_get(url, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}

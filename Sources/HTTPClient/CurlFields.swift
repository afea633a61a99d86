// SPDX-License-Identifier: Apache-2.0
internal import CCurl

/// The fields of a request as libcurl's list; it reads them for as long as the transfer lasts.
final class CurlFields {
    private(set) var list: UnsafeMutablePointer<curl_slist>?

    init(_ exchange: Exchange) {
        // Without a value these are left out: libcurl would wait for `100 Continue`, and call any body a form.
        var lines = ["Expect:"]
        if !exchange.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            lines.append("Content-Type:")
        }
        if !exchange.headers.contains(where: { $0.name.lowercased() == "accept" }) { lines.append("Accept:") }
        // The semicolon says that a field is sent though its value is empty.
        lines += exchange.headers.map { $0.value.isBlank ? "\($0.name);" : "\($0.name): \($0.value)" }
        for line in lines {
            guard let longer = curl_slist_append(list, line) else { preconditionFailure("memory for a field") }
            list = longer
        }
    }

    deinit { curl_slist_free_all(list) }
}

extension String {
    fileprivate var isBlank: Bool { utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
}

// SPDX-License-Identifier: Apache-2.0
import HTTPClient

extension Reading {
    mutating func hubAPI(_ item: Item?) -> HubAPITerms? {
        guard let item, item.isMapping, let url = item["url"] else { return nil }
        return HubAPITerms(
            url: hubURL(url), token: secret(of: item, inFile: "token_file", inVariable: "token_env"))
    }

    /// Without the slash at its end.
    private mutating func hubURL(_ item: Item) -> String {
        let text = item.text ?? ""
        guard let address = try? WebAddress(text), !text.contains("?"), !text.contains("#") else {
            if item.text != nil {
                let remedy = "Write one such as `http://hub:8081/hub/api`, without a query."
                fault(item, "\(quoted(text)) is no URL", remedy)
            }
            return text
        }
        if address.origin.scheme == .http, !["127.0.0.1", "localhost", "[::1]"].contains(address.origin.host) {
            warn(item, "is shown tokens in clear text", "Use `https://` where others can listen.")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}

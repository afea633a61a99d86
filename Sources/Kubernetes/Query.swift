// SPDX-License-Identifier: Apache-2.0
import HTTPClient

/// The query of a URL: each value is data, whatever is in it.
struct Query {
    private var text = ""

    /// Nothing where there is no value.
    mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        text += (text.isEmpty ? "?" : "&") + name + "=" + value.percentEncoded
    }

    /// With the question mark, or empty.
    var suffix: String { text }
}

// SPDX-License-Identifier: Apache-2.0

extension JSON: ExpressibleByStringInterpolation {
    package init(stringLiteral text: String) { self.init(text) }
}

extension JSON: ExpressibleByIntegerLiteral {
    package init(integerLiteral integer: Int) { self.init(integer) }
}

extension JSON: ExpressibleByBooleanLiteral {
    package init(booleanLiteral truth: Bool) { self.init(truth) }
}

/// `nil` where a `JSON` is expected is null; where a `JSON?` is expected it is absence, so `json["a"] = nil` removes.
///
/// Mind `found ? json : nil`: both sides are taken for `JSON`, and the answer is null, not absence. Write `if` there.
extension JSON: ExpressibleByNilLiteral {
    package init(nilLiteral: ()) { self = .null }
}

extension JSON: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: JSON...) { self.init(elements) }
}

/// Keeps the order of the literal; the same key twice is a mistake of the programmer.
extension JSON: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral members: (String, JSON)...) {
        self.init(JSONObject(literal: members))
    }
}

// SPDX-License-Identifier: Apache-2.0
import JSONTree

extension UnlistedChoice {
    /// The overrides with each literal `{value}` replaced by `text`, in texts and in the keys inside a trait's value,
    /// as KubeSpawner's `recursive_format` does. One pass: what the user typed is never read as a template.
    func overrides(for text: String) -> JSONObject {
        var filled = JSONObject()
        for (trait, value) in layer {
            let data = Trait.isExpanded(trait) ? text.withBracesDoubled : text
            filled[trait] = value.replacingPlaceholder(with: data)
        }
        return filled
    }
}

extension JSON {
    fileprivate func replacingPlaceholder(with text: String) -> JSON {
        switch kind {
        case .string: JSON((string ?? "").replacingPlaceholder(with: text))
        case .array: JSON((array ?? []).map { $0.replacingPlaceholder(with: text) })
        case .object: JSON((object ?? JSONObject()).replacingPlaceholder(with: text))
        case .null, .bool, .number: self
        }
    }
}

extension JSONObject {
    /// A key that the operator wrote out is not overwritten by one that the user's text happens to equal.
    fileprivate func replacingPlaceholder(with text: String) -> JSONObject {
        var filled = JSONObject()
        for (key, value) in self {
            let name = key.replacingPlaceholder(with: text)
            if name != key, self[name] != nil { continue }
            filled[name] = value.replacingPlaceholder(with: text)
        }
        return filled
    }
}

extension String {
    fileprivate func replacingPlaceholder(with text: String) -> String {
        let mark = Array("{value}".utf8)
        var rest = utf8[...]
        var result = ""
        while let place = rest.firstRange(of: mark) {
            result += String(Substring(rest[..<place.lowerBound])) + text
            rest = rest[place.upperBound...]
        }
        return result.isEmpty && rest.count == utf8.count ? self : result + String(Substring(rest))
    }

    fileprivate var withBracesDoubled: String {
        String(String.UnicodeScalarView(unicodeScalars.flatMap { $0 == "{" || $0 == "}" ? [$0, $0] : [$0] }))
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation

/// KubeSpawner's way (python-slugify) from a display name to a slug: `GPU (A100)` gives `gpu-a100`.
///
/// Letters of other scripts, which it spells in Latin ones by a large table, are beyond this: then there is none.
enum Slug {
    static func make(of name: String) -> String? {
        var slug = ""
        for scalar in withoutThousandsCommas(withoutEntities(name)).decomposedStringWithCanonicalMapping.unicodeScalars
        {
            guard let text = latin(scalar) else { return nil }
            slug += text
        }
        let words = slug.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return words.isEmpty ? nil : words.joined(separator: "-")
    }

    /// Its ASCII spelling; a space where a word ends; nil where only a table of the script could tell.
    private static func latin(_ scalar: Unicode.Scalar) -> String? {
        if scalar.isASCII { return String(scalar) }
        if let letters = spelled[scalar] { return letters }
        switch scalar.properties.generalCategory {
        case .nonspacingMark: return ""
        case .dashPunctuation, .spaceSeparator: return " "
        default:
            // Apostrophes join, other quotation marks part.
            if "‘’‛′″‴\u{AD}".unicodeScalars.contains(scalar) { return "" }
            return "“”„‟«»‹›…•·¡¿".unicodeScalars.contains(scalar) ? " " : nil
        }
    }

    private static let spelled: [Unicode.Scalar: String] = [
        "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i",
    ]

    private static func withoutEntities(_ name: String) -> String {
        ["&amp;", "&lt;", "&gt;", "&quot;", "&nbsp;"].reduce(name) { $0.replacingOccurrences(of: $1, with: " ") }
    }

    /// `1,000` is one word, as python-slugify sees it… before it splits: `1000`.
    private static func withoutThousandsCommas(_ name: String) -> String {
        name.replacing(/(\d),(?=\d)/) { "\($0.1)" }
    }
}

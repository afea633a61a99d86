// SPDX-License-Identifier: Apache-2.0

/// What Python makes of a value in a profile list.
extension Item {
    /// `if value:` in Python.
    var isTrueInPython: Bool {
        switch scalar?.resolved {
        case nil: !members.isEmpty || !elements.isEmpty
        case .null: false
        case .bool(let flag): flag
        case .integer(let number): number != 0
        case .number(let spelling): spelling.contains { ("1"..."9").contains($0) }
        case .unsayable: true
        case .text(let text): !text.isEmpty
        }
    }

    /// `str(value)` of a scalar that says something; nil for none, for nothing, and for empty text.
    var wordsInPython: String? {
        switch scalar?.resolved {
        case nil, .null: nil
        case .bool(let flag): flag ? "True" : "False"
        default: scalar.flatMap { $0.text.isEmpty ? nil : $0.text }
        }
    }

    /// Whether it stands for something that only Python could run: a printed function, a `lambda`, a Python tag.
    var isPythonCode: Bool { isPrintedCode || scalar?.text.wholeMatch(of: /\s*lambda\b[^:]*:.*/) != nil }

    /// The same of a value anywhere inside, where `lambda` may well be part of a command.
    var holdsPythonCode: Bool {
        isPrintedCode || elements.contains(where: \.holdsPythonCode) || members.contains { $0.item.holdsPythonCode }
    }

    private var isPrintedCode: Bool {
        guard let text = scalar?.text, text.hasPrefix("<"), text.hasSuffix(">") else { return false }
        return text.wholeMatch(of: /<(function|bound method|built-in|class|coroutine|module|!|tag:|functools).*>/)
            != nil
            || text.contains(" object at 0x")
    }

    /// Whether any number inside is one that JSON cannot say.
    var isUnsayable: Bool {
        scalar?.resolved == .unsayable || elements.contains(where: \.isUnsayable)
            || members.contains { $0.item.isUnsayable }
    }
}

/// KubeSpawner holds a typed text against `re.match`, which needs its beginning only; Berth against all of it.
enum PythonRegex {
    /// The expression that the whole text matches where the beginning matches `text`.
    static func whole(_ text: String) -> String { matchesToTheEnd(text) ? text : "(?:\(text))[\\s\\S]*" }

    /// Whether the two ways are one, since the expression itself goes on to the end of the text, or of its line, as a
    /// form has one line only. A bar could end it earlier.
    private static func matchesToTheEnd(_ text: String) -> Bool {
        guard !text.contains("|") else { return false }
        return text.hasSuffix("\\Z") || text.wholeMatch(of: /(.*[^\\])?(\$|\.\*|\.\+)/) != nil
    }
}

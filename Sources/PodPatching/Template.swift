// SPDX-License-Identifier: Apache-2.0

extension String {
    /// What stands around each place where `placeholder` is; the whole text where it is nowhere.
    func parts(around placeholder: String) -> [String] {
        let (text, wanted) = (Array(utf8), Array(placeholder.utf8))
        var parts: [String] = []
        var start = 0
        var at = 0
        while at < text.count {
            if text[at] == wanted.first, text[at...].starts(with: wanted) {
                parts.append(String(decoding: text[start..<at], as: UTF8.self))
                at += wanted.count
                start = at
            } else {
                at += 1
            }
        }
        return parts + [String(decoding: text[start...], as: UTF8.self)]
    }

    /// The text with `value` in each place where `placeholder` stands.
    func filled(_ placeholder: String, with value: String) -> String {
        String(parts(around: placeholder), around: value)
    }

    /// The parts with `value` between them.
    init(_ parts: [String], around value: String) {
        self = ""
        for index in parts.indices {
            if index > 0 { self += value }
            self += parts[index]
        }
    }
}

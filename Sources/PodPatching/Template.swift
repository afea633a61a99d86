// SPDX-License-Identifier: Apache-2.0

extension String {
    /// The text with `value` in each place where `placeholder` stands.
    func filled(_ placeholder: String, with value: String) -> String {
        let (text, wanted) = (Array(utf8), Array(placeholder.utf8))
        var filled: [UInt8] = []
        var at = 0
        while at < text.count {
            if text[at] == wanted.first, text[at...].starts(with: wanted) {
                filled += value.utf8
                at += wanted.count
            } else {
                filled.append(text[at])
                at += 1
            }
        }
        return String(decoding: filled, as: UTF8.self)
    }
}

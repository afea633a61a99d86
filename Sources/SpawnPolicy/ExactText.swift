// SPDX-License-Identifier: Apache-2.0

/// A string compared byte by byte.
///
/// Swift's own `==` takes differently composed accents for equal; an identity provider does not, so two groups that
/// look alike stay two groups.
struct ExactText: Hashable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (a: ExactText, b: ExactText) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

    func hash(into hasher: inout Hasher) {
        var copy = text
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

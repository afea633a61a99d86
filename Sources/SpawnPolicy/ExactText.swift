// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A string compared byte by byte.
///
/// Swift's own `==` takes differently composed accents for equal; an identity provider does not, so two groups that
/// look alike stay two groups.
struct ExactText: Hashable {
    let text: String

    init(_ text: String) { self.text = text }

    /// Whole pieces of memory are compared, where `elementsEqual` would go from byte to byte.
    static func == (a: ExactText, b: ExactText) -> Bool {
        var (first, second) = (a.text, b.text)
        return first.withUTF8 { first in
            second.withUTF8 { second in
                guard first.count == second.count, let one = first.baseAddress, let other = second.baseAddress else {
                    return first.isEmpty && second.isEmpty
                }
                return memcmp(one, other, first.count) == 0
            }
        }
    }

    func hash(into hasher: inout Hasher) {
        var copy = text
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

// SPDX-License-Identifier: Apache-2.0
import JSONTree

extension UnlistedChoice {
    /// Longest text that a user may type, in UTF-8 bytes.
    package static let lengthMax = 1024

    /// Why `text` cannot be used, as the end of a sentence; nil when it can.
    package func fault(in text: String) -> String? {
        if text.utf8.count > Self.lengthMax { return "it is longer than \(Self.lengthMax) bytes. Shorten it." }
        if text.unicodeScalars.contains(where: \.isControl) {
            return "it holds a line break or another character that does not print. Type it again."
        }
        if setsImage, ImageReference(text) == nil {
            return "it is not the name of an image. Write it like registry.example.org/project/image:tag."
        }
        if let number, number.number(text) == nil { return validationMessage ?? "it is not \(number.words)." }
        if !matchesPattern(text) { return validationMessage ?? "it does not have the form that is asked for here." }
        return nil
    }

    /// What was typed, as `${value}` stands for it: a number where one is asked for.
    func value(of text: String) -> JSON { number?.number(text) ?? JSON(text) }

    /// Whether the typed text becomes the server's image as it is, under whatever key the option has.
    var setsImage: Bool { isImage || overrides[Key.image]?.string == "{value}" }

    /// A pattern that cannot be read matches nothing.
    private func matchesPattern(_ text: String) -> Bool {
        validationRegex == nil || pattern?.matches(whole: text) == true
    }
}

// SPDX-License-Identifier: Apache-2.0

/// A `validation_regex` in Python's spelling, tested against text that a user typed.
///
/// Matching walks all possibilities at once (Thompson's way), so its time grows with text times pattern and no text
/// can make it explode as it can a backtracking engine. What cannot be done that way – back references, look-behind,
/// atomic groups – is a `PatternError` when the pattern is read.
package struct Pattern: Sendable {
    /// Longest pattern, in UTF-8 bytes.
    package static let lengthMax = 4096

    let program: PatternProgram

    package init(_ text: String) throws(PatternError) {
        guard text.utf8.count <= Self.lengthMax else { throw PatternError(offset: 0, reason: .tooLarge) }
        var parser = PatternParser(text)
        program = try PatternProgram(parser.pattern())
    }

    /// Whether the whole of `text` matches, code point by code point: unlike Python's `re.match`, which stops caring
    /// at the pattern's end, and whose `$` also matches before a last line break.
    package func matches(whole text: String) -> Bool {
        var matcher = PatternMatcher(program, text: Array(text.unicodeScalars))
        return matcher.matchesWhole()
    }
}

/// Why a pattern cannot be read.
package struct PatternError: Error, Sendable, Hashable, CustomStringConvertible {
    /// In code points from the pattern's start.
    package let offset: Int
    package let reason: Reason

    package enum Reason: String, Sendable {
        case tooLarge = "the pattern is too large"
        case tooDeep = "its groups are nested too deeply"
        case unclosedGroup = "a group is not closed"
        case unopenedGroup = "a ) has no ("
        case unclosedClass = "a [ is not closed"
        case badRange = "a range in brackets runs backwards or ends in a class"
        case nothingToRepeat = "a repetition has nothing to repeat"
        case badRepeat = "a repetition's least is above its most"
        case badEscape = "an escape is not known"
        case badFlag = "only the flags i and s are understood"
        case backReference = "back references are not supported"
        case lookBehind = "look-behind is not supported"
        case unsupported = "atomic groups, possessive repetitions and conditions are not supported"
    }

    package var description: String { "\(reason.rawValue) (at character \(offset + 1))" }
}

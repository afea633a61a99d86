// SPDX-License-Identifier: Apache-2.0
import CPCRE2

/// A `validation_regex` in Python's spelling, tested against text that a user typed.
///
/// PCRE2 reads it, which spells nearly all as Python does. Its effort is bounded, so no text can stall a start.
package struct Pattern: Sendable {
    /// Longest pattern, in UTF-8 bytes.
    package static let lengthMax = 4096
    /// How often PCRE2 may try again at one text: some milliseconds. A pattern that needs more does not match.
    static let effortMax: UInt32 = 100_000

    /// As it was written.
    package let text: String
    private let code: Code

    package init(_ text: String) throws(PatternError) {
        guard text.utf8.count <= Self.lengthMax else {
            throw PatternError(offset: 0, reason: "the pattern is longer than \(Self.lengthMax) bytes")
        }
        self.text = text
        code = try Code(text)
    }

    /// Whether the whole of `text` matches: unlike Python's `re.match`, which stops caring at the pattern's end, and
    /// whose `$` also matches before a last line break.
    package func matches(whole text: String) -> Bool { code.match(whole: text, within: .most) == .yes }

    /// The same, at the cost of what one decision may try in all; unknown where that, or the effort for one text, is
    /// not enough to tell.
    func verdict(whole text: String, _ effort: MatchEffort) -> Verdict {
        for bound in MatchBound.ascending {
            guard effort.spend(Int(bound.steps)) else { return .unknown }
            let verdict = code.match(whole: text, within: bound)
            if verdict != .unknown { return verdict }
        }
        return .unknown
    }
}

extension Pattern: Hashable {
    package static func == (a: Pattern, b: Pattern) -> Bool { ExactText(a.text) == ExactText(b.text) }
    package func hash(into hasher: inout Hasher) { hasher.combine(ExactText(text)) }
}

/// Why a pattern cannot be read.
package struct PatternError: Error, Sendable, Hashable, CustomStringConvertible {
    /// In UTF-8 bytes from the pattern's start.
    package let offset: Int
    /// In PCRE2's words.
    package let reason: String

    package var description: String { "\(reason) (at byte \(offset))" }
}

/// A compiled pattern, which is only read after it is made; so any thread may match by it.
private final class Code: @unchecked Sendable {
    private let code: OpaquePointer

    init(_ text: String) throws(PatternError) {
        // As Python: classes such as \w know all of Unicode, `$` is the end and not before a last line break.
        let options = PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C
        var number: Int32 = 0
        var offset = 0
        let bytes = Array(text.utf8)
        guard let code = pcre2_compile_8(bytes, bytes.count, options, &number, &offset, nil) else {
            throw PatternError(offset: offset, reason: Self.message(number))
        }
        self.code = code
    }

    deinit { pcre2_code_free_8(code) }

    /// Unknown where the bound is too small to tell.
    func match(whole text: String, within bound: MatchBound) -> Verdict {
        let bytes = Array(text.utf8)
        let found = pcre2_match_data_create_from_pattern_8(code, nil)
        defer { pcre2_match_data_free_8(found) }
        let options = PCRE2_ANCHORED | PCRE2_ENDANCHORED
        let answer = pcre2_match_8(code, bytes, bytes.count, 0, options, found, bound.context)
        return answer > 0 ? .yes : answer == PCRE2_ERROR_NOMATCH ? .no : .unknown
    }

    private static func message(_ number: Int32) -> String {
        var text = [UInt8](repeating: 0, count: 256)
        let length = pcre2_get_error_message_8(number, &text, text.count)
        return String(decoding: text.prefix(max(0, Int(length))), as: UTF8.self)
    }
}

/// How hard PCRE2 tries at one text; read only after it is made, and never freed.
private struct MatchBound: @unchecked Sendable {
    let steps: UInt32
    let context: OpaquePointer?

    init(steps: UInt32) {
        self.steps = steps
        context = pcre2_match_context_create_8(nil)
        pcre2_set_match_limit_8(context, steps)
        pcre2_set_heap_limit_8(context, 1024)  // KiB
    }

    static let most = MatchBound(steps: Pattern.effortMax)
    /// PCRE2 does not tell what a match has cost. Tried with ever larger bounds, it costs what the bound says or less,
    /// and little more than without them.
    static let ascending = [64, 256, 1024, 8192].map { MatchBound(steps: $0) } + [most]
}

// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// What is said of a span that is misspelled; `Duration(span:)` reads the right ones.
enum Span {
    static let words = "a span such as `90m`, `8h`, `1h30m` or `7d`"

    /// What was probably meant, spelled right: `8 hours` gives `8h`, `1.5h` gives `1h30m`, `8:00:00` gives `8h`.
    static func suggestion(for text: String) -> String? {
        if let seconds = clockSeconds(text) ?? worded(text), seconds > 0, seconds < 1_000_000_000 {
            return spelled(seconds)
        }
        return Int(text).flatMap { $0 > 0 && $0 < 1_000_000_000 ? "\($0)s` or `\($0)h" : nil }
    }

    /// The shortest spelling of whole seconds: 5400 gives `1h30m`.
    static func spelled(_ seconds: Int) -> String {
        var rest = seconds
        var text = ""
        for unit in Duration.spanUnits where rest >= unit.seconds {
            text += "\(rest / unit.seconds)\(unit.sign)"
            rest %= unit.seconds
        }
        return text.isEmpty ? "0s" : text
    }

    private static func worded(_ text: String) -> Int? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let word = text.dropFirst(number.count).drop(while: \.isWhitespace).lowercased()
        let names = ["d": ["d", "day", "days"], "h": ["h", "hr", "hrs", "hour", "hours"]]
            .merging(["m": ["m", "min", "mins", "minute", "minutes"], "s": ["s", "sec", "secs", "second", "seconds"]]) {
                a, _ in a
            }
        guard let count = Double(number),
            let unit = Duration.spanUnits.first(where: { names["\($0.sign)"]?.contains(word) == true })
        else { return nil }
        let seconds = (count * Double(unit.seconds)).rounded()
        return seconds < 1e12 ? Int(seconds) : nil
    }

    private static func clockSeconds(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 3, let hours = parts[0], let minutes = parts[1], let seconds = parts[2],
            (0..<1_000_000).contains(hours), (0..<60).contains(minutes), (0..<60).contains(seconds)
        else { return nil }
        return hours * 3600 + minutes * 60 + seconds
    }
}

// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// Reads `90m`, `4h`, `2d` or `3600s`: one whole number above zero, at most nine digits, and one unit.
    package init?(span text: String) {
        guard let unit = text.utf8.last.flatMap(Self.seconds(in:)), let number = wholeNumber(text.dropLast()),
            number > 0
        else { return nil }
        self = .seconds(number * unit)
    }

    private static func seconds(in unit: UInt8) -> Int? {
        switch unit {
        case UInt8(ascii: "s"): 1
        case UInt8(ascii: "m"): 60
        case UInt8(ascii: "h"): 3600
        case UInt8(ascii: "d"): 86_400
        default: nil
        }
    }

    /// In the largest unit that says it exactly: "4 hours", "90 minutes", "1 day".
    package var words: String {
        let seconds = components.seconds
        for (size, name) in [(86_400, "day"), (3600, "hour"), (60, "minute")] where seconds % Int64(size) == 0 {
            return counted(seconds / Int64(size), name)
        }
        return counted(seconds, "second")
    }

    private func counted(_ count: Int64, _ unit: String) -> String { "\(count) \(unit)\(count == 1 ? "" : "s")" }
}

/// One to nine ASCII digits as a number; nil for anything else.
func wholeNumber(_ text: some StringProtocol) -> Int? {
    let isNumber = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return isNumber && (1...9).contains(text.utf8.count) ? Int(text) : nil
}

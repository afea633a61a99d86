// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// The units of a span, the larger first.
    package static let spanUnits: [(sign: Character, seconds: Int)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]
    /// A hundred years; more is a slip, and sums of such spans still fit.
    package static let spanMax = Duration.seconds(100 * 365 * 86_400)

    /// Reads a span as the configuration file and users spell it: `90m`, `8h`, `1h30m`, `7d`.
    ///
    /// Whole numbers with their units, each unit once and the larger first. Nil for any other spelling, for zero and for
    /// more than `spanMax`.
    package init?(span text: String) {
        guard text.utf8.count <= 32 else { return nil }
        var seconds = 0
        var digits = ""
        var units = Self.spanUnits[...]
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            guard let unit = units.firstIndex(where: { $0.sign == character }), let count = Int(digits) else {
                return nil
            }
            let (part, isLarge) = count.multipliedReportingOverflow(by: units[unit].seconds)
            let (sum, isLarger) = seconds.addingReportingOverflow(part)
            guard !isLarge, !isLarger else { return nil }
            (seconds, digits, units) = (sum, "", units[(unit + 1)...])
        }
        self = .seconds(seconds)
        guard digits.isEmpty, seconds > 0, self <= Self.spanMax else { return nil }
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

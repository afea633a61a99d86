// SPDX-License-Identifier: Apache-2.0

extension Instant {
    /// A time in UTC as Kubernetes writes it: `2026-11-25T14:20:00Z`, with or without a fraction of a second, of which
    /// milliseconds are kept. Nil for all else.
    package init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        let marks: [(Int, Character)] = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z"),
            marks.allSatisfy({ bytes[$0] == $1.asciiValue }),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
            let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60,
            let milliseconds = fraction(bytes[19..<(bytes.count - 1)])
        else { return nil }
        let seconds = (Self.days(toYear: year, month, day) * 24 + hour) * 3600 + minute * 60 + second
        self.init(unixMilliseconds: seconds * 1000 + milliseconds)
    }

    /// Days from 1970-01-01 in the proleptic Gregorian calendar, by years that start on 1 March.
    private static func days(toYear year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        // A whole cycle of 400 years is added, so that January of the year 0, which counts to the year before, divides
        // as the others do.
        let year = (month < 3 ? year - 1 : year) + 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468 - 146_097
    }
}

private func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
}

/// `.123456` as 123; nothing as 0.
private func fraction(_ bytes: ArraySlice<UInt8>) -> Int64? {
    guard let point = bytes.first else { return 0 }
    guard point == UInt8(ascii: "."), (2...10).contains(bytes.count) else { return nil }
    return number((bytes.dropFirst() + [48, 48]).prefix(3))
        .flatMap { milliseconds in number(bytes.dropFirst()) == nil ? nil : milliseconds }
}

// SPDX-License-Identifier: Apache-2.0

/// A number's exact value: sign, digits without zeros at either end, and a power of ten. Zero has no digits or sign.
struct Decimal: Hashable, Comparable {
    private var isNegative = false
    private var digits: [UInt8] = []
    private var exponent = 0

    /// The value of a valid JSON number; nil when it is not zero and its power of ten is beyond 10^18.
    init?(spelling: String) {
        var text = Substring(spelling).utf8
        isNegative = text.first == Byte.minus
        if isNegative { text.removeFirst() }
        let e = text.firstIndex { $0 | 0x20 == UInt8(ascii: "e") }
        let power = e.map { Int(Substring(text[text.index(after: $0)...])) } ?? 0
        text = text[..<(e ?? text.endIndex)]
        digits = text.filter { $0 != Byte.dot }.drop { $0 == Byte.zero }.map { $0 - Byte.zero }
        if let dot = text.firstIndex(of: Byte.dot) {
            exponent = 1 - text.distance(from: dot, to: text.endIndex)
        }
        trimZeros()
        if digits.isEmpty { return }
        guard let power, power.magnitude <= Self.exponentMost else { return nil }
        exponent += power
    }

    private static var exponentMost: UInt { 1_000_000_000_000_000_000 }

    private mutating func trimZeros() {
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        if digits.isEmpty { (isNegative, exponent) = (false, 0) }
    }

    /// Whether it is nearer to zero: by the power of ten of the first digit, then digit by digit.
    private func isSmaller(than other: Decimal) -> Bool {
        if digits.isEmpty || other.digits.isEmpty { return !other.digits.isEmpty }
        let (mine, others) = (digits.count + exponent, other.digits.count + other.exponent)
        return mine == others ? digits.lexicographicallyPrecedes(other.digits) : mine < others
    }

    static func < (a: Decimal, b: Decimal) -> Bool {
        if a.isNegative != b.isNegative { return a.isNegative }
        return a.isNegative ? b.isSmaller(than: a) : a.isSmaller(than: b)
    }

    /// The value when it is whole and fits.
    var int: Int? {
        guard exponent >= 0, digits.count + exponent <= 19 else { return nil }
        var result = 0
        for digit in digits + [UInt8](repeating: 0, count: exponent) {
            // Downwards, since the smallest Int has no positive twin.
            let (tens, overTens) = result.multipliedReportingOverflow(by: 10)
            let (next, overDigit) = tens.subtractingReportingOverflow(Int(digit))
            if overTens || overDigit { return nil }
            result = next
        }
        if isNegative { return result }
        return result == .min ? nil : -result
    }
}

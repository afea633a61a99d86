// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// A Kubernetes quantity, exact to a billionth: `500m`, `2Gi`, `1e3`, or a JSON number.
package struct Quantity: Hashable, Comparable, Sendable {
    /// Billionths; anything finer is rounded up, as the API server does.
    let nano: Int128

    package static let zero = Quantity(0)

    package init(_ count: Int) { self.nano = Int128(count) * 1_000_000_000 }
    init(nano: Int128) { self.nano = nano }

    /// Nil unless `json` is a number, or a string that is a quantity.
    package init?(_ json: JSON) {
        guard let spelling = json.string ?? json.numberSpelling else { return nil }
        self.init(spelling)
    }

    /// Nil unless `spelling` is a decimal number with one suffix, one exponent, or neither; nil when it is too large.
    package init?(_ spelling: String) {
        var rest = spelling[...].utf8
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        guard let number = Digits(takenFrom: &rest), let scale = Scale(suffix: String(Substring(rest))),
            let nano = scale.nano(number)
        else { return nil }
        self.nano = isNegative ? -nano : nano
    }

    package static func < (a: Quantity, b: Quantity) -> Bool { a.nano < b.nano }

    /// Sums stop growing at the largest quantity.
    package static func + (a: Quantity, b: Quantity) -> Quantity {
        let (sum, overflow) = a.nano.addingReportingOverflow(b.nano)
        return Quantity(nano: overflow ? .max : sum)
    }

    package var roundedDown: Int { Int(clamping: nano / 1_000_000_000) }
    /// As the API server counts bytes.
    package var roundedUp: Int { dividedRoundingUp(by: 1_000_000_000) }
    /// As the API server counts CPU: whole thousandths, rounded up.
    package var milliRoundedUp: Int { dividedRoundingUp(by: 1_000_000) }

    private func dividedRoundingUp(by size: Int128) -> Int {
        let (whole, rest) = nano.quotientAndRemainder(dividingBy: size)
        return Int(clamping: whole + (rest > 0 ? 1 : 0))
    }
}

/// `12.50` as 1250 with two decimals.
private struct Digits {
    var number: Int128 = 0
    var decimals = 0

    /// Nil without a digit, or with more than fit.
    init?(takenFrom text: inout Substring.UTF8View) {
        var hasDigit = false
        var hasPoint = false
        while let byte = text.first {
            if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
            } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                let (scaled, overflow) = number.multipliedReportingOverflow(by: 10)
                guard !overflow, scaled < .max - 9 else { return nil }
                number = scaled + Int128(byte - UInt8(ascii: "0"))
                hasDigit = true
                decimals += hasPoint ? 1 : 0
            } else {
                break
            }
            text.removeFirst()
        }
        guard hasDigit else { return nil }
    }
}

/// What a suffix or an exponent multiplies with: 2^`binary` x 10^`decimal`.
private struct Scale {
    var binary = 0
    var decimal = 0

    init?(suffix: String) {
        switch suffix {
        case "": break
        case "n": decimal = -9
        case "u": decimal = -6
        case "m": decimal = -3
        case "k": decimal = 3
        case "M": decimal = 6
        case "G": decimal = 9
        case "T": decimal = 12
        case "P": decimal = 15
        case "E": decimal = 18
        case "Ki": binary = 10
        case "Mi": binary = 20
        case "Gi": binary = 30
        case "Ti": binary = 40
        case "Pi": binary = 50
        case "Ei": binary = 60
        default:
            guard suffix.first == "e" || suffix.first == "E", let exponent = Int(suffix.dropFirst()),
                (-100...100).contains(exponent)
            else { return nil }
            decimal = exponent
        }
    }

    /// Billionths, rounded up; nil when they are too many.
    func nano(_ digits: Digits) -> Int128? {
        let power = decimal + 9 - digits.decimals
        let (number, overflow) = digits.number.multipliedReportingOverflow(by: 1 << Int128(binary))
        guard !overflow else { return nil }
        guard number > 0 else { return 0 }
        if power < 0 { return Scale.power(of10: -power).map { (number - 1) / $0 + 1 } ?? 1 }
        guard let factor = Scale.power(of10: power) else { return nil }
        let (nano, tooLarge) = number.multipliedReportingOverflow(by: factor)
        return tooLarge ? nil : nano
    }

    /// Nil when it does not fit.
    private static func power(of10 exponent: Int) -> Int128? {
        exponent > 38 ? nil : (0..<exponent).reduce(1) { product, _ in product * 10 }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// What an unquoted word means. YAML 1.1, as PyYAML and Helm read the values files that profile lists are pasted from,
/// except that `1:30` and dates stay text.
enum ResolvedScalar: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    /// In a spelling that JSON allows.
    case number(String)
    /// `.inf` and `.nan`, which JSON cannot say, and integers beyond 64 bits.
    case unsayable
    case text(String)
}

extension YAMLNode.Scalar {
    var resolved: ResolvedScalar {
        guard isPlain else { return .text(text) }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": return .bool(true)
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": return .bool(false)
        default: return looksNumeric ? resolvedNumber : .text(text)
        }
    }

    private var looksNumeric: Bool {
        guard let first = text.unicodeScalars.first else { return false }
        return text.utf8.count <= 64 && (first.isDigit || first == "-" || first == "+" || first == ".")
    }

    private var resolvedNumber: ResolvedScalar {
        let isNegative = text.hasPrefix("-")
        let digits = isNegative || text.hasPrefix("+") ? String(text.dropFirst()) : text
        if [".inf", ".Inf", ".INF"].contains(digits) || [".nan", ".NaN", ".NAN"].contains(text) { return .unsayable }
        if let integer = YAMLNode.Scalar.integer(digits) {
            return integer.map { .integer(isNegative ? -$0 : $0) } ?? .unsayable
        }
        return YAMLNode.Scalar.decimal(digits).map { .number((isNegative ? "-" : "") + $0) } ?? .text(text)
    }

    /// Nil: no integer. Inner nil: an integer too large for 64 bits.
    private static func integer(_ digits: String) -> Int?? {
        let plain = digits.filter { $0 != "_" }
        guard let first = digits.unicodeScalars.first, first.isDigit, !plain.isEmpty else { return nil }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where plain.hasPrefix(prefix) {
            let rest = plain.dropFirst(2)
            return isWritten(rest, radix: radix) ? .some(Int(rest, radix: radix)) : nil
        }
        // `0644` is octal in YAML 1.1, and file modes are written so.
        if plain.count > 1, plain.hasPrefix("0"), isWritten(plain.dropFirst(), radix: 8) {
            return .some(Int(plain, radix: 8))
        }
        guard isWritten(plain[...], radix: 10), plain == "0" || !plain.hasPrefix("0") else { return nil }
        return .some(Int(plain))
    }

    private static func isWritten(_ digits: Substring, radix: Int) -> Bool {
        !digits.isEmpty && digits.allSatisfy { $0.isASCII && $0.hexDigitValue.map { $0 < radix } ?? false }
    }

    /// `1.`, `.5` and `1e3` in JSON's spelling.
    private static func decimal(_ digits: String) -> String? {
        let parts = digits.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        let mantissa = (parts.count == 2 ? parts[0] : digits[...]).split(
            separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let whole = mantissa[0]
        let fraction = mantissa.count == 2 ? mantissa[1] : ""
        guard !(whole.isEmpty && fraction.isEmpty), isDigits(whole), isDigits(fraction) else { return nil }
        guard whole.count == 1 || !whole.hasPrefix("0") else { return nil }
        let number = (whole.isEmpty ? "0" : whole) + (fraction.isEmpty ? "" : "." + fraction)
        guard parts.count == 2 else { return String(number) }
        let exponent = parts[1].hasPrefix("-") || parts[1].hasPrefix("+") ? parts[1].dropFirst() : parts[1]
        return !exponent.isEmpty && isDigits(exponent) ? "\(number)e\(parts[1])" : nil
    }

    private static func isDigits(_ text: Substring) -> Bool { text.unicodeScalars.allSatisfy(\.isDigit) }
}

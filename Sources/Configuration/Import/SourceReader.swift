// SPDX-License-Identifier: Apache-2.0

/// Who reads the source today. They differ in what is a number: `1e3` is one to Helm, and a text to PyYAML.
enum SourceReader {
    /// Helm, for values of a chart; sorts the keys of mappings.
    case helm
    case json
    /// PyYAML, for a list that Python code loads.
    case python

    /// The number's spelling in YAML, where this reader takes the scalar for one that can be said here.
    func number(_ scalar: YAMLNode.Scalar) -> String? {
        guard scalar.isPlain else { return nil }
        if self == .python { return PyYAML.number(scalar.text) }
        switch scalar.resolved {
        case .integer, .number: return scalar.text
        default: return nil
        }
    }
}

/// The numbers of YAML 1.1, as PyYAML's resolver has them.
enum PyYAML {
    static func number(_ text: String) -> String? {
        guard text.utf8.count <= 64 else { return nil }
        if text.wholeMatch(of: /[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]+|0|[1-9][0-9_]*)/) != nil { return text }
        return sexagesimal(text) ?? decimal(text)
    }

    /// `1:30` is ninety.
    private static func sexagesimal(_ text: String) -> String? {
        guard let parts = text.wholeMatch(of: /([-+]?)([1-9][0-9_]*(?::[0-5]?[0-9])+)/) else { return nil }
        let digits = parts.2.filter { $0 != "_" }.split(separator: ":").map { Int($0) ?? 0 }
        let value = digits.reduce((sum: 0, isLarge: false)) { total, digit in
            let (product, one) = total.sum.multipliedReportingOverflow(by: 60)
            let (sum, two) = product.addingReportingOverflow(digit)
            return (sum, total.isLarge || one || two)
        }
        return value.isLarge ? nil : (parts.1 == "-" ? "-" : "") + String(value.sum)
    }

    /// With a point, and an exponent only behind a sign.
    private static func decimal(_ text: String) -> String? {
        let plain = text.filter { $0 != "_" }
        guard let parts = plain.wholeMatch(of: /([-+]?)([0-9]*)\.([0-9]*)(?:[eE]([-+][0-9]+))?/) else { return nil }
        guard text.wholeMatch(of: /[-+]?([0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)([eE][-+][0-9]+)?/) != nil else {
            return nil
        }
        let whole = parts.2.drop { $0 == "0" }
        let exponent = parts.4.map { "e\($0)" } ?? ""
        return
            "\(parts.1 == "-" ? "-" : "")\(whole.isEmpty ? "0" : whole).\(parts.3.isEmpty ? "0" : parts.3)\(exponent)"
    }
}

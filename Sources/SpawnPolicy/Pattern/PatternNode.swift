// SPDX-License-Identifier: Apache-2.0

/// A pattern as it was read. Whether a repetition is greedy or lazy is dropped: for a whole match it is the same.
indirect enum PatternNode {
    case scalar(ScalarSet)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    case repeated(PatternNode, min: Int, max: Int?)
    case assertion(PatternAssertion)
    case lookAhead(PatternNode, isNegated: Bool)
}

enum PatternAssertion {
    case start, end, wordBoundary, noWordBoundary
}

/// The code points that one place of a pattern takes.
struct ScalarSet {
    var ranges: [ClosedRange<UInt32>] = []
    var classes: [ScalarClass] = []
    var isNegated = false
    var ignoresCase = false

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let holds = holds(scalar) || (ignoresCase && scalar.caseVariants.contains(where: holds))
        return holds != isNegated
    }

    private func holds(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) } || classes.contains { $0.contains(scalar) }
    }
}

/// `\d`, `\w`, `\s` and their opposites, by Unicode as in Python.
struct ScalarClass {
    let kind: Kind
    let isNegated: Bool

    enum Kind { case digit, word, space }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let holds =
            switch kind {
            case .digit: scalar.properties.generalCategory == .decimalNumber
            case .word: scalar.isWord
            case .space: scalar.properties.isWhitespace
            }
        return holds != isNegated
    }
}

extension Unicode.Scalar {
    /// Letters, numbers of every kind, and the underscore.
    var isWord: Bool {
        if self == "_" { return true }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber:
            return true
        default: return false
        }
    }

    fileprivate var caseVariants: [Unicode.Scalar] {
        [properties.lowercaseMapping, properties.uppercaseMapping].compactMap { mapping in
            mapping.unicodeScalars.count == 1 ? mapping.unicodeScalars.first : nil
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

extension PatternParser {
    /// What follows a backslash outside brackets.
    mutating func escape() throws(PatternError) -> PatternNode {
        switch peek {
        case "A": return asserting(.start)
        case "Z", "z": return asserting(.end)
        case "b": return asserting(.wordBoundary)
        case "B": return asserting(.noWordBoundary)
        default: break
        }
        switch try escaped() {
        case .scalar(let scalar): return .scalar(only(scalar))
        case .group(let group): return .scalar(set([], [group], isNegated: false))
        }
    }

    private mutating func asserting(_ assertion: PatternAssertion) -> PatternNode {
        place += 1
        return .assertion(assertion)
    }

    /// `[a-z_\d]`, the bracket already read.
    mutating func characterClass() throws(PatternError) -> ScalarSet {
        let isNegated = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        var classes: [ScalarClass] = []
        var isFirst = true
        while isFirst || peek != "]" {
            isFirst = false
            switch try member() {
            case .group(let group): classes.append(group)
            case .scalar(let first): ranges.append(try range(from: first))
            }
        }
        place += 1
        return set(ranges, classes, isNegated: isNegated)
    }

    /// A dash makes a range unless it stands last.
    private mutating func range(from first: Unicode.Scalar) throws(PatternError) -> ClosedRange<UInt32> {
        let before = place
        guard take("-"), peek != "]" else {
            place = before
            return first.value...first.value
        }
        guard case .scalar(let last) = try member(), first.value <= last.value else { throw fault(.badRange) }
        return first.value...last.value
    }

    private enum Member {
        case scalar(Unicode.Scalar)
        case group(ScalarClass)
    }

    private mutating func member() throws(PatternError) -> Member {
        guard let next = peek else { throw fault(.unclosedClass) }
        place += 1
        guard next == "\\" else { return .scalar(next) }
        return take("b") ? .scalar("\u{8}") : try escaped()
    }

    private mutating func escaped() throws(PatternError) -> Member {
        guard let next = peek else { throw fault(.badEscape) }
        if next.isASCII, ("1"..."9").contains(next) { throw fault(.backReference) }
        place += 1
        switch next {
        case "d", "D": return .group(ScalarClass(kind: .digit, isNegated: next == "D"))
        case "w", "W": return .group(ScalarClass(kind: .word, isNegated: next == "W"))
        case "s", "S": return .group(ScalarClass(kind: .space, isNegated: next == "S"))
        case "x": return .scalar(try hex(digits: 2))
        case "u": return .scalar(try hex(digits: 4))
        case "U": return .scalar(try hex(digits: 8))
        default: return .scalar(try simpleEscape(next))
        }
    }

    private func simpleEscape(_ next: Unicode.Scalar) throws(PatternError) -> Unicode.Scalar {
        switch next {
        case "t": return "\t"
        case "n": return "\n"
        case "r": return "\r"
        case "f": return "\u{c}"
        case "v": return "\u{b}"
        case "a": return "\u{7}"
        case "0": return "\0"
        default:
            guard !next.isASCII || !next.properties.isAlphabetic else { throw fault(.badEscape) }
            return next
        }
    }

    private mutating func hex(digits: Int) throws(PatternError) -> Unicode.Scalar {
        var spelled = ""
        for _ in 0..<digits {
            guard let next = peek, next.properties.isASCIIHexDigit else { throw fault(.badEscape) }
            spelled.unicodeScalars.append(next)
            place += 1
        }
        guard let value = UInt32(spelled, radix: 16), let scalar = Unicode.Scalar(value) else {
            throw fault(.badEscape)
        }
        return scalar
    }
}

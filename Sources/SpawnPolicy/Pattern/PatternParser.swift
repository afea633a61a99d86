// SPDX-License-Identifier: Apache-2.0

/// Reads a pattern by descending through alternatives, sequences, repetitions and atoms.
struct PatternParser {
    private static let depthMax = 100

    private let text: [Unicode.Scalar]
    var place = 0
    private var depth = 0
    private var ignoresCase = false
    private var dotTakesNewline = false

    init(_ text: String) { self.text = Array(text.unicodeScalars) }

    mutating func pattern() throws(PatternError) -> PatternNode {
        try globalFlags()
        let node = try alternatives()
        guard peek == nil else { throw fault(.unopenedGroup) }
        return node
    }

    private mutating func alternatives() throws(PatternError) -> PatternNode {
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let next = peek, next != "|", next != ")" { nodes.append(try repetition()) }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    private mutating func repetition() throws(PatternError) -> PatternNode {
        var node = try atom()
        var isRepeated = false
        while let (least, most) = try quantifier() {
            guard !isRepeated else { throw fault(.nothingToRepeat) }
            if case .assertion = node { throw fault(.nothingToRepeat) }
            isRepeated = true
            node = .repeated(node, min: least, max: most)
            if peek == "+" { throw fault(.unsupported) }
            _ = take("?")
        }
        return node
    }

    private mutating func quantifier() throws(PatternError) -> (least: Int, most: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        return try braces()
    }

    /// `{2}`, `{2,}`, `{,3}`, `{2,3}`; anything else after a brace is a brace.
    private mutating func braces() throws(PatternError) -> (least: Int, most: Int?)? {
        let before = place
        guard take("{") else { return nil }
        let least = try number()
        let hasComma = take(",")
        let most = hasComma ? try number() : least
        guard take("}"), hasComma || least != nil else {
            place = before
            return nil
        }
        if let least, let most, least > most { throw fault(.badRepeat) }
        return (least ?? 0, most)
    }

    private mutating func number() throws(PatternError) -> Int? {
        var digits = ""
        while let next = peek, next.isASCII, next.properties.numericType == .decimal {
            digits.unicodeScalars.append(next)
            place += 1
        }
        if digits.isEmpty { return nil }
        guard let number = Int(digits), number <= PatternProgram.sizeMax else { throw fault(.tooLarge) }
        return number
    }

    private mutating func atom() throws(PatternError) -> PatternNode {
        guard let next = peek else { throw fault(.nothingToRepeat) }
        if next == "{" {
            let before = place
            if try braces() != nil { throw fault(.nothingToRepeat) }
            place = before
        }
        place += 1
        switch next {
        case "(": return try group()
        case "[": return .scalar(try characterClass())
        case ".": return .scalar(anything)
        case "^": return .assertion(.start)
        case "$": return .assertion(.end)
        case "\\": return try escape()
        case "*", "+", "?": throw fault(.nothingToRepeat)
        default: return .scalar(only(next))
        }
    }

    // MARK: Groups

    private mutating func group() throws(PatternError) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else { throw fault(.tooDeep) }
        guard take("?") else { return try groupBody() }
        if take(":") { return try groupBody() }
        if take("#") { return try comment() }
        if take("=") { return .lookAhead(try groupBody(), isNegated: false) }
        if take("!") { return .lookAhead(try groupBody(), isNegated: true) }
        if take("P") { return try namedGroup() }
        if take("<") { throw fault(.lookBehind) }
        if peek == ">" || peek == "(" { throw fault(.unsupported) }
        return try flaggedGroup()
    }

    private mutating func groupBody() throws(PatternError) -> PatternNode {
        let node = try alternatives()
        guard take(")") else { throw fault(.unclosedGroup) }
        return node
    }

    private mutating func comment() throws(PatternError) -> PatternNode {
        while let next = peek, next != ")" { _ = take(next) }
        guard take(")") else { throw fault(.unclosedGroup) }
        return .sequence([])
    }

    private mutating func namedGroup() throws(PatternError) -> PatternNode {
        guard take("<") else { throw fault(.backReference) }
        while let next = peek, next != ">", next.isWord { _ = take(next) }
        guard take(">") else { throw fault(.unclosedGroup) }
        return try groupBody()
    }

    /// `(?i:…)`: the flags hold inside the group.
    private mutating func flaggedGroup() throws(PatternError) -> PatternNode {
        let before = (ignoresCase, dotTakesNewline)
        defer { (ignoresCase, dotTakesNewline) = before }
        try flags()
        guard take(":") else { throw fault(.badFlag) }
        return try groupBody()
    }

    /// `(?i)` at the very start, the only place where Python takes it.
    private mutating func globalFlags() throws(PatternError) {
        guard text.starts(with: ["(", "?"]), text.count > 2, text[2].isASCII, text[2].properties.isLowercase else {
            return
        }
        let before = place
        place = 2
        try flags()
        if take(")") { return }
        place = before
        (ignoresCase, dotTakesNewline) = (false, false)
    }

    private mutating func flags() throws(PatternError) {
        while let next = peek, next.isASCII, next.properties.isAlphabetic {
            switch next {
            case "i": ignoresCase = true
            case "s": dotTakesNewline = true
            case "u": break
            default: throw fault(.badFlag)
            }
            place += 1
        }
    }

    // MARK: What the class reader shares

    var peek: Unicode.Scalar? { place < text.count ? text[place] : nil }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        place += 1
        return true
    }

    func fault(_ reason: PatternError.Reason) -> PatternError { PatternError(offset: place, reason: reason) }

    func only(_ scalar: Unicode.Scalar) -> ScalarSet {
        ScalarSet(ranges: [scalar.value...scalar.value], ignoresCase: ignoresCase)
    }

    func set(_ ranges: [ClosedRange<UInt32>], _ classes: [ScalarClass], isNegated: Bool) -> ScalarSet {
        ScalarSet(ranges: ranges, classes: classes, isNegated: isNegated, ignoresCase: ignoresCase)
    }

    private var anything: ScalarSet { ScalarSet(ranges: dotTakesNewline ? [] : [10...10], isNegated: true) }
}

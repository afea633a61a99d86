// SPDX-License-Identifier: Apache-2.0

/// A pattern as instructions: each place either takes one code point and goes on, or branches without taking any.
struct PatternProgram: Sendable {
    /// Most instructions; counted repetitions are written out, so they are what reaches it.
    static let sizeMax = 4096

    enum Instruction: Sendable {
        case take(ScalarSet)
        case jump(Int)
        case split(Int, Int)
        case assert(PatternAssertion)
        /// Goes on if what begins at `body` matches from here (or does not); the body ends in `accept`.
        case lookAhead(body: Int, isNegated: Bool, next: Int)
        case accept
    }

    private(set) var instructions: [Instruction] = []

    init(_ node: PatternNode) throws(PatternError) {
        try append(node)
        try emit(.accept)
    }

    private mutating func append(_ node: PatternNode) throws(PatternError) {
        switch node {
        case .scalar(let set): try emit(.take(set))
        case .assertion(let assertion): try emit(.assert(assertion))
        case .sequence(let nodes): for node in nodes { try append(node) }
        case .alternatives(let branches): try appendAlternatives(branches[...])
        case .repeated(let node, let min, let max): try appendRepeated(node, min: min, max: max)
        case .lookAhead(let node, let isNegated): try appendLookAhead(node, isNegated: isNegated)
        }
    }

    private mutating func appendAlternatives(_ branches: ArraySlice<PatternNode>) throws(PatternError) {
        var ends: [Int] = []
        for branch in branches.dropLast() {
            let split = try reserve()
            try append(branch)
            ends.append(try reserve())
            instructions[split] = .split(split + 1, instructions.count)
        }
        try append(branches.last!)
        for end in ends { instructions[end] = .jump(instructions.count) }
    }

    private mutating func appendRepeated(_ node: PatternNode, min: Int, max: Int?) throws(PatternError) {
        for _ in 0..<min { try append(node) }
        guard let max else {
            let split = try reserve()
            try append(node)
            try emit(.jump(split))
            instructions[split] = .split(split + 1, instructions.count)
            return
        }
        var splits: [Int] = []
        for _ in min..<max {
            splits.append(try reserve())
            try append(node)
        }
        for split in splits { instructions[split] = .split(split + 1, instructions.count) }
    }

    private mutating func appendLookAhead(_ node: PatternNode, isNegated: Bool) throws(PatternError) {
        let look = try reserve()
        try append(node)
        try emit(.accept)
        instructions[look] = .lookAhead(body: look + 1, isNegated: isNegated, next: instructions.count)
    }

    private mutating func emit(_ instruction: Instruction) throws(PatternError) {
        guard instructions.count < Self.sizeMax else { throw PatternError(offset: 0, reason: .tooLarge) }
        instructions.append(instruction)
    }

    /// A place that is filled in when its target is known.
    private mutating func reserve() throws(PatternError) -> Int {
        try emit(.accept)
        return instructions.count - 1
    }
}

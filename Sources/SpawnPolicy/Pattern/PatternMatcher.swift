// SPDX-License-Identifier: Apache-2.0

/// One run of a program over one text: the set of places the program may be in moves on code point by code point.
struct PatternMatcher {
    /// Most steps of one run, look-aheads included; beyond it the text does not match. Patterns without look-ahead
    /// stay below it at any length that is accepted.
    private static let stepsMax = 5_000_000

    private let program: [PatternProgram.Instruction]
    private let text: [Unicode.Scalar]
    private var steps = 0

    init(_ program: PatternProgram, text: [Unicode.Scalar]) {
        self.program = program.instructions
        self.text = text
    }

    mutating func matchesWhole() -> Bool { runs(from: 0, at: 0, needsEnd: true) }

    private mutating func runs(from start: Int, at first: Int, needsEnd: Bool) -> Bool {
        var current = Places(count: program.count)
        var next = Places(count: program.count)
        add(start, at: first, to: &current)
        for place in first..<text.count {
            if current.accepts, !needsEnd { return true }
            if current.takers.isEmpty || steps > Self.stepsMax { return false }
            next.removeAll()
            for taker in current.takers {
                guard case .take(let set) = program[taker], set.contains(text[place]) else { continue }
                add(taker + 1, at: place + 1, to: &next)
            }
            swap(&current, &next)
        }
        return current.accepts && steps <= Self.stepsMax
    }

    /// Follows everything that takes no code point, each place once.
    private mutating func add(_ start: Int, at position: Int, to places: inout Places) {
        var waiting = [start]
        while let place = waiting.popLast() {
            guard places.insert(place) else { continue }
            steps += 1
            switch program[place] {
            case .take: places.takers.append(place)
            case .accept: places.accepts = true
            case .jump(let target): waiting.append(target)
            case .split(let one, let other): waiting += [other, one]
            case .assert(let assertion): if holds(assertion, at: position) { waiting.append(place + 1) }
            case .lookAhead(let body, let isNegated, let next):
                if runs(from: body, at: position, needsEnd: false) != isNegated { waiting.append(next) }
            }
        }
    }

    private func holds(_ assertion: PatternAssertion, at position: Int) -> Bool {
        switch assertion {
        case .start: position == 0
        case .end: position == text.count
        case .wordBoundary: isBoundary(position)
        case .noWordBoundary: !isBoundary(position)
        }
    }

    private func isBoundary(_ position: Int) -> Bool {
        let before = position > 0 && text[position - 1].isWord
        let after = position < text.count && text[position].isWord
        return before != after
    }

    /// Places reached at one position.
    private struct Places {
        var takers: [Int] = []
        var accepts = false
        private var generation = 1
        private var seen: [Int]

        init(count: Int) { seen = Array(repeating: 0, count: count) }

        mutating func insert(_ place: Int) -> Bool {
            if seen[place] == generation { return false }
            seen[place] = generation
            return true
        }

        mutating func removeAll() {
            takers.removeAll(keepingCapacity: true)
            accepts = false
            generation += 1
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// What must be chosen elsewhere in the profile for a choice, or a whole option, to be valid.
package struct Needs: Sendable, Hashable {
    package let conditions: [Condition]
    package let line: Int

    package struct Condition: Sendable, Hashable {
        package let option: String
        /// At least one id.
        package let among: [String]

        package init(option: String, among: [String]) {
            self.option = option
            self.among = among
        }
    }

    package init(_ conditions: [Condition], line: Int) {
        self.conditions = conditions
        self.line = line
    }

    /// - Parameter chosen: option key to chosen id; a typed text is none.
    func areMet(by chosen: [String: String]) -> Bool {
        conditions.allSatisfy { condition in chosen[condition.option].map(condition.among.contains) ?? false }
    }

    /// `{"release": ["a", "b"]}`, for a page's script.
    package var json: String {
        JSON(conditions.reduce(into: JSONObject()) { $0[$1.option] = JSON($1.among.map { JSON($0) }) }).text
    }

    /// "release a or b and image c".
    package var words: String {
        conditions.map { "\($0.option) \($0.among.joined(separator: " or "))" }.joined(separator: " and ")
    }
}

/// The order in which a profile's options are answered: what others need comes before them.
package struct NeedsOrder {
    /// Places of the options; the declared order where nothing speaks against it.
    package let places: [Int]
    /// Keys of options that need each other in a circle, the first one again at the end; nil without one.
    package let cycle: [String]?

    package init(_ options: [ProfileOption]) {
        guard options.contains(where: { !$0.needed.isEmpty }) else {
            (places, cycle) = (Array(options.indices), nil)
            return
        }
        var walk = Walk(options)
        for place in options.indices { walk.visit(place) }
        (places, cycle) = (walk.order, walk.cycle)
    }

    private struct Walk {
        let options: [ProfileOption]
        let placeOf: [String: Int]
        var order: [Int] = []
        var cycle: [String]?
        private var path: [Int] = []
        private var isDone: Set<Int> = []

        init(_ options: [ProfileOption]) {
            self.options = options
            placeOf = Dictionary(options.enumerated().map { ($1.key, $0) }) { first, _ in first }
        }

        mutating func visit(_ place: Int) {
            if isDone.contains(place) { return }
            if let start = path.firstIndex(of: place) {
                cycle = cycle ?? (path[start...] + [place]).map { options[$0].key }
                return
            }
            path.append(place)
            for key in options[place].needed { if let needed = placeOf[key] { visit(needed) } }
            path.removeLast()
            isDone.insert(place)
            order.append(place)
        }
    }
}

extension ProfileOption {
    /// The keys of the options that this one, or a choice of it, needs.
    var needed: [String] {
        ([needs] + choices.map(\.needs)).compactMap(\.self).flatMap { $0.conditions.map(\.option) }
    }
}

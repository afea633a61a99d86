// SPDX-License-Identifier: Apache-2.0

/// The order in which a hub of Zero to JupyterHub gets the keys of its values.
///
/// The chart hands them over by Helm's `toYaml`, which sorts the keys of every mapping, so that it is not the order of
/// the file that users see, and the first choice there is the default. Numbers in a key count as numbers: `mem_2` comes
/// before `mem_10`. Source: jupyterhub/templates/hub/secret.yaml of the chart; `keyList.Less` in sorter.go of
/// go-yaml 2, which Helm's YAML library writes with.
enum HelmOrder {
    static func isBefore(_ a: String, _ b: String) -> Bool {
        let (a, b) = (Array(a.unicodeScalars), Array(b.unicodeScalars))
        guard let place = zip(a, b).enumerated().first(where: { $1.0 != $1.1 })?.offset else {
            return a.count < b.count
        }
        let (one, other) = (a[place], b[place])
        return switch (one.properties.isAlphabetic, other.properties.isAlphabetic) {
        case (true, true): one < other
        case (false, true): true
        case (true, false): false
        case (false, false): isBeforeAsNumbers(a, b, from: place)
        }
    }

    private static func isBeforeAsNumbers(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar], from place: Int) -> Bool {
        // A zero inside a number, unlike one at its start, has weight.
        let isInside = a[..<place].reversed().prefix(while: \.isDigit).contains { $0 != "0" }
        let lead: [Unicode.Scalar] = isInside && (a[place] == "0" || b[place] == "0") ? ["1"] : []
        let (one, other) = (digits(a, from: place), digits(b, from: place))
        let (small, large) = (weight(lead + one), weight(lead + other))
        if small != large {
            return small.count == large.count ? small.lexicographicallyPrecedes(large) : small.count < large.count
        }
        return one.count != other.count ? one.count < other.count : a[place] < b[place]
    }

    private static func digits(_ text: [Unicode.Scalar], from place: Int) -> [Unicode.Scalar] {
        Array(text[place...].prefix(while: \.isDigit))
    }

    /// Without zeros in front, so that longer is larger.
    private static func weight(_ digits: [Unicode.Scalar]) -> [Unicode.Scalar] { Array(digits.drop { $0 == "0" }) }
}

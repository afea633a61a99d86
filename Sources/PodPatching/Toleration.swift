// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// A toleration, equal to all others of its meaning: what one leaves out has Kubernetes' default.
struct Toleration: Sendable, Hashable {
    let json: JSON
    let key: String

    init(_ json: JSON) {
        self.json = json
        self.key = json["key"]?.string ?? ""
    }

    static func == (a: Toleration, b: Toleration) -> Bool {
        a.key == b.key && a.hasSameTerms(as: b)
    }

    private func hasSameTerms(as other: Toleration) -> Bool {
        text("operator", or: "Equal") == other.text("operator", or: "Equal")
            && text("value", or: "") == other.text("value", or: "")
            && text("effect", or: "") == other.text("effect", or: "")
            && json["tolerationSeconds"]?.int == other.json["tolerationSeconds"]?.int
    }

    private func text(_ member: String, or fallback: String) -> String { json[member]?.string ?? fallback }

    func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

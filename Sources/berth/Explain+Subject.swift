// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension Subject {
    /// What the claims and the hub say of the user, as rules see it: a JSON list each, `[]` where they say "none".
    var words: String {
        let rows = [("roles", roles), ("groups", groups), ("entitlements", entitlements)]
        return rows.map { kind, names in
            let list = names.map { JSON($0.map { JSON($0) }).text } ?? "unknown, since no claim for them is there"
            return kind + ":" + String(repeating: " ", count: 14 - kind.count) + list
        }.joined(separator: "\n")
    }
}

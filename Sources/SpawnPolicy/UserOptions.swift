// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// `user_options` as they came: the profile read, everything else still to be checked against that profile.
///
/// JSON null and empty text count as absent, for every known key, since a form sends empty text for what was left
/// alone and KubeSpawner takes both for "the default".
struct UserOptions {
    static let keysMax = 64

    let profile: String?
    /// In the order given, without `profile` and without nulls.
    let entries: [(key: String, value: JSON)]
    private let byKey: [String: JSON]

    init(_ json: JSON?) throws(Objection) {
        guard let json, !json.isNull else {
            self.init(profile: nil, entries: [])
            return
        }
        guard let object = json.object else { throw .notAnObject(json.kind) }
        guard object.count <= Self.keysMax else { throw .tooManyKeys }
        let entries = object.lazy.filter { $0.key != "profile" && !$0.value.isNull }
        self.init(profile: try Self.profile(object["profile"]), entries: Array(entries))
    }

    private init(profile: String?, entries: [(key: String, value: JSON)]) {
        self.profile = profile
        self.entries = entries
        byKey = Dictionary(entries.lazy.map { ($0.key, $0.value) }) { first, _ in first }
    }

    /// The text under `key`; nil where it is absent or empty.
    func text(_ key: String) throws(Objection) -> String? {
        guard let value = byKey[key] else { return nil }
        guard let text = value.string else { throw .notText(key: key, value) }
        return text.isEmpty ? nil : text
    }

    /// The same options of `profile` with one choice set.
    func choosing(_ id: String, for option: String, of profile: Profile) -> JSON {
        var options: JSONObject = ["profile": JSON(profile.slug)]
        for (key, value) in entries { options[key] = value }
        options[option] = JSON(id)
        return JSON(options)
    }

    private static func profile(_ value: JSON?) throws(Objection) -> String? {
        guard let value, !value.isNull else { return nil }
        if let list = value.array, list.count > 1 { throw .severalProfiles }
        guard let text = value.string else { throw .notText(key: "profile", value) }
        return text.isEmpty ? nil : text
    }
}

/// A refusal with the key of `user_options` that it is about.
struct Objection: Error {
    /// Nil where it is about the whole.
    let key: String?
    let refusal: Refusal
}

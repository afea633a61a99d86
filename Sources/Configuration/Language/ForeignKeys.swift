// SPDX-License-Identifier: Apache-2.0

/// Keys that other charts and hubs use, with our word for the same thing.
enum ForeignKeys {
    /// What to write instead, and which of our keys that is, where it is one.
    static func remedy(_ name: String, in shape: Shape) -> (text: String, key: String?)? {
        guard let text = text(name, in: shape) else { return nil }
        return (text, shape.keys.map(\.name).first { text.contains("`\($0)`") })
    }

    private static func text(_ name: String, in shape: Shape) -> String? {
        switch (shape.name, name) {
        case ("profile", "allowed_groups"), ("choice", "allowed_groups"), ("profile_option", "allowed_groups"),
            ("unlisted_choice", "allowed_groups"), ("profile", "groups"):
            "Berth's word for it is `allow`: write `allow: [{group: a}, {group: b}]`."
        case ("profile", "users"), ("profile", "allowed_users"):
            "Berth's word for it is `allow`: write `allow: [{user: a}, {user: b}]`."
        case ("profile", "access"), ("profile", "vo_claims"), ("profile", "allowed_roles"), ("profile", "roles"):
            "Berth's word for it is `allow`: write `allow: {role: …}`, `{group: …}` or `{entitlement: …}`."
        case ("site", "profileList"), ("site", "profile_list"):
            "Berth's word for it is `profiles`; the list itself can stay as it is."
        case ("site", "singleuser"):
            "Berth takes the list under `singleuser.profileList` as `profiles`; the rest stays with the hub."
        case ("profile", "title"), ("profile", "name"), ("image", "title"):
            "The key is `display_name`."
        case ("profile", "id"):
            "The key is `slug`."
        case ("choice", "slug"):
            "The key under `choices` is the choice's id: leave `slug` out."
        case ("gpu", "count"), ("gpu_choice", "count"), ("gpu", "gpus"), ("gpu_choice", "gpus"):
            "Write `cards` for whole cards or `mig_instances` for MIG instances."
        case ("rule", "any_group"), ("rule", "groups"):
            "Write `{any: [{group: a}, {group: b}]}`."
        case ("rule", "roles"):
            "Write `{any: [{role: a}, {role: b}]}`."
        default: nil
        }
    }
}

/// Keys that look as if their value were a secret.
enum SecretWords {
    static func match(_ key: String) -> Bool {
        let word = key.lowercased()
        guard !word.hasSuffix("_file"), !word.hasSuffix("_env"), !word.hasSuffix("_name") else { return false }
        return ["token", "password", "passwd", "secret", "private_key", "api_key"].contains { ending in
            word == ending || word.hasSuffix("_" + ending) || word.hasSuffix("-" + ending)
        }
    }
}

extension YAMLPath {
    /// The last member's name, where the path ends with one that is a word.
    var lastKey: String? {
        let last = description.split(separator: ".").last.map(String.init)
        return last.flatMap { $0.hasSuffix("]") ? nil : $0 }
    }
}

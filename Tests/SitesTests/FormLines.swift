// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// A form in lines, for people: `cpu* | size: s* m | image: base* +`.
enum FormLines {
    /// - Parameter profiles: KubeSpawner's profile list.
    static func of(_ profiles: JSON?) -> JSON {
        JSON((profiles?.array ?? []).map { JSON(line($0)) })
    }

    private static func line(_ profile: JSON) -> String {
        let title = name(profile["slug"]?.string ?? "", profile)
        let options = (profile["profile_options"]?.object ?? JSONObject()).map { key, option in
            let choices = (option["choices"]?.object ?? JSONObject()).map { name($0.key, $0.value) }
            let typed = option["unlisted_choice"] == nil ? [] : ["+"]
            return key + ": " + (choices + typed).joined(separator: " ")
        }
        return ([title] + options).joined(separator: " | ")
    }

    private static func name(_ name: String, _ item: JSON) -> String {
        item["default"]?.bool == true ? name + "*" : name
    }
}

/// The fields that KubeSpawner's page sends for a choice: a list of texts for each.
enum FormFields {
    static func of(_ options: JSON) -> JSON {
        guard let slug = options["profile"]?.string else { return .emptyObject }
        var fields: JSONObject = ["profile": [JSON(slug)]]
        for (key, value) in options.object ?? JSONObject() where key != "profile" {
            fields["profile-option-\(slug)--\(key)"] = [value]
        }
        return JSON(fields)
    }
}

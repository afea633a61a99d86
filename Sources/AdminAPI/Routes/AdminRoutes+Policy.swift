// SPDX-License-Identifier: Apache-2.0
import Configuration
import HTTPServer
import HubAPI
import JSONTree
import SpawnModel
import SpawnPolicy

extension AdminRoutes {
    /// The profiles in force, in the file's order.
    func profiles(_ call: AdminCall) throws(Problem) -> HTTPResponse {
        try call.query.names()
        return try call.ok(
            AdminList(
                columns: ["slug", "display_name", "default", "hidden", "pools", "images", "walltime", "walltime_max"],
                items: call.site.policy.profiles.map(\.listed)))
    }

    /// Every image that some profile offers by id, and which do.
    func images(_ call: AdminCall) throws(Problem) -> HTTPResponse {
        try call.query.names()
        var order: [Choice] = []
        var profiles: [String: [String]] = [:]
        for profile in call.site.policy.profiles {
            for choice in profile.imageChoices {
                if profiles[choice.id] == nil { order.append(choice) }
                profiles[choice.id, default: []].append(profile.slug)
            }
        }
        let items: [JSON] = order.map { choice in
            [
                "id": JSON(choice.id), "display_name": JSON(choice.displayName),
                "image": choice.image.map { JSON($0) } ?? .null,
                "profiles": JSON((profiles[choice.id] ?? []).map { JSON($0) }),
            ]
        }
        return try call.ok(AdminList(columns: ["id", "display_name", "image", "profiles"], items: items))
    }
}

extension Profile {
    fileprivate var imageChoices: [Choice] { options.filter { $0.key == "image" }.flatMap(\.choices) }

    fileprivate var listed: JSON {
        var pools: [String] = []
        for pool in options.flatMap(\.choices).compactMap(\.gpu?.pool) where !pools.contains(pool) {
            pools.append(pool)
        }
        return [
            "slug": JSON(slug), "display_name": JSON(displayName), "description": JSON(description),
            "default": JSON(isDefault), "hidden": JSON(isHidden), "line": JSON(line),
            "pools": JSON(pools.map { JSON($0) }), "images": JSON(imageChoices.map { JSON($0.id) }),
            "walltime": walltime.map { JSON($0.standard.words) } ?? .null,
            "walltime_max": walltime.map { JSON($0.max.words) } ?? .null,
        ]
    }
}

// SPDX-License-Identifier: Apache-2.0
import PodPatching
import SpawnModel

extension Reading {
    /// What the restricted standard forbids and this file asks for all the same: a namespace that enforces it refuses
    /// such pods, and one that does not takes them.
    mutating func warnOfForbiddenVolumes(_ root: Item) {
        let places = restrictedPlaces(root)
        if let lxcfs = root["pod"]?["lxcfs"], lxcfs.flag("host_paths_allowed") != true {
            for place in places where place.hasLXCFS {
                warn(
                    place.item,
                    "forbids host paths, by which LXCFS comes: a namespace that enforces the standard refuses such pods",
                    "Set `lxcfs: false` for restricted profiles; or have the namespace warn and not enforce, and write "
                        + "`pod.lxcfs.host_paths_allowed: true`.",
                    atKey: true)
            }
        }
        guard !places.isEmpty else { return }
        for volume in root["pod"]?["volumes"]?.elements ?? [] {
            guard let type = volume.members.map(\.key).first(where: PodTerms.isForbiddenVolumeType) else { continue }
            warn(
                volume[type] ?? volume,
                "the restricted standard forbids volumes of type `\(type)`: a namespace that enforces it refuses the pod",
                "Make it a persistent volume, and name its claim here.", atKey: true)
        }
    }

    /// Where a file says that pods are restricted, and whether such pods get LXCFS's files.
    private func restrictedPlaces(_ root: Item) -> [(item: Item, hasLXCFS: Bool)] {
        let profiles = profileItems(root["profiles"])
        var places: [(item: Item, hasLXCFS: Bool)] = []
        if let site = root["pod"]?["security"], site.text == PodSecurity.restricted.rawValue {
            let followers = profiles.filter { $0["security"] == nil }
            let hasLXCFS = followers.contains { $0.flag("lxcfs") ?? true }
            if !followers.isEmpty { places.append((site, hasLXCFS)) }
        }
        for profile in profiles {
            guard let own = profile["security"], own.text == PodSecurity.restricted.rawValue else { continue }
            places.append((own, profile.flag("lxcfs") ?? true))
        }
        return places
    }
}

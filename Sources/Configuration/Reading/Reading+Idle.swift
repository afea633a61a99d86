// SPDX-License-Identifier: Apache-2.0
import LastUse
import SpawnPolicy

extension Reading {
    /// - Parameter item: where it is written.
    mutating func noteIdle(_ item: Item?, _ change: SpanChange?) {
        guard let item, let span = change?.applied(to: nil) else { return }
        idleMentions.append(item)
        guard span < IdleLimit.least else { return }
        warn(
            item, "is so short that hubs hear of a use too late: somebody at work could lose the server",
            "Write 5m or more, or see config/sidecars.md for what a hub needs for less.", atKey: true)
    }

    /// Who is to tell when servers were used?
    mutating func warnOfUntoldUse(_ root: Item, of deployments: [Deployment]) {
        guard let first = idleMentions.first else { return }
        if !deployments.contains(where: { $0.hubAPI?.token != nil }) {
            warn(
                first, "ends nothing by itself: Berth cannot ask a hub when servers were used",
                "Add `hub_api` with a token to the deployments, or leave it to a service of the hub.", atKey: true)
        }
        guard root["measured_use"] == nil else { return }
        for profile in profileItems(root["profiles"]) where profile["gpu"] != nil {
            guard let idle = profile["idle"] ?? profile["set"]?["idle"] else { continue }
            warn(
                idle, "ends no server that has a GPU, since nobody measures whether that works",
                "Add `measured_use`.", atKey: true)
        }
    }
}

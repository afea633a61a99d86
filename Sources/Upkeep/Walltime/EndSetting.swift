// SPDX-License-Identifier: Apache-2.0
package import JupyterHub

/// What the configuration in force says of ending servers; read anew at each round.
package struct EndSetting: Sendable, Hashable {
    package struct Deployment: Sendable, Hashable {
        /// Nil where the hub cannot be asked.
        package let hub: HubAddress?
        /// Where its pods run; nil where they cannot be deleted.
        package let namespace: String?

        package init(hub: HubAddress?, namespace: String?) {
            self.hub = hub
            self.namespace = namespace
        }
    }

    package let deployments: [String: Deployment]
    /// How long a hub has to stop a server before its pod is deleted.
    package let grace: Duration

    package init(_ deployments: [String: Deployment], grace: Duration) {
        self.deployments = deployments
        self.grace = grace
    }

    func ways(of deployment: String, inCluster: Bool) -> EndWays {
        let known = deployments[deployment]
        return EndWays(
            asksHub: known?.hub != nil, deletesPods: inCluster && known?.namespace != nil, grace: grace)
    }
}

// SPDX-License-Identifier: Apache-2.0

/// How long what a cluster shows is believed, and how patiently.
package struct ClusterTerms: Sendable, Hashable {
    /// Nothing is decided on, and nothing freed by, a snapshot that is older.
    package let staleAfter: Duration
    /// The longest that a reservation may wait for its pod: after the journal was lost, so long nothing is granted.
    package let holdTime: Duration
    /// How long a node takes nothing new after its kubelet refused a pod.
    package let suspectFor: Duration
    /// How long a device may be missing before held reservations on it are given up: plugins restart.
    package let patience: Duration

    package init(
        staleAfter: Duration = .seconds(30), holdTime: Duration = .seconds(330), suspectFor: Duration = .seconds(120),
        patience: Duration = .seconds(60)
    ) {
        self.staleAfter = staleAfter
        self.holdTime = holdTime
        self.suspectFor = suspectFor
        self.patience = patience
    }
}

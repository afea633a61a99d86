// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// What keeps capacity from being given although no reservation has it: what the cluster shows, and what operators say.
package struct Outside: Sendable, Hashable {
    /// Why nothing new is granted there; what is held there still counts.
    package enum Reason: String, Sendable, CaseIterable {
        case notReady = "not-ready"
        case cordoned
        case draining
        /// MIG is being laid out anew.
        case reconfiguring
        /// A pod has just failed there.
        case suspect
        /// More memory is in use than the ledger knows of.
        case unaccountedUse = "unaccounted-use"

        /// Shares are small against what is unaccounted for; a whole device is not there to give.
        var stopsShares: Bool { self != .unaccountedUse }
    }

    /// By the node's name.
    package var nodes: [String: Reason]
    /// By the card's UUID or the MIG instance's id; a card's counts for all of its instances.
    package var devices: [String: Reason]
    /// Use that no reservation explains.
    package var foreign: [ForeignUse]

    package init(nodes: [String: Reason] = [:], devices: [String: Reason] = [:], foreign: [ForeignUse] = []) {
        self.nodes = nodes
        self.devices = devices
        self.foreign = foreign
    }

    package static let nothing = Outside()
}

/// What one pod that is not ours has of one device.
package struct ForeignUse: Sendable, Hashable {
    /// The pod's uid; the same pod may be on several devices.
    package let pod: String
    package let device: String
    /// Nil: the device as a whole.
    package let share: MiB?

    package init(pod: String, device: String, share: MiB?) {
        self.pod = pod
        self.device = device
        self.share = share
    }
}

// SPDX-License-Identifier: Apache-2.0
package import GPULedger

/// How a cluster's nodes and pods make the inventory.
package struct ClusterInventory: Sendable, Hashable {
    package let devices: DeviceTerms
    package let terms: ClusterTerms
}

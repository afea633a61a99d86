// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// Where the memory of one device is: `capacity` = `free` + `held` + `foreign` + `withheld` - `deficit`, and never more
/// than zero of both `free` and `deficit`.
package struct DeviceAccount: Sendable, Hashable {
    package let node: String
    /// The card's UUID or the MIG instance's id.
    package let device: String
    /// Those that may place here; of a device that is gone, those that have.
    package let pools: [String]
    /// 0 of a device that is gone.
    package let capacity: MiB
    package let free: MiB
    /// By reservations, with what each share takes beside its own.
    package let held: MiB
    /// By pods that are not ours.
    package let foreign: MiB
    /// Free, but not given.
    package let withheld: MiB
    /// What is held beyond the capacity.
    package let deficit: MiB
    /// Reservations that have some of it.
    package let reservations: Int
}

extension Picture {
    /// One a device, in the order of node, card and id, then those that are gone.
    var accounts: [DeviceAccount] {
        let astray = Dictionary(grouping: astray.values.flatMap { $0 }, by: \.place.device)
        return catalogue.devices.map(account)
            + astray.sorted { $0.key < $1.key }.map { DeviceAccount(gone: $0.key, $0.value) }
    }

    private func account(_ device: Device) -> DeviceAccount {
        let use = use(of: device)
        let overhead = use.terms?.sharerOverhead ?? MiB(0)
        let taken = { (holds: [Hold]) in
            holds.reduce(MiB(0)) { sum, hold in
                if hold.place.slot != nil { return sum + hold.place.memory }
                return sum
                    + (hold.mode == .shared ? hold.place.memory + overhead : max(hold.place.memory, device.memory))
            }
        }
        let held = taken(use.holds.filter { !$0.isForeign })
        let foreign = taken(use.holds.filter(\.isForeign))
        let left = device.memory - held - foreign
        let isWithheld = isWithheld(device)
        return DeviceAccount(
            node: device.node, device: device.id, pools: device.pools, capacity: device.memory,
            free: isWithheld ? MiB(0) : max(MiB(0), left), held: held, foreign: foreign,
            withheld: isWithheld ? max(MiB(0), left) : MiB(0), deficit: max(MiB(0), MiB(0) - left),
            reservations: Set(use.holds.filter { !$0.isForeign }.map(\.reservationID)).count)
    }
}

extension DeviceAccount {
    fileprivate init(gone device: String, _ holds: [Hold]) {
        let held = holds.reduce(MiB(0)) { $0 + $1.place.memory }
        self.init(
            node: holds.first?.place.node ?? "", device: device, pools: Set(holds.map(\.pool)).sorted(),
            capacity: MiB(0), free: MiB(0), held: held, foreign: MiB(0), withheld: MiB(0), deficit: held,
            reservations: holds.count)
    }
}

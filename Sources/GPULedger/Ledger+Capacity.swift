// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Storage

// What there is, and what of it is free.

extension Ledger {
    /// One answer per request, in their order, as of the last commit. Waits for nothing. Where the cluster is not seen,
    /// nothing is said to be free.
    ///
    /// - Parameter allowances: what quotas leave the user, one a request; without, everybody may have everything.
    package func availability(
        of requests: [GPURequest], within allowances: [Allowance] = [], now: Instant
    ) -> [Availability] {
        guard watched.isSeen(now) else { return requests.map(Availability.unknown) }
        let now = watched.time(at: now)
        let picture = picture.current(now)
        return requests.enumerated().map { place, request in
            let allowance = allowances.indices.contains(place) ? allowances[place] : .unlimited
            return picture.availability(of: request, now: now).within(allowance, now: now)
        }
    }

    /// Where the memory of each device is, as of the last commit; in the order of node, card and id, then devices that
    /// are gone while something is held there.
    package func accounts(now: Instant) -> [DeviceAccount] { picture.current(watched.time(at: now)).accounts }

    /// Decides by another inventory from now on. Reservations stay, also those on devices that are gone: they count as
    /// `Availability.deficit` until they end, and nothing new is granted there.
    ///
    /// - Parameter swap: called at the moment of the change, between two decisions; it may be called twice.
    /// - Throws: `LedgerError.inventoryFault`; the inventory before stays in force.
    package func replace(
        inventory: Inventory, alongside swap: @escaping @Sendable () -> Void = {}
    ) async throws(LedgerError) {
        let catalogue = picture.catalogue.inventory == inventory ? nil : try DeviceCatalogue(inventory)
        let picture = picture
        // On the writer's thread, so that no decision is made half by the one and half by the other.
        try await writer.transaction { (_) throws(LedgerError) in
            if let catalogue { picture.replace(catalogue) }
            swap()
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Storage

// What there is, and what of it is free.

extension Ledger {
    /// One answer per request, in their order, as of the last commit. Waits for nothing.
    ///
    /// - Parameter allowances: what quotas leave the user, one a request; without, everybody may have everything.
    package func availability(
        of requests: [GPURequest], within allowances: [Allowance] = [], now: Instant
    ) -> [Availability] {
        var picture = picture.current
        picture.advance(to: now)
        return requests.enumerated().map { place, request in
            let allowance = allowances.indices.contains(place) ? allowances[place] : .unlimited
            return picture.availability(of: request, now: now).within(allowance, now: now)
        }
    }

    /// Where the memory of each device is, as of the last commit; in the order of node, card and id, then devices that
    /// are gone while something is held there.
    package func accounts() -> [DeviceAccount] { picture.current.accounts }

    /// Decides by another inventory from now on. Reservations stay, also those on devices that are gone: they count as
    /// `Availability.deficit` until they end, and nothing new is granted there.
    ///
    /// - Parameter swap: called at the moment of the change, between two decisions; it may be called twice.
    /// - Throws: `LedgerError.inventoryFault`; the inventory before stays in force.
    package func replace(
        inventory: Inventory, alongside swap: @escaping @Sendable () -> Void = {}
    ) async throws(LedgerError) {
        let catalogue = picture.catalogue.inventory == inventory ? nil : try DeviceCatalogue(inventory)
        try await change({ if let catalogue { $0 = $0.with(catalogue) } }, alongside: swap)
    }

    /// Decides with other things in the way from now on; what is held under them stays, and counts.
    ///
    /// - Parameter sighting: the look at the cluster that they come from, and the inventory with them.
    package func replace(outside: Outside, sighting: Sighting? = nil) async throws(LedgerError) {
        try await change { picture in
            if picture.outside != outside { picture = picture.with(outside: outside) }
            picture.sighting = sighting
        }
    }

    /// On the writer's thread, so that no decision is made half by the one and half by the other.
    private func change(
        _ change: @escaping @Sendable (inout Picture) -> Void, alongside swap: @escaping @Sendable () -> Void = {}
    ) async throws(LedgerError) {
        let picture = picture
        try await writer.transaction { (_) throws(LedgerError) in
            picture.change(change)
            swap()
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel

// Short words for the tests' inventories and requests.

let noon = Instant(unixSeconds: 1_900_000_800)
let gib = 1024

func card(_ uuid: String, _ memory: Int, _ pools: [String], mig: [Inventory.MIGInstance] = []) -> Inventory.Card {
    Inventory.Card(uuid: uuid, product: "A100", memory: MiB(memory), pools: pools, migInstances: mig)
}

/// One of 40 GiB.
func card(_ uuid: String, _ pools: [String], mig: [Inventory.MIGInstance] = []) -> Inventory.Card {
    card(uuid, 40 * gib, pools, mig: mig)
}

func instance(_ id: String, _ profile: String, _ memory: Int, _ pools: [String]) -> Inventory.MIGInstance {
    Inventory.MIGInstance(id: id, profile: MIGProfile(profile), memory: MiB(memory), pools: pools)
}

func node(_ name: String, _ cards: [Inventory.Card]) -> Inventory.Node { Inventory.Node(name: name, cards: cards) }

func wholePool(_ name: String = "whole") -> Pool {
    Pool(name: name, displayName: name, mode: .whole, resourceName: "nvidia.com/gpu")
}

func migPool(_ name: String, _ profile: String) -> Pool {
    Pool(name: name, displayName: name, mode: .mig(MIGProfile(profile)), resourceName: "nvidia.com/mig-\(profile)")
}

/// Made on demand.
func cutPool(_ name: String, _ profile: String, _ resource: String? = nil) -> Pool {
    Pool(
        name: name, displayName: name, mode: .mig(MIGProfile(profile)), migLayout: .onDemand,
        resourceName: resource ?? "nvidia.com/mig-\(profile)")
}

func sharedPool(
    _ name: String = "shared", unit: Int = 1, overcommit: Int = 100, sharers: Int = 16, headroom: Int = 0,
    keptOpenFor: Duration = .zero, policy: Pool.SharePolicy = .pack, choice: GPUBackend.CardChoice = .expected,
    splits: Bool = false
) -> Pool {
    var backend = GPUBackend.units(of: "mortalgpu/\(name)")
    (backend.cardChoice, backend.splitsOverCards) = (choice, splits)
    return Pool(
        name: name,
        displayName: name,
        mode: .shared(
            .init(
                unit: MiB(unit), overcommitPercent: overcommit, sharersMax: sharers, headroom: headroom,
                keptOpenFor: keptOpenFor, policy: policy)),
        resourceName: "mortalgpu/\(name)",
        backend: backend
    )
}

func cards(_ count: Int, from pool: String = "whole") -> GPURequest { GPURequest(pool: pool, amount: .cards(count)) }

func instances(_ count: Int, from pool: String) -> GPURequest { GPURequest(pool: pool, amount: .migInstances(count)) }

func share(_ request: Int, limit: Int? = nil, from pool: String = "shared") -> GPURequest {
    GPURequest(pool: pool, amount: .share(request: MiB(request), limit: MiB(limit ?? request)))
}

func server(_ user: String, _ name: String = "") -> ServerID {
    ServerID(deployment: "production", user: user, name: name)
}

func start(_ text: String) -> StartID {
    guard let start = StartID(text) else { preconditionFailure("\(text) is no start id") }
    return start
}

func request(
    _ gpu: GPURequest?,
    for user: String = "ana",
    start text: String = "1",
    terms: String = "{}",
    walltime: Duration? = .seconds(3600),
    holdFor: Duration = .seconds(330),
    at now: Instant = noon
) -> ReservationRequest {
    ReservationRequest(
        server: server(user),
        start: start(text),
        gpu: gpu,
        terms: terms,
        walltime: walltime,
        holdFor: holdFor,
        now: now
    )
}

extension Ledger {
    /// The reservation, when there was room.
    func hold(_ request: ReservationRequest) async throws(LedgerError) -> Reservation? {
        if case .held(let reservation, _) = try await reserve(request) { reservation } else { nil }
    }

    /// The devices of the reservation; empty when there was no room.
    func devices(_ gpu: GPURequest, for user: String) async throws(LedgerError) -> [String] {
        try await hold(request(gpu, for: user))?.placement.map(\.device) ?? []
    }

    func availability(of gpu: GPURequest, now: Instant = noon) -> Availability { availability(of: [gpu], now: now)[0] }
}

extension ReserveOutcome {
    var shortage: Shortage? {
        if case .unavailable(let shortage) = self { shortage } else { nil }
    }
    var reservation: Reservation? {
        if case .held(let reservation, _) = self { reservation } else { nil }
    }
}

// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// A reservation's amount as the cluster's nodes count it.
package struct ReservedResource: Sendable, Hashable {
    package let name: String
    package let count: Int

    package init(_ gpu: PodContext.GPU) throws(PodPatchError) {
        let count: Int
        switch (gpu.amount, gpu.pool.mode) {
        case (.cards(let cards), .whole): count = cards
        case (.migInstances(let instances), .mig): count = instances
        case (.share(let request, _), .shared(let terms)) where terms.unit.count > 0:
            count = request.units(of: terms.unit)
        default: throw .amountNotOfPool(pool: gpu.pool.name)
        }
        guard count > 0 else { throw .amountNotOfPool(pool: gpu.pool.name) }
        self.name = gpu.pool.resourceName
        self.count = count
    }
}

/// What one pod says to get its GPU, with nothing left to fill in.
struct ReservedGPU: Sendable, Hashable {
    let resources: [ReservedText]
    let annotations: [ReservedText]
    let labels: [ReservedText]
    let environment: [ReservedText]
    let schedulerName: String?
    let claims: [GPUBackend.Claim]

    init(_ gpu: PodContext.GPU, in context: PodContext, container: String) throws(PodPatchError) {
        let units = try ReservedResource(gpu).count
        let backend = gpu.pool.backend
        if backend.isOneUnit, units > 1 { throw .amountNotOfPool(pool: gpu.pool.name) }
        let facts = GPUFacts(gpu, units: units, context, container: container)
        resources = backend.resources.filled(facts)
        annotations = backend.annotations.filled(facts)
        labels = backend.labels.filled(facts)
        environment = backend.environment.filled(facts)
        schedulerName = backend.schedulerName
        claims = backend.claims.flatMap { $0.repeated(Int(facts[.count] ?? "") ?? 1) }
        guard resources.allSatisfy(\.isAmount) else { throw .amountNotOfPool(pool: gpu.pool.name) }
    }
}

struct ReservedText: Sendable, Hashable {
    let key: String
    let value: String

    /// A whole number above zero, as Kubernetes wants it for devices.
    fileprivate var isAmount: Bool { Int(value).map { $0 > 0 } ?? false }
}

extension [GPUBackend.Entry] {
    fileprivate func filled(_ facts: GPUFacts) -> [ReservedText] {
        compactMap { entry in
            entry.template.text { facts[$0] }.map { ReservedText(key: entry.key, value: $0) }
        }
    }
}

/// What templates may stand for in one pod.
private struct GPUFacts {
    let units: Int
    /// Nil for what is no share.
    let share: (unit: MiB, limit: MiB)?
    let deviceMemory: MiB?
    let placement: [Reservation.Placement]
    let container: String
    let walltime: Duration?
    let reservationID: String

    init(_ gpu: PodContext.GPU, units: Int, _ context: PodContext, container: String) {
        self.units = units
        if case .share(_, let limit) = gpu.amount, case .shared(let terms) = gpu.pool.mode {
            share = (terms.unit, limit)
        } else {
            share = nil
        }
        deviceMemory = gpu.pool.deviceMemory
        placement = gpu.placement
        self.container = container
        walltime = context.walltime
        reservationID = context.reservationID
    }

    subscript(fact: GPUFact) -> String? {
        switch fact {
        case .count: String(share == nil ? units : 1)
        case .units: String(units)
        case .requestMiB: share.map { String(units * $0.unit.count) }
        case .limitMiB: share.map { String($0.limit.count) }
        case .limitUnits: share.map { String($0.limit.units(of: $0.unit)) }
        case .percent: percent.map { String($0) }
        case .fraction: percent.map(Self.fraction)
        case .devices: devices
        case .container: container
        case .walltime: walltime.map { String($0.wholeSeconds) }
        case .reservationID: reservationID
        }
    }

    /// Rounded up, so that what is guaranteed is there.
    private var percent: Int? {
        guard let share else { return 100 }
        guard let memory = deviceMemory, memory.count > 0 else { return nil }
        return min(100, (units * share.unit.count * 100 + memory.count - 1) / memory.count)
    }

    private static func fraction(_ percent: Int) -> String {
        percent >= 100 ? "1" : "0." + (percent < 10 ? "0" : "") + String(percent)
    }

    /// Only what is a UUID of the driver's: an id that the inventory made up means nothing to a scheduler. Of instances
    /// that are made on demand their cards, each once.
    private var devices: String? {
        let ids = placement.map { $0.onDemandCard ?? $0.device }.withoutRepeats()
        guard !ids.isEmpty, ids.allSatisfy({ $0.hasPrefix("GPU-") && !$0.contains("/") }) else { return nil }
        return ids.joined(separator: ",")
    }
}

extension MiB {
    fileprivate func units(of unit: MiB) -> Int { (count + unit.count - 1) / unit.count }
}

extension GPUBackend.Claim {
    /// One for each device: `gpu`, or `gpu-1` and `gpu-2`.
    fileprivate func repeated(_ count: Int) -> [GPUBackend.Claim] {
        guard count > 1 else { return [self] }
        return (1...count).map { GPUBackend.Claim(name: "\(name)-\($0)", templateName: templateName) }
    }
}

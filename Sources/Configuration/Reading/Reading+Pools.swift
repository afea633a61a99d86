// SPDX-License-Identifier: Apache-2.0
import GPULedger
import JSONTree
import SpawnModel

extension Reading {
    /// The pools and the cards that are listed, held against each other.
    mutating func inventory(_ root: Item) -> Inventory {
        let poolItems = root["pools"]?.members ?? []
        let nodes = self.nodes(root["inventory"]?["nodes"])
        let stock = Stock(nodes.map(\.node), isPartial: Reading.isFromCluster(root))
        let backends = backends(root)
        let pools = poolItems.compactMap { pool($0.item, $0.key, stock, backends) }
        checkPlaces(nodes, pools)
        checkExclusions(nodes.flatMap(\.cards), poolItems, backends)
        checkKeptWhole(poolItems, nodes.map(\.node), pools, isListed: !stock.isPartial)
        let counts = poolItems.compactMap { name, item in item.integer("units_per_device").map { (name, $0) } }
        let units = UnitTable(pools, counts: Dictionary(counts, uniquingKeysWith: { first, _ in first }))
        return Inventory(nodes: nodes.map { $0.node.cut(to: units) }, pools: pools)
    }

    private mutating func pool(
        _ item: Item, _ name: String, _ stock: Stock, _ known: [String: ReadBackend]
    ) -> Pool? {
        guard let mode = mode(item, name, stock) else { return nil }
        let devices = stock.devices(of: name)
        if devices.isEmpty, !stock.isPartial {
            let remedy = "List it under `pools` of a card or MIG instance in `inventory`, or remove the pool."
            fault(item, "no device of the inventory is in this pool", remedy, atKey: true)
        }
        let layout = item.text("mig_layout").flatMap(Pool.MIGLayout.init) ?? .fixed
        let backends = backends(of: item, mode: mode, known)
        if layout == .onDemand, mode.word == "mig" { checkMakesMIG(item, backends) }
        exportersInUse += backends.flatMap(\.measuredBy)
        let resource = resource(item, mode, backends)
        let memory = devices.map(\.memory).min() ?? mode.memory(units: item.integer("units_per_device"))
        return Pool(
            name: name, displayName: item.text("display_name") ?? name, mode: mode, migLayout: layout,
            resourceName: resource, backend: joined(backends, item, resource: resource, mode: mode, memory: memory),
            deviceMemory: memory,
            nodeSelector: item["node_selector"]?.textObject ?? .emptyObject,
            tolerations: item["tolerations"]?.json ?? .emptyArray,
            runtimeClassName: item.text("runtime_class") ?? backends.compactMap(\.runtimeClass).first)
    }

    private mutating func mode(_ item: Item, _ name: String, _ stock: Stock) -> Pool.Mode? {
        guard let mode = item.text("mode") else { return nil }
        refuseKeysOfOtherModes(item, mode)
        switch mode {
        case "whole": return .whole
        case "mig":
            guard item["mig_profile"] != nil else {
                fault(
                    item, "`mig_profile` is missing",
                    "A pool in mode `mig` has one shape of slices: `mig_profile: 1g.10gb`.")
                return nil
            }
            return item.text("mig_profile").map { .mig(MIGProfile($0)) }
        case "shared":
            let keptOpenFor = span(item["kept_open_for"], within: .zero ... .seconds(86_400), "0s to 1d")
            return unit(item, name, stock).map { unit in
                .shared(
                    Pool.SharedTerms(
                        unit: unit, overcommitPercent: item.integer("overcommit_percent") ?? 100,
                        sharersMax: item.integer("sharers_max") ?? 32,
                        sharerOverhead: item.memory("sharer_overhead") ?? MiB(0),
                        headroom: item.integer("headroom") ?? 0, keptOpenFor: keptOpenFor ?? .zero,
                        policy: item.text("policy").flatMap(Pool.SharePolicy.init(rawValue:)) ?? .pack))
            }
        default: return nil
        }
    }

    private mutating func refuseKeysOfOtherModes(_ item: Item, _ mode: String) {
        let homes = [
            "mig_profile": "mig", "mig_layout": "mig", "unit": "shared", "units_per_device": "shared",
            "overcommit_percent": "shared", "sharers_max": "shared", "limit_annotation": "shared",
            "sharer_overhead": "shared", "policy": "shared", "card_choice": "shared", "headroom": "shared",
            "kept_open_for": "shared",
        ]
        for (key, member) in item.members {
            guard let home = homes[key], home != mode else { continue }
            fault(
                member, "goes with `mode: \(home)`, and this pool has `mode: \(mode)`",
                "Remove it, or change the mode.", atKey: true)
        }
    }

    private mutating func resource(_ item: Item, _ mode: Pool.Mode, _ backends: [ReadBackend]) -> String {
        if let resource = item.text("resource") ?? backends.compactMap(\.resource).first { return resource }
        if mode.isShared, item["resource"] == nil {
            fault(
                item, "`resource` is missing",
                "A shared pool has the resource name that its device plugin was given, such as `mortalgpu/a100-shared`."
            )
        }
        guard case .mig(let profile) = mode else { return "nvidia.com/gpu" }
        // NVIDIA's device plugin writes `1g.10gb+me` as `mig-1g.10gb.me`.
        return "nvidia.com/mig-" + profile.name.map { $0 == "+" ? "." : String($0) }.joined()
    }
}

extension Pool.Mode {
    /// Of a device with as many units; nil where nothing says it.
    fileprivate func memory(units: Int?) -> MiB? {
        guard case .shared(let terms) = self, let units else { return nil }
        return MiB(terms.unit.count * units)
    }
}

// MARK: - The unit of a shared pool

extension Reading {
    private mutating func unit(_ item: Item, _ name: String, _ stock: Stock) -> MiB? {
        let devices = stock.devices(of: name)
        switch (item["unit"], item["units_per_device"]) {
        case (let unit?, nil):
            guard let memory = unit.memory else { return nil }
            if let largest = devices.map(\.memory).max(), memory > largest {
                fault(
                    unit, "one unit (\(memory)) is more than the memory of any device in the pool (\(largest))",
                    "Write the memory of one unit.")
            }
            return memory
        case (nil, let count?):
            if devices.isEmpty, stock.isPartial {
                fault(
                    count, "does not say how large a unit is, and no card of the pool is listed",
                    "Write the memory behind one unit beside it, such as `unit: 1Gi`.", atKey: true)
                return nil
            }
            return count.integer.flatMap { unit(count, units: $0, devices) }
        case (let unit?, _?) where stock.isPartial: return unit.memory
        case (nil, nil):
            fault(
                item, "says neither `unit` nor `units_per_device`",
                "Write the memory behind one unit of the resource, such as `unit: 1Gi`.")
            return nil
        default:
            fault(item, "says `unit` and `units_per_device`", "Keep the one that the device plugin is configured with.")
            return nil
        }
    }

    /// A resource name whose unit is not the same everywhere would make the same number of units mean different sizes.
    private mutating func unit(_ item: Item, units: Int, _ devices: [Stock.Device]) -> MiB? {
        let sizes = Set(devices.map { $0.memory.count / units }).sorted()
        guard let size = sizes.first else { return MiB(1) }
        if sizes.count > 1 {
            let list = sizes.map { "\($0)Mi" }.joined(separator: ", ")
            fault(
                item, "mixes units of different sizes in one pool (\(list)), as its devices differ in memory",
                "Make one pool a size, each with its own resource name.")
        }
        guard size > 0 else {
            fault(item, "makes units of less than 1Mi", "Write fewer units.")
            return MiB(1)
        }
        return MiB(size)
    }
}

// SPDX-License-Identifier: Apache-2.0
import GPULedger
import JSONTree
import SpawnModel
import SpawnPolicy

extension Reading {
    /// A pool with what is known of its devices.
    struct PoolInUse {
        let pool: Pool
        /// The most that a share may have.
        let largest: MiB
        let mostOnOneNode: Int

        /// What a share lives on.
        var place: String { pool.backend.splitsOverCards ? "node" : "device" }

        static func all(in inventory: Inventory) -> [PoolInUse] {
            let stock = Stock(inventory.nodes)
            return inventory.pools.map { pool in
                PoolInUse(
                    pool: pool, largest: stock.largestShare(of: pool), mostOnOneNode: stock.mostOnOneNode(of: pool))
            }
        }
    }

    /// `gpu` of a profile as its option `gpu`; a single offer is an option with one choice, named after its pool.
    mutating func gpuOption(_ item: Item, _ pools: [PoolInUse]) -> ProfileOption? {
        guard let gpu = item["gpu"], gpu.isMapping else { return nil }
        return ProfileOption(
            key: "gpu", displayName: gpu.text("display_name") ?? "GPU", allow: allow(gpu),
            choices: gpuChoices(gpu, pools), unlisted: nil, line: gpu.keyPlace.line)
    }

    private mutating func gpuChoices(_ gpu: Item, _ pools: [PoolInUse]) -> [Choice] {
        guard let list = gpu["choices"] else { return single(gpu, pools) }
        for (key, member) in gpu.members where Reading.offerKeys.contains(key) {
            fault(member, "stands beside `choices`", "Move it into one of the choices.", atKey: true)
        }
        refuseRepeats(list.elements.compactMap { one in one.text("id").map { ($0, one["id"] ?? one) } }, "choice")
        refuseTwoDefaults(list.elements, "choice")
        return list.elements.compactMap { one in
            guard one.isMapping else { return nil }
            checkTraits(one["kubespawner_override"])
            let anyOf = anyOf(one, among: list)
            let offer = one["any_of"] == nil && !isWithoutGPU(one) ? offer(one, pools) : nil
            return one.text("id").map { id in
                Choice(
                    id: id, displayName: one.text("display_name") ?? id, isDefault: one.flag("default") ?? false,
                    allow: allow(one), overrides: one.object("kubespawner_override"), gpu: offer, anyOf: anyOf,
                    needs: needs(one), isHidden: one.flag("hidden") ?? false, set: setBlock(of: one),
                    line: one.place.line)
            }
        }
    }

    /// A choice that says nothing of a GPU is a start without one.
    private func isWithoutGPU(_ item: Item) -> Bool { !Reading.offerKeys.contains { item[$0] != nil } }

    /// Ids of choices beside this one that are offers of their own, with an amount that needs no typing.
    private mutating func anyOf(_ item: Item, among list: Item) -> [String] {
        guard let written = item["any_of"] else { return [] }
        for (key, member) in item.members where Reading.offerKeys.contains(key) {
            fault(member, "stands beside `any_of`", "Keep one of the two.", atKey: true)
        }
        let offers = list.elements.filter { $0["any_of"] == nil && $0["size"] == nil && !isWithoutGPU($0) }.compactMap {
            $0.text("id")
        }
        return written.elements.compactMap {
            reference(
                $0, to: offers, "choice with an offer of its own",
                "Name one with `cards`, `mig_instances` or `request`.")
        }
    }

    private static let offerKeys = ["pool", "cards", "mig_instances", "request", "limit", "size"]

    private mutating func single(_ gpu: Item, _ pools: [PoolInUse]) -> [Choice] {
        guard let offer = offer(gpu, pools) else { return [] }
        let name = pools.first { $0.pool.name == offer.pool }?.pool.displayName ?? offer.pool
        return [
            Choice(
                id: offer.pool, displayName: name, isDefault: true, allow: .everyone, overrides: JSONObject(),
                gpu: offer, line: gpu.keyPlace.line)
        ]
    }

    private mutating func offer(_ item: Item, _ pools: [PoolInUse]) -> GPUOffer? {
        guard item["pool"] != nil else {
            let what =
                item["choices"] == nil && item.path.lastKey == "gpu"
                ? "says neither `pool` nor `choices`" : "`pool` is missing"
            fault(item, what, "Name the pool that the GPU comes from: `pool: …`.", atKey: true)
            return nil
        }
        let name = reference(item["pool"], to: names.pools, "pool", "Define it under `pools`.")
        let pool = pools.first { $0.pool.name == name }
        guard let amount = amount(item, pool), let name else { return nil }
        return GPUOffer(pool: name, amount: amount)
    }
}

// MARK: - Amounts

extension Reading {
    /// What is asked of the pool, in the one way that fits the pool's mode.
    private mutating func amount(_ item: Item, _ pool: PoolInUse?) -> GPUOffer.Amount? {
        let given = ["cards", "mig_instances", "request", "size"].filter { item[$0] != nil }
        guard given.count == 1 else {
            faultAmounts(item, given, pool)
            return nil
        }
        if let limit = item["limit"], given[0] != "request" {
            fault(
                limit, "`limit` goes with `request`",
                given[0] == "size" ? "A typed size is its own limit: remove it." : "Remove it.", atKey: true)
        }
        guard fits(item, given[0], pool) else { return nil }
        switch given[0] {
        case "cards", "mig_instances": return count(item, given[0], pool)
        case "request": return share(item, pool)
        default: return sizes(item["size"], pool).map { .sized($0) }
        }
    }

    private mutating func faultAmounts(_ item: Item, _ given: [String], _ pool: PoolInUse?) {
        let words = given.map { "`\($0)`" }.joined(separator: " and ")
        if !given.isEmpty { return fault(item, "has \(words) side by side", "Keep one.") }
        let remedy =
            pool.map { "From this pool: \($0.pool.mode.example)." }
            ?? "Write `cards`, `mig_instances`, `request` or `size`."
        fault(item, "does not say how much", remedy, atKey: true)
    }

    private mutating func fits(_ item: Item, _ key: String, _ pool: PoolInUse?) -> Bool {
        guard let pool, let written = item[key] else { return true }
        guard !pool.pool.mode.takes(key) else { return true }
        let mode = pool.pool.mode.word
        fault(
            written, "the pool \(quoted(pool.pool.name)) is in mode `\(mode)` and gives no `\(key)`",
            "Write \(pool.pool.mode.example), or name another pool.", atKey: true)
        return false
    }

    private mutating func count(_ item: Item, _ key: String, _ pool: PoolInUse?) -> GPUOffer.Amount? {
        guard let written = item[key], let count = written.integer else { return nil }
        if let pool, pool.mostOnOneNode > 0, count > pool.mostOnOneNode {
            fault(
                written, "\(count) are more than any node has in this pool (\(pool.mostOnOneNode))",
                "All of them come from one node: ask for fewer.")
        }
        if let pool = pool?.pool, pool.backend.isOneUnit, count > 1 {
            fault(
                written, "a server gets one of the pool \(quoted(pool.name)), whatever it asks for",
                "Write `\(key): 1`.")
        }
        return .fixed(key == "cards" ? .cards(count) : .migInstances(count))
    }

    private mutating func share(_ item: Item, _ pool: PoolInUse?) -> GPUOffer.Amount? {
        guard let written = item["request"], let request = written.memory else { return nil }
        let limit = item.memory("limit") ?? request
        if limit < request, let bound = item["limit"] {
            fault(
                bound, "the limit (\(bound.text ?? "")) is below the request (\(written.text ?? ""))",
                "Write at least the request.")
        }
        checkUnit(written, request, pool)
        checkRoom(written, request, pool)
        if limit >= request, let bound = item["limit"] { checkRoom(bound, limit, pool) }
        return .fixed(.share(request: request, limit: max(limit, request)))
    }

    private mutating func checkRoom(_ item: Item, _ memory: MiB, _ pool: PoolInUse?) {
        guard let pool, pool.largest > MiB(0), memory > pool.largest else { return }
        fault(
            item,
            "\(item.text ?? "") is more than any \(pool.place) of the pool \(quoted(pool.pool.name)) has (\(pool.largest))",
            "A share lives on one \(pool.place): write at most \(pool.largest).")
    }

    private mutating func checkUnit(_ item: Item, _ memory: MiB, _ pool: PoolInUse?) {
        guard let pool = pool?.pool, pool.backend.isOneUnit, case .shared(let terms) = pool.mode, memory > terms.unit
        else { return }
        fault(
            item,
            "a server gets one unit of the pool \(quoted(pool.name)), which is \(terms.unit), whatever it asks for",
            "Ask for at most \(terms.unit).")
    }

    private mutating func sizes(_ item: Item?, _ pool: PoolInUse?) -> ShareSizes? {
        guard let item, let min = item.integer("min"), let most = item["max"], let max = most.integer else {
            return nil
        }
        let step = item.integer("step") ?? 1
        guard min <= max else {
            fault(most, "the largest size (\(max)) is below the smallest (\(min))", "Swap them.")
            return nil
        }
        if let pool, pool.largest > MiB(0), MiB(max * 1024) > pool.largest {
            fault(
                most,
                "\(max) GiB are more than any \(pool.place) of the pool \(quoted(pool.pool.name)) has (\(pool.largest))",
                "Write at most \(pool.largest.count / 1024).")
        }
        checkUnit(most, MiB(max * 1024), pool)
        if let standard = item["default"], let size = standard.integer,
            !(min...max).contains(size) || (size - min) % step != 0
        {
            fault(
                standard, "\(size) is not one of the sizes",
                "Write \(min), or a whole number of steps of \(step) above it, up to \(max).")
        }
        return ShareSizes(min: min, max: max, step: step, standard: item.integer("default"))
    }
}

extension Pool.Mode {
    var word: String {
        switch self {
        case .whole: "whole"
        case .mig: "mig"
        case .shared: "shared"
        }
    }

    fileprivate func takes(_ key: String) -> Bool {
        switch self {
        case .whole: key == "cards"
        case .mig: key == "mig_instances"
        case .shared: key == "request" || key == "size"
        }
    }

    fileprivate var example: String {
        switch self {
        case .whole: "`cards: 1`"
        case .mig: "`mig_instances: 1`"
        case .shared: "`request: 10Gi`"
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import SpawnPolicy

extension Reading {
    /// The site's own backends, and those known by themselves that its pools name.
    mutating func backends(_ root: Item) -> [String: ReadBackend] {
        var backends: [String: ReadBackend] = [:]
        for (name, item) in root["backends"]?.members ?? [] where item.isMapping {
            backends[name] = backend(item, name)
        }
        let named = (root["pools"]?.members ?? []).flatMap { $0.item.texts("backend") ?? [] } + Self.usualBackends
        for name in named where backends[name] == nil && !names.backends.contains(name) {
            guard let item = BuiltInBackends.item(name, &findings) else { continue }
            backends[name] = backend(item, name)
        }
        return backends
    }

    private static let usualBackends = ["nvidia", "mortalgpu"]

    private mutating func backend(_ item: Item, _ name: String) -> ReadBackend {
        var backend = ReadBackend(item, name: name)
        backend.resources = entries(item["resources"])
        backend.annotations = entries(item["annotations"])
        backend.labels = entries(item["labels"])
        backend.environment = entries(item["environment"])
        backend.claims = entries(item["claims"])
        let annotations = item["annotations"]?.members.map(\.key) ?? []
        for asking in item["asks_by"]?.elements ?? [] where !(asking.text.map(annotations.contains) ?? true) {
            fault(asking, "is none of the backend's `annotations`", "Add it there, or remove it.")
        }
        for exporter in item["measured_by"]?.elements ?? [] {
            _ = reference(
                exporter, to: names.exporters + BuiltInExporters.names, "exporter",
                "Define it under `measured_use.exporters`.")
        }
        for excluded in item["excludes"]?.elements ?? [] {
            _ = reference(
                excluded, to: names.backends + BuiltInBackends.names, "backend", "Define it under `backends`.")
        }
        if backend.isBeside, let device = item["resources"] ?? item["claims"] ?? item["asks_by"] {
            fault(device, "asks for a GPU, and the backend stands beside another", "Remove `beside`.", atKey: true)
        }
        for (variable, value) in item["environment"]?.members ?? [] where variable == "NVIDIA_VISIBLE_DEVICES" {
            fault(value, "says which GPUs are visible, which the device plugin does", "Remove it.", atKey: true)
        }
        return backend
    }

    private mutating func entries(_ item: Item?) -> [ReadBackend.Entry] {
        (item?.members ?? []).compactMap { key, value in
            guard let text = value.text, let key = gpuText(key, value, atKey: true),
                let value = gpuText(text, value, atKey: false)
            else { return nil }
            return ReadBackend.Entry(key: key, value: value)
        }
    }

    /// A text in which `${gpu.…}` and `${pool.…}` may stand.
    private mutating func gpuText(_ text: String, _ item: Item, atKey: Bool) -> TextTemplate? {
        var names = Reference.Names()
        names.isOfBackend = true
        do throws(TemplateFault) {
            let template = try TextTemplate(parsing: text, at: .text, names: names)
            _ = try template.forGPUs { _ in "" }
            return template
        } catch {
            fault(item, error.what, error.remedy, atKey: atKey)
            return nil
        }
    }
}

// MARK: - A pool's backends

extension Reading {
    /// The backends that the pool names, in their order; those that do not fit are told of and left out.
    mutating func backends(
        of item: Item, mode: Pool.Mode, _ known: [String: ReadBackend]
    ) -> [ReadBackend] {
        guard let written = item["backend"] else {
            return [known[mode.isShared ? "mortalgpu" : "nvidia"]].compactMap { $0 }
        }
        let items = written.isList ? written.elements : [written]
        let all = names.backends + BuiltInBackends.names
        let found = items.compactMap { one in
            reference(one, to: all, "backend", "Define it under `backends`.").flatMap { known[$0] }.map { (one, $0) }
        }
        for (item, backend) in found where !backend.isBeside && !backend.modes.contains(mode.word) {
            fault(
                item, "\(quoted(backend.name)) gives nothing in mode `\(mode.word)`",
                "Write `mode: \(backend.modes.joined(separator: "` or `"))`, or name another backend.")
        }
        let devices = found.filter { !$0.1.isBeside }
        if found.count == items.count, devices.isEmpty {
            fault(written, "names no backend that gives a GPU", "Add one, such as `nvidia`.")
        }
        for (item, backend) in devices.dropFirst() {
            fault(
                item, "\(quoted(backend.name)) gives GPUs, and \(quoted(devices[0].1.name)) does too",
                "Keep one: only a queue stands beside another.")
        }
        return found.map(\.1)
    }

    /// What the pool's backends say together.
    mutating func joined(
        _ backends: [ReadBackend], _ item: Item, resource: String, mode: Pool.Mode, memory: MiB?
    ) -> GPUBackend {
        let settings = Dictionary(
            (item["settings"]?.members ?? []).compactMap { key, value in value.text.map { (key, $0) } },
            uniquingKeysWith: { first, _ in first })
        let place = item["backend"] ?? item
        var joined = GPUBackend()
        for backend in backends {
            do throws(TemplateFault) {
                joined = joined.joined(by: try backend.bound { $0 == "resource" ? resource : settings[$0] })
            } catch {
                fault(place, "\(quoted(backend.name)): \(error.what)", error.remedy, atKey: item["backend"] == nil)
            }
        }
        let used = backends.reduce(into: Set<String>()) { $0.formUnion($1.settings) }
        for (name, setting) in item["settings"]?.members ?? [] where !used.contains(name) {
            let list = used.sorted().map { "`\($0)`" }.joined(separator: ", ")
            fault(
                setting, "none of the pool's backends asks for it",
                list.isEmpty ? "Remove it." : "They ask for \(list).", atKey: true)
        }
        if let choice = item.cardChoice { joined.cardChoice = choice }
        if let limit = limitAnnotation(item["limit_annotation"]) { joined.annotations.put([limit]) }
        check(joined, place, backends, item, mode: mode, memory: memory)
        return joined
    }

    private mutating func limitAnnotation(_ item: Item?) -> GPUBackend.Entry? {
        guard let key = item?.text("key"), let value = item?["value"], let text = value.text else { return nil }
        // The older spelling of the one fact that it is about.
        let whole = text.replacing("{limit_mib}", with: "${gpu.limit_mib}")
        guard let template = gpuText(whole, value, atKey: false), let gpu = try? template.forGPUs(pool: { _ in nil })
        else { return nil }
        return GPUBackend.Entry(key, gpu)
    }
}

// MARK: - What cannot be

extension Reading {
    private mutating func check(
        _ backend: GPUBackend, _ place: Item, _ read: [ReadBackend], _ item: Item, mode: Pool.Mode, memory: MiB?
    ) {
        guard read.contains(where: { !$0.isBeside && $0.modes.contains(mode.word) }) else { return }
        if !backend.asks(in: mode) {
            fault(
                place, "asks for no GPU in mode `\(mode.word)`: no resource, claim or asking annotation is left",
                "Name another backend, or give this one `resources`.", atKey: item["backend"] == nil)
        }
        let facts = (backend.resources + backend.annotations + backend.labels + backend.environment)
            .flatMap(\.template.facts)
        if mode.isShared, memory == nil, facts.contains(.percent) || facts.contains(.fraction) {
            fault(
                place, "asks for a part of a card whose memory is not known",
                "List the pool's cards under `inventory`, or name a backend that asks by memory.")
        }
        if let percent = item["overcommit_percent"], percent.integer ?? 100 > 100, item["backend"] != nil,
            !facts.contains(.limitMiB), !facts.contains(.limitUnits)
        {
            fault(
                percent, "lets limits be above requests, and the pool's backend tells no limit to anybody",
                "Remove it, or say the limit by `limit_annotation` or a backend of your own.", atKey: true)
        }
    }
}

extension GPUBackend {
    /// Whether a pod is sure to ask for something in that mode.
    fileprivate func asks(in mode: Pool.Mode) -> Bool {
        let asking = resources + annotations.filter { askingAnnotations.contains($0.key) }
        return !claims.isEmpty
            || asking.contains { entry in
                entry.template.facts.allSatisfy { !$0.isUncertain && (mode.isShared || !$0.isOfShares) }
            }
    }
}

extension Pool.Mode {
    var isShared: Bool { word == "shared" }
}

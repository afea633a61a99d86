// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import MeasuredUse

extension Reading {
    /// After the pools: it is their backends that say by which exporters they are measured.
    mutating func measuredUse(_ item: Item?) -> MeasuredUseTerms? {
        guard let item, item.isMapping else { return nil }
        let own = exporters(item["exporters"])
        let exporters = namedExporters(own)
        if exporters.isEmpty {
            warn(
                item, "tells of no pool", "Write `measured_by` at the pools' backends, or remove `measured_use`.",
                atKey: true)
        }
        let sources = (item["sources"]?.elements ?? []).compactMap { one in source(one).map { ($0, one) } }
        refuseRepeats(sources.map { ($0.0.url, $0.1) }, "source")
        let terms = MeasuredUseTerms(
            sources: sources.map(\.0), exporters: exporters,
            interval: span(item["interval"], within: .seconds(5) ... .seconds(600), "5s to 10m") ?? .seconds(30),
            timeout: span(item["timeout"], within: .seconds(1) ... .seconds(30), "1s to 30s") ?? .seconds(5),
            staleAfter: span(item["stale_after"], within: .seconds(10) ... .seconds(3600), "10s to 1h")
                ?? .seconds(120))
        if terms.staleAfter <= terms.interval + terms.timeout {
            fault(
                item["stale_after"] ?? item["interval"] ?? item,
                "what is told would be stale before the next answer is there",
                "Make `stale_after` longer than `interval` and `timeout` together, best several times as long.")
        }
        return terms
    }

    /// Each once, in the order of the pools and of `measured_by`.
    private mutating func namedExporters(_ own: [Exporter]) -> [Exporter] {
        var seen: Set<String> = []
        return exportersInUse.filter { seen.insert($0).inserted }.compactMap { name in
            own.first { $0.name == name }
                ?? BuiltInExporters.item(name, &findings).map { exporter($0, name) }
        }
    }

    private mutating func exporters(_ item: Item?) -> [Exporter] {
        (item?.members ?? []).filter(\.item.isMapping).map { name, item in exporter(item, name) }
    }

    private mutating func exporter(_ item: Item, _ name: String) -> Exporter {
        var labels = Exporter.Labels()
        labels.device = item.texts("device") ?? []
        labels.instance = item.texts("instance") ?? []
        labels.migDevice = item.texts("mig_device") ?? []
        labels.pod = item.texts("pod") ?? []
        labels.namespace = item.texts("namespace") ?? []
        labels.podUID = item.texts("pod_uid") ?? []
        labels.parts = item.texts("parts") ?? []
        let measures = (item["measures"]?.elements ?? []).compactMap { measure($0, labels) }
        return Exporter(name: name, labels: labels, measures: measures)
    }

    private mutating func measure(_ item: Item, _ labels: Exporter.Labels) -> Measure? {
        guard let metric = item.text("metric"), let unit = item.text("unit").flatMap(Measure.Unit.init) else {
            return nil
        }
        for target in item["of"]?.elements ?? [] {
            switch target.text.flatMap(Measure.Target.init) {
            case .device where labels.device.isEmpty && labels.migDevice.isEmpty:
                fault(target, "no label says which device", "Write `device` beside `measures`.")
            case .pod where labels.pod.isEmpty || labels.namespace.isEmpty:
                fault(target, "no labels say which pod", "Write `pod` and `namespace` beside `measures`.")
            case .device, .pod, nil: break
            }
        }
        return Measure(
            metric: metric, unit: unit, targets: (item.texts("of") ?? []).compactMap(Measure.Target.init),
            addsUp: item.flag("adds_up") ?? false)
    }
}

// MARK: - Sources

extension Reading {
    private mutating func source(_ item: Item) -> UseSource? {
        guard item.isMapping else { return nil }
        let written = UseSource.Kind.allCases.compactMap { kind in item[kind.rawValue].map { (kind, $0) } }
        guard let (kind, url) = written.first, written.count == 1 else {
            let words = written.isEmpty ? "neither `prometheus` nor" : "both `prometheus` and"
            fault(item, "says \(words) `exporter`", "Write one: `prometheus: https://prometheus.example.org`.")
            return nil
        }
        let token = item["token_file"].flatMap { sourceToken($0) }
        guard let text = url.text, let origin = origin(url, isClearTextAllowed: item.flag("allow_http") ?? false)
        else { return nil }
        if kind == .prometheus, text.contains("?") || text.contains("#") || text.hasSuffix("/query") {
            fault(url, "\(quoted(text)) is more than the server's URL", "Leave out what begins with `/api`.")
        }
        let base = kind == .prometheus && text.hasSuffix("/") ? String(text.dropLast()) : text
        return UseSource(kind: kind, url: base, origin: "\(origin)", token: token)
    }

    private mutating func origin(_ url: Item, isClearTextAllowed: Bool) -> Origin? {
        let origin: Origin
        do throws(WebAddress.Fault) { origin = try WebAddress(url.text ?? "").origin } catch {
            switch error {
            case .holdsCredentials:
                fault(url, "has a user or password in it", "Write a `token_file` instead.")
            case .malformed, .schemeUnknown:
                fault(
                    url, "is no URL that can be asked", "Write `https://…`, or `http://…` with `allow_http: true`.")
            }
            return nil
        }
        let isNear = ["127.0.0.1", "localhost", "[::1]"].contains(origin.host)
        guard origin.scheme == .https || isNear || isClearTextAllowed else {
            fault(
                url, "is asked in clear text",
                "Use `https://`, or write `allow_http: true` where nobody can stand between.")
            return nil
        }
        return origin
    }

    private mutating func sourceToken(_ item: Item) -> SourceToken? {
        let remedy = "Write the token that the server knows Berth by into it, and keep it to Berth (`chmod 600`)."
        guard let bytes = secretBytes(item, remedy) else { return nil }
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            fault(item, "holds blanks, line breaks or characters that no HTTP header can carry", remedy)
            return nil
        }
        return SourceToken(String(decoding: bytes, as: UTF8.self))
    }
}

// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import SpawnPolicy

/// A backend as it is written, with its texts taken apart and no pool put in yet.
struct ReadBackend {
    let name: String
    /// Words of `mode`.
    let modes: [String]
    let isBeside: Bool
    let resource: String?
    let runtimeClass: String?
    let schedulerName: String?
    let asksBy: [String]
    let isOneUnit: Bool
    let splitsOverCards: Bool
    let cardChoice: GPUBackend.CardChoice
    let makesMIG: Bool
    /// Names of backends that cannot give the same cards.
    let excludes: [String]
    /// Names of exporters.
    let measuredBy: [String]
    var resources: [Entry] = []
    var annotations: [Entry] = []
    var labels: [Entry] = []
    var environment: [Entry] = []
    var claims: [Entry] = []

    struct Entry {
        let key: TextTemplate
        let value: TextTemplate
    }

    init(_ item: Item, name: String) {
        self.name = name
        modes = item.texts("modes") ?? ["whole", "mig", "shared"]
        isBeside = item.flag("beside") ?? false
        resource = item.text("resource")
        runtimeClass = item.text("runtime_class")
        schedulerName = item.text("scheduler")
        asksBy = item.texts("asks_by") ?? []
        isOneUnit = item.flag("one_unit") ?? false
        splitsOverCards = item.flag("splits_over_cards") ?? false
        // What stands beside another backend gives no card.
        cardChoice = isBeside ? .expected : item.cardChoice ?? .unknown
        makesMIG = item.flag("mig_on_demand") ?? false
        excludes = item.texts("excludes") ?? []
        measuredBy = item.texts("measured_by") ?? []
    }

    /// What the pool has to say for it, beside its resource.
    var settings: Set<String> {
        let entries = resources + annotations + labels + environment + claims
        return Set(
            entries.flatMap { $0.key.references + $0.value.references }.compactMap { reference in
                if case .pool(let name) = reference.source, name != "resource" { name } else { nil }
            })
    }

    /// The backend for one pool.
    ///
    /// - Throws: where the pool lacks a value, or a key with one in it is no good name.
    func bound(pool: (String) -> String?) throws(TemplateFault) -> GPUBackend {
        var backend = GPUBackend()
        backend.resources = try Self.bound(resources, .qualified, pool)
        backend.annotations = try Self.bound(annotations, .qualified, pool)
        backend.labels = try Self.bound(labels, .qualified, pool)
        backend.environment = try Self.bound(environment, .variable, pool)
        for claim in try Self.bound(claims, .object, pool) {
            let name = claim.template.literal ?? ""
            guard NameRule.dnsName.allows(name) else {
                throw TemplateFault(
                    what: "the claim `\(claim.key)` is made from \(quoted(name)), which is no object's name",
                    remedy: "Name a ResourceClaimTemplate; it is the same for every pod.")
            }
            backend.claims.append(GPUBackend.Claim(name: claim.key, templateName: name))
        }
        backend.schedulerName = schedulerName
        backend.askingAnnotations = asksBy
        backend.isOneUnit = isOneUnit
        backend.splitsOverCards = splitsOverCards
        backend.cardChoice = cardChoice
        return backend
    }

    private static func bound(
        _ entries: [Entry], _ rule: NameRule, _ pool: (String) -> String?
    ) throws(TemplateFault) -> [GPUBackend.Entry] {
        var bound: [GPUBackend.Entry] = []
        for entry in entries {
            guard let key = try entry.key.forGPUs(pool: pool).literal, rule.allows(key) else {
                throw TemplateFault(
                    what: "a key of the backend is not \(rule.words)", remedy: "Only `${pool.…}` may be in it.")
            }
            bound.append(GPUBackend.Entry(key, try entry.value.forGPUs(pool: pool)))
        }
        return bound
    }
}

extension Item {
    /// As a backend or a pool says it.
    var cardChoice: GPUBackend.CardChoice? { text("card_choice").flatMap(GPUBackend.CardChoice.init(rawValue:)) }
}

extension NameRule {
    /// The name of a Kubernetes object.
    static let dnsName = NameRule(
        pattern: "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", words: "lower-case letters, digits, `-` and `.`", most: 253
    ) { text in
        text.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" || $0 == "."
        } && text.first != "-" && text.first != "." && text.last != "-" && text.last != "."
    }
}

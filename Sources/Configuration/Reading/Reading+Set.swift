// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes
import SpawnModel
import SpawnPolicy

extension Reading {
    /// What a `set` block may refer to beside what every block may.
    struct SetScope {
        var isTyped = false
        /// Nil outside a rule with `for_each`.
        var captures: Set<String>?
    }

    /// The `set` of a profile, choice, image, typed value or rule.
    mutating func setBlock(of item: Item, _ scope: SetScope = SetScope()) -> SetBlock {
        guard let written = item["set"], written.isMapping else { return SetBlock() }
        var names = vocabulary.references
        names.isTyped = scope.isTyped
        names.captures = scope.captures
        var set = SetBlock()
        set.line = written.keyPlace.line
        set.traits = traits(written["spawner"], names)
        let pod = ["server", "containers", "pod"].compactMap { part in
            written[part].flatMap { members(under: part, $0, names) }
        }
        set.pod = pod.isEmpty ? nil : ValueTemplate(members: pod)
        set.objects = (written["objects"]?.members ?? []).compactMap { object($0.key, $0.item, names) }
        set.walltime = spanChange("walltime", of: written)
        set.idle = spanChange("idle", of: written)
        noteIdle(written["idle"], set.idle)
        if written.members.allSatisfy({ $0.item.isMapping && $0.item.members.isEmpty }) {
            fault(written, "sets nothing", "Remove it, or say what becomes different.", atKey: true)
        }
        return set
    }

    private mutating func members(under part: String, _ item: Item, _ names: Reference.Names) -> ValueTemplate.Member? {
        guard item.isMapping, let key = try? TextTemplate(parsing: part, at: .key, names: names) else { return nil }
        refuseGPUs(item)
        return ValueTemplate.Member(key: key, value: ValueReading(names, isTrait: false).value(item, [], &self))
    }

    // MARK: Traits

    private mutating func traits(_ item: Item?, _ names: Reference.Names) -> ValueTemplate? {
        guard let item, item.isMapping, !item.members.isEmpty else { return nil }
        checkTraits(item)
        refuseGPUs(item)
        for (name, value) in item.members { warnOfReplacedList(name, value) }
        return ValueReading(names, isTrait: true).value(item, [], &self)
    }

    /// The hub's own list is not known here: what is added to nothing would stand in its place.
    private mutating func warnOfReplacedList(_ name: String, _ value: Item) {
        let isWhole = ["args", "cmd"].contains(name) || value["$replace"] != nil
        let isList = value.isList || value["$append"] != nil || value["$prepend"] != nil
        guard isList, !isWhole, !vocabulary.baseTraits.contains(name) else { return }
        warn(
            value, "takes the place of the list that the hub itself has for `\(name)`",
            "Write it under `pod` or `server`, where it is added to the pod as the hub made it, or put the hub's list "
                + "into `base`.", atKey: true)
    }

    // MARK: Objects

    private mutating func object(_ key: String, _ item: Item, _ names: Reference.Names) -> SetBlock.ObjectTemplate? {
        if item.isNull { return SetBlock.ObjectTemplate(key: key, manifest: nil) }
        guard let manifest = item["manifest"], manifest.isMapping else {
            if item.isMapping { fault(item, "has no `manifest`", "Write the object, or null to take it away.") }
            return nil
        }
        let template = ValueReading(names, isTrait: false).value(manifest, [], &self)
        declare(key, item, manifest, names)
        return SetBlock.ObjectTemplate(key: key, manifest: template)
    }

    /// All mentions of an object agree on how long it lives and what it is called.
    private mutating func declare(_ key: String, _ item: Item, _ manifest: Item, _ references: Reference.Names) {
        var mention = objectMentions[key] ?? ObjectMention()
        if let written = item["lifetime"], let lifetime = written.text.flatMap(SessionObject.Lifetime.init) {
            if let (other, line) = mention.lifetime, other != lifetime {
                fault(written, "the object \(quoted(key)) lives for `\(other.rawValue)` in line \(line)", "Keep one.")
            }
            mention.lifetime = mention.lifetime ?? (lifetime, written.place.line)
        }
        if let written = manifest["metadata"]?["name"] {
            let name = ValueReading(references, isTrait: false).value(written, ["metadata", "name"], &self)
            if let (other, line) = mention.name, other != name {
                fault(written, "the object \(quoted(key)) has another name in line \(line)", "Keep one.")
            }
            mention.name = mention.name ?? (name, written.place.line)
        }
        if mention.first == nil, !names.hasCluster {
            warn(
                item, "is made in a cluster, and none is configured: `berth_hub.py` refuses starts that need it",
                "Add `kubernetes: {}` where Berth runs in a pod, or `kubernetes: {kubeconfig: …}`.", atKey: true)
        }
        if mention.first == nil, ObjectLabel.overlays.contains(key) {
            fault(item, "is what Berth calls passwd and group files by", "Give the object another name.", atKey: true)
        }
        refuseUnknownKind(manifest)
        if manifest["metadata"]?["namespace"] == nil { mention.takesHubsNamespace = true }
        mention.isComplete = mention.isComplete || manifest["kind"] != nil && manifest["apiVersion"] != nil
        mention.first = mention.first ?? item
        objectMentions[key] = mention
    }

    /// One that Berth makes has a path in the API, which only the server knows of further kinds.
    private mutating func refuseUnknownKind(_ manifest: Item) {
        guard names.hasCluster, let written = manifest["kind"], let kind = written.text,
            let version = manifest["apiVersion"]?.text, !(kind + version).contains("${"),
            ObjectKind(of: ["apiVersion": JSON(version), "kind": JSON(kind)]) == nil
        else { return }
        fault(
            written, "\(quoted("\(version) \(kind)")) is a kind that Berth does not make",
            "Have a program make it (`calls`), or use a kind of Kubernetes' own such as `v1 Secret`.")
    }

    /// Whoever makes objects for a hub's servers must know where these run.
    mutating func checkNamespaces(_ item: Item?, of deployments: [Deployment], _ directory: DirectorySource?) {
        guard names.hasCluster else { return }
        let objects = objectMentions.filter(\.value.takesHubsNamespace).keys.sorted()
        for deployment in deployments where deployment.namespace == nil {
            guard let written = item?[deployment.name] else { continue }
            let what =
                directory?.overlay != nil ? "passwd and group files" : objects.first.map { "the object \(quoted($0))" }
            guard let what else { continue }
            fault(
                written, "has no `namespace` to make \(what) in",
                "Write the one in which this hub's servers run.", atKey: true)
        }
    }

    /// Once all blocks are read.
    mutating func objectDeclarations() -> [String: ObjectDeclaration] {
        for (key, mention) in objectMentions.sorted(by: { $0.key < $1.key }) where !mention.isComplete {
            guard let item = mention.first else { continue }
            fault(
                item, "no `manifest` of the object \(quoted(key)) says both `apiVersion` and `kind`",
                "Write them, such as `apiVersion: v1` and `kind: Secret`.", atKey: true)
        }
        return objectMentions.mapValues { mention in
            ObjectDeclaration(lifetime: mention.lifetime?.value ?? .session, name: mention.name?.value)
        }
    }

    struct ObjectMention {
        /// Its manifest names none.
        var takesHubsNamespace = false
        var lifetime: (value: SessionObject.Lifetime, line: Int)?
        var name: (value: ValueTemplate, line: Int)?
        var isComplete = false
        var first: Item?
    }

    // MARK: Spans

    private mutating func spanChange(_ key: String, of block: Item) -> SpanChange? {
        if let span = block.span(key) { return .replace(span) }
        guard let item = block[key] else {
            return block.members.contains { $0.key == key } ? .replace(nil) : nil
        }
        guard item.isMapping else { return nil }
        guard item.members.count == 1 else {
            fault(item, "says \(item.members.isEmpty ? "no" : "more than one") way to change it", "Keep one word.")
            return nil
        }
        return item.span("$min").map { .lower($0) } ?? item.span("$max").map { .raise($0) }
            ?? item.span("$default").map { .standard($0) }
    }

    // MARK: GPUs

    /// What is handed out by reservation only.
    private mutating func refuseGPUs(_ item: Item) {
        for (key, member) in item.members {
            let isAmount = [
                "limits", "requests", "extra_resource_limits", "extra_resource_guarantees",
            ].contains(key)
            for (name, amount) in isAmount ? member.members : []
            where vocabulary.gpuPrefixes.contains(where: name.hasPrefix) && !amount.isNull {
                fault(
                    amount, "`\(name)` is given by reservation only", "Offer it with `gpu: {pool: …}` in a profile.",
                    atKey: true)
            }
            refuseGPUs(member)
        }
        for element in item.elements { refuseGPUs(element) }
    }
}

/// Reads values with references in them.
struct ValueReading {
    let names: Reference.Names
    let isTrait: Bool

    init(_ names: Reference.Names, isTrait: Bool) {
        self.names = names
        self.isTrait = isTrait
    }

    /// - Parameter keys: those that the value stands under, outermost first.
    func value(_ item: Item, _ keys: [String], _ reading: inout Reading) -> ValueTemplate {
        if item.isMapping {
            let members = members(item, keys, &reading)
            return ValueTemplate(members: members)
        }
        if item.isList { return ValueTemplate(elements: item.elements.map { value($0, keys, &reading) }) }
        return scalar(item, keys, &reading)
    }

    func members(_ item: Item, _ keys: [String], _ reading: inout Reading) -> [ValueTemplate.Member] {
        let isWord = checkWord(item, keys, &reading)
        return item.members.compactMap { key, member in
            let inner = isWord ? keys : keys + [key]
            let value = value(member, inner, &reading)
            guard let template = self.key(key, member, under: keys, &reading) else { return nil }
            return ValueTemplate.Member(key: template, value: value)
        }
    }

    private func key(_ key: String, _ member: Item, under keys: [String], _ reading: inout Reading) -> TextTemplate? {
        do throws(TemplateFault) {
            return try TextTemplate(parsing: key, at: .key(under: keys), names: names)
        } catch {
            reading.fault(member, error.what, error.remedy, atKey: true)
            return nil
        }
    }

    private func scalar(_ item: Item, _ keys: [String], _ reading: inout Reading) -> ValueTemplate {
        let place = ValuePlace(under: keys, isTrait: isTrait)
        let json = item.json
        guard let text = json.string else {
            let isWordsOwn = json.isNull || !place.isText
            return .literal(isWordsOwn ? json : JSON(item.scalar?.text ?? ""))
        }
        do throws(TemplateFault) {
            let value = try ValueTemplate(parsing: text, at: place, names: names)
            warnOfLabel(value, place, item, &reading)
            return value
        } catch {
            reading.fault(item, error.what, error.remedy)
            return .literal(json)
        }
    }

    /// Whether the mapping is a word such as `{$max: 8Gi}`; a word beside other keys, or an unknown one, is a fault.
    private func checkWord(_ item: Item, _ keys: [String], _ reading: inout Reading) -> Bool {
        for (key, member) in item.members where key.hasPrefix("$") && !key.hasPrefix("$$") && !key.hasPrefix("${") {
            guard let word = FieldWord(rawValue: key) else {
                let known = FieldWord.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
                reading.fault(
                    member, "`\(key)` is no way to merge",
                    "Known: \(known). A key that begins so is written `$\(key)`.",
                    atKey: true)
                return true
            }
            if item.members.count > 1 {
                reading.fault(
                    member, "`\(key)` stands beside other keys", "It stands alone: `{\(key): …}`.", atKey: true)
            }
            if keys.count > 1, FieldMerge.hasNamedEntries(under: keys[keys.count - 2]), !word.suitsOneEntry {
                reading.fault(
                    member, "`\(key)` cannot stand before one entry", "`$default` and `$replace` can.", atKey: true)
            }
            check(word, member, &reading)
            return true
        }
        return false
    }

    private func check(_ word: FieldWord, _ value: Item, _ reading: inout Reading) {
        switch word {
        case .max, .min:
            guard value.scalar == nil || value.isNull || value.flag != nil else { return }
            reading.fault(value, "must be a number or size, not \(value.given)", "")
        case .remove:
            if !value.isList { reading.fault(value, "must be a list of names or values, not \(value.given)", "") }
        case .append, .prepend:
            if value.scalar != nil, value.text?.contains("${") != true {
                reading.fault(value, "must be a list, not \(value.given)", "")
            }
        case .replace, .standard: return
        }
    }

    private func warnOfLabel(_ value: ValueTemplate, _ place: ValuePlace, _ item: Item, _ reading: inout Reading) {
        guard place == .labelValue, let loose = value.references.first(where: { !$0.isSafeLabel }) else { return }
        reading.warn(
            item, "`${\(loose.text)}` may hold what a label cannot, and such a start is refused",
            "Write `${\(loose.text) | label}`.")
    }
}

extension Reference {
    /// Whether what comes out is good as a label's value.
    fileprivate var isSafeLabel: Bool {
        switch (filters.last, source) {
        case (.label, _), (.dns, _), (.hash, _), (.times, _), (.plus, _): true
        case (_, .user(.uid)), (_, .user(.gid)), (_, .user(.admin)), (_, .user(.pseudonym)): true
        case (_, .deployment), (_, .profile), (_, .serverID), (_, .object), (_, .map): true
        default: false
        }
    }
}

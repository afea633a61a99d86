// SPDX-License-Identifier: Apache-2.0
import Hashing
import JSONTree
import SpawnModel

/// Puts a start's layers together: traits and objects first, in order, then what changes in the pod, which sees them all.
struct GrantMaking {
    private let reach: Reach
    private let selection: Selection
    private let layers: [Layer]
    private var context: ValueContext
    private var merge: Overrides
    /// Of this start's objects, in the order of first mention; nil once taken away.
    private var manifests: [(key: String, parts: [(Layer, ValueTemplate)]?)] = []
    private var bytes = 0

    init(_ selection: Selection, reach: Reach, server: String, calls: JSONObject) {
        self.reach = reach
        self.selection = selection
        layers = selection.layers
        merge = Overrides(base: reach.policy.base)
        context = ValueContext(ValueContext.Start(selection, reach: reach, server: server, calls: calls))
    }

    mutating func grant() throws(Objection) -> Grant {
        for layer in layers { try takeTraits(layer) }
        context.traits = merge.values
        try nameObjects()
        var changes: [PodChange] = []
        for layer in layers where layer.isCertain {
            guard let pod = layer.set.pod else { continue }
            changes.append(PodChange(origin: layer.origin, fields: try render(pod, of: layer)))
        }
        let objects = try renderedObjects()
        let (overrides, reset) = traits()
        let bounds = WalltimeBounds(selection.profile, layers)
        let (walltime, warning) = bounds.granted(asked: selection.walltime)
        return Grant(
            profile: selection.profile.slug, profileDisplayName: selection.profile.displayName,
            choices: selection.answers.map(\.chosenOption), image: overrides[Key.image]?.string, gpu: selection.gpu,
            walltime: walltime, extending: bounds.extending(walltime, by: selection.profile.walltime),
            idle: bounds.idle, tokens: selection.profile.tokens, overrides: overrides, reset: reset,
            changes: changes, switches: selection.profile.switches, objects: objects,
            posix: reach.evaluation.subject.posix, rules: selection.rules.map(\.rule.words),
            warnings: warning.map { [$0] } ?? [])
    }

    // MARK: Traits

    private mutating func takeTraits(_ layer: Layer) throws(Objection) {
        if let fault = layer.fault { throw objection(fault, layer) }
        merge.apply(layer.overrides)
        guard layer.isCertain else { return }
        if let traits = layer.set.traits {
            context.traits = merge.values
            let change = try render(traits, of: layer)
            // Held by nobody else, so that it is changed in place.
            context.traits = JSONObject()
            do throws(FieldMergeError) { try merge.merge(change) } catch {
                throw .conflict(error, in: layer.origin, Contact(reach.policy))
            }
        }
        for object in layer.set.objects { note(object, layer) }
    }

    /// Every trait that the policy knows: set here, or with its base value, or named for the hub to put back.
    private func traits() -> (values: JSONObject, reset: [String]) {
        var values = JSONObject()
        let known = reach.policy.traits
        for trait in known { values[trait] = merge.values[trait] }
        return (values, known.filter { merge.values[$0] == nil })
    }

    // MARK: Objects

    private mutating func note(_ object: SetBlock.ObjectTemplate, _ layer: Layer) {
        let place = manifests.firstIndex { $0.key == object.key }
        guard let manifest = object.manifest else {
            if let place { manifests[place].parts = nil }
            return
        }
        if let place {
            manifests[place].parts = (manifests[place].parts ?? []) + [(layer, manifest)]
        } else {
            manifests.append((object.key, [(layer, manifest)]))
        }
    }

    private mutating func nameObjects() throws(Objection) {
        for (key, parts) in manifests {
            guard let layer = parts?.first?.0, let declaration = reach.policy.objects[key] else { continue }
            var name = defaultName(of: key, declaration.lifetime)
            if let written = declaration.name, let text = try render(written, of: layer).string { name = text }
            context.objectNames[key] = name
        }
    }

    private func defaultName(of key: String, _ lifetime: SessionObject.Lifetime) -> String {
        let subject = reach.evaluation.subject
        let owner = [subject.deployment, subject.name] + (lifetime == .session ? [context.start.server] : [])
        return "berth-\(key)-\(SHA256.hex(ValueContext.joined(owner + [key])))"
    }

    private mutating func renderedObjects() throws(Objection) -> [SessionObject] {
        var objects: [SessionObject] = []
        for (key, parts) in manifests {
            guard let parts, let declaration = reach.policy.objects[key] else { continue }
            var manifest: JSON = ["apiVersion": "v1", "kind": "", "metadata": .emptyObject]
            for (layer, part) in parts {
                let change = try render(part, of: layer)
                do throws(FieldMergeError) {
                    manifest =
                        try FieldMerge(.kubernetes).merge(change, into: manifest, under: "", at: "/" + key) ?? .null
                } catch {
                    throw .conflict(error, in: layer.origin, Contact(reach.policy))
                }
            }
            let finished = ownedManifest(manifest, key, declaration.lifetime)
            objects.append(SessionObject(key: key, lifetime: declaration.lifetime, manifest: finished))
        }
        return objects
    }

    /// The name that references have given it, and labels that say whose it is.
    private func ownedManifest(_ manifest: JSON, _ key: String, _ lifetime: SessionObject.Lifetime) -> JSON {
        let subject = reach.evaluation.subject
        var metadata = manifest["metadata"]?.object ?? JSONObject()
        metadata["name"] = JSON(context.objectNames[key] ?? "")
        var labels = metadata["labels"]?.object ?? JSONObject()
        labels[ObjectLabel.object] = JSON(key)
        labels[ObjectLabel.lifetime] = JSON(lifetime.rawValue)
        labels[ObjectLabel.user] = JSON(SafeName.label(subject.name))
        if lifetime == .session { labels[ObjectLabel.server] = JSON(context.serverID) }
        metadata["labels"] = JSON(labels)
        var owned = manifest
        owned["metadata"] = JSON(metadata)
        return owned
    }

    // MARK: Values

    private mutating func render(_ value: ValueTemplate, of layer: Layer) throws(Objection) -> JSON {
        if case .literal(let json) = value { return json }
        do throws(ValueError) { return try counted(try rendering(layer).render(value)) } catch {
            throw objection(error, layer)
        }
    }

    private func rendering(_ layer: Layer) -> ValueRendering {
        var context = context
        context.typed = layer.typed
        return ValueRendering(context, matches: layer.matches)
    }

    private mutating func counted(_ value: JSON) throws(ValueError) -> JSON {
        bytes += value.text.utf8.count
        if bytes > ValueTemplate.bytesMax { throw .tooLarge }
        return value
    }

    private func objection(_ error: ValueError, _ layer: Layer) -> Objection {
        .value(error, in: layer.origin, Contact(reach.policy))
    }
}

// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension PodTerms {
    /// `pod` as the policy's `set` blocks change it, before Berth puts its own parts in: what they set is then as good
    /// as if it had come from the hub, and what Berth guards (security, GPUs, ids) has the last word.
    func changed(_ pod: JSON, by changes: [PodChange]) throws(PodPatchError) -> JSON {
        var changed = pod
        for change in changes {
            do throws(FieldMergeError) {
                try apply(change.fields["pod"], to: &changed)
            } catch {
                throw .changeDoesNotFit(origin: change.origin, fault: error)
            }
            if let fields = change.fields["containers"]?.object {
                for (name, fields) in fields { try apply(fields, toContainer: name, of: &changed, change.origin) }
            }
            if let fields = change.fields["server"] {
                try apply(fields, toContainer: container, of: &changed, change.origin)
            }
        }
        return changed
    }

    private func apply(_ fields: JSON?, to pod: inout JSON) throws(FieldMergeError) {
        guard let fields else { return }
        pod = try FieldMerge(.kubernetes).merge(fields, into: pod, under: "", at: "") ?? pod
    }

    /// `*` stands for every container of every kind but Berth's own, also when there is none.
    private func apply(
        _ fields: JSON, toContainer name: String, of pod: inout JSON, _ origin: String
    ) throws(PodPatchError) {
        var isFound = name == "*"
        for list in ["initContainers", "containers"] {
            guard let entries = pod["spec"]?[list]?.array else { continue }
            for (place, entry) in entries.enumerated() where Self.isMeant(entry["name"]?.string, by: name) {
                isFound = true
                let pointer = "/spec/\(list)/\(place)"
                do throws(FieldMergeError) {
                    let merged = try FieldMerge(.kubernetes).merge(fields, into: entry, under: "", at: pointer)
                    if let merged, merged != entry { pod["spec"]?[list]?[place] = merged }
                } catch {
                    throw .changeDoesNotFit(origin: origin, fault: error)
                }
            }
        }
        if !isFound { throw .containerOfChangeMissing(name, origin: origin) }
    }

    private static func isMeant(_ name: String?, by wanted: String) -> Bool {
        wanted == "*" ? name != PodKeys.walltimeContainer && name != PodKeys.tokenContainer : name == wanted
    }
}

extension [PodChange] {
    /// What the changes say of the member `key` of the pod's object at `path`, on top of what `known` has of it and
    /// whatever came with the pod; nil where that is nothing.
    func asked(of key: String, in known: JSON = .emptyObject, at path: String...) -> JSON? {
        var asked = known[key]
        for change in self {
            let object = path.reduce(change.fields["pod"]) { $0?[$1] }
            guard let value = object?[key] else { continue }
            // What did not fit has been refused when the pod was changed.
            asked = try? FieldMerge(.kubernetes).merge(value, into: asked, under: key, at: "")
        }
        return asked
    }
}

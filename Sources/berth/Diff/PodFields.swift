// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// A pod's fields, each by a path that stays the same when something is added before it.
enum PodFields {
    /// `spec.containers[notebook].env[SITE].value` and the value as JSON, in the order of the pod.
    static func of(_ pod: JSON) -> [(path: String, value: String)] {
        var fields: [(path: String, value: String)] = []
        collect(pod, "", &fields)
        return fields
    }

    private static func collect(_ value: JSON, _ path: String, _ fields: inout [(path: String, value: String)]) {
        if let object = value.object, !object.isEmpty {
            for (key, member) in object { collect(member, path.isEmpty ? key : "\(path).\(key)", &fields) }
        } else if let elements = value.array, let member = nameMember(of: elements) {
            for element in elements {
                let name = element[member]?.string ?? ""
                collect(element.without(member), "\(path)[\(name)]", &fields)
            }
        } else {
            fields.append((path, value.text))
        }
    }

    /// What tells the elements apart: one of these members that all have, each another; nil where there is none.
    private static func nameMember(of elements: [JSON]) -> String? {
        guard !elements.isEmpty else { return nil }
        return ["mountPath", "name", "key"].first { member in
            Set(elements.compactMap { $0[member]?.string }).count == elements.count
        }
    }
}

extension JSON {
    /// The object without the member that names it, which its path says.
    fileprivate func without(_ member: String) -> JSON {
        var object = self.object ?? [:]
        object[member] = JSON?.none
        return JSON(object)
    }
}

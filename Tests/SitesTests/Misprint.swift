// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// A case in which one thing that must be so is spoilt: such a case must not hold, or nobody looks at that thing.
struct Misprint {
    let place: String
    let aCase: JSON

    /// One for each thing that the case asks for.
    static func all(of aCase: JSON) -> [Misprint] {
        whole.compactMap { key in aCase[key].map { Misprint(of: [key], $0, in: aCase) } }
            + byName.flatMap { key in
                (aCase[key]?.object ?? JSONObject()).flatMap { name, value in
                    spoilt([key, name], value, in: aCase, isDeep: deep.contains(key))
                }
            }
    }

    private static let whole = [
        "form", "says", "refused", "profile", "image", "walltime_s", "idle_s", "gpu", "rules", "deleted", "asked",
        "page", "pod_refused",
    ]
    private static let deep = ["mounts", "objects"]
    private static let byName = ["traits", "answer", "env", "pod", "free"] + deep

    private static func spoilt(_ path: [String], _ value: JSON, in aCase: JSON, isDeep: Bool) -> [Misprint] {
        guard isDeep, let members = value.object else { return [Misprint(of: path, value, in: aCase)] }
        return members.map { Misprint(of: path + [$0.key], $0.value, in: aCase) }
    }

    private init(of path: [String], _ value: JSON, in aCase: JSON) {
        place = path.joined(separator: " ")
        self.aCase = aCase.setting(value.spoilt, at: path[...])
    }
}

extension JSON {
    fileprivate var spoilt: JSON {
        switch kind {
        case .null: "spoilt"
        case .bool: JSON(bool == false)
        case .number: JSON((int ?? 0) + 1_000_003)
        case .string: JSON((string ?? "") + "~")
        case .array: array?.first.map { JSON([$0.spoilt] + (array ?? []).dropFirst()) } ?? ["spoilt"]
        case .object: merged(with: ["spoilt": true])
        }
    }

    fileprivate func setting(_ value: JSON, at path: ArraySlice<String>) -> JSON {
        guard let key = path.first else { return value }
        var changed = self
        changed[key] = (self[key] ?? .emptyObject).setting(value, at: path.dropFirst())
        return changed
    }
}

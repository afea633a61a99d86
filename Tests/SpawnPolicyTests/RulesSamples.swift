// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy

extension ValueTemplate {
    /// Reads a whole value: texts may hold references, and their places follow from the keys.
    static func of(_ json: JSON, under keys: [String] = [], isTrait: Bool = false, names: Reference.Names) throws
        -> Self
    {
        switch json.kind {
        case .string:
            return try ValueTemplate(
                parsing: json.string!, at: ValuePlace(under: keys, isTrait: isTrait), names: names)
        case .array:
            return ValueTemplate(
                elements: try json.array!.map { try .of($0, under: keys, isTrait: isTrait, names: names) })
        case .object:
            return ValueTemplate(members: try members(json.object!, under: keys, isTrait: isTrait, names: names))
        default: return .literal(json)
        }
    }

    static func members(
        _ object: JSONObject, under keys: [String] = [], isTrait: Bool = false, names: Reference.Names
    ) throws -> [Member] {
        try object.map { key, value in
            let template = try TextTemplate(parsing: key, at: .key(under: keys), names: names)
            let inner = key.hasPrefix("$") && !key.hasPrefix("$$") && !key.hasPrefix("${") ? keys : keys + [key]
            return Member(key: template, value: try .of(value, under: inner, isTrait: isTrait, names: names))
        }
    }
}

extension SetBlock {
    static func of(
        spawner: JSONObject = [:], server: JSON? = nil, pod: JSON? = nil, containers: JSON? = nil,
        objects: [(String, JSON)] = [], walltime: SpanChange? = nil, idle: SpanChange? = nil,
        names: Reference.Names = Reference.Names()
    ) throws -> SetBlock {
        var set = SetBlock()
        if !spawner.isEmpty {
            set.traits = ValueTemplate(members: try ValueTemplate.members(spawner, isTrait: true, names: names))
        }
        var fields: [ValueTemplate.Member] = []
        for (key, value) in [("server", server), ("containers", containers), ("pod", pod)] {
            guard let value else { continue }
            fields.append(
                ValueTemplate.Member(
                    key: try TextTemplate(parsing: key, at: .key, names: names), value: try .of(value, names: names)))
        }
        if !fields.isEmpty { set.pod = ValueTemplate(members: fields) }
        set.objects = try objects.map { key, manifest in
            ObjectTemplate(key: key, manifest: manifest.isNull ? nil : try .of(manifest, names: names))
        }
        set.walltime = walltime
        set.idle = idle
        return set
    }
}

extension SiteRule {
    static func of(
        _ name: String = "r", when: Rule = .everyone, exclusive: String? = nil, priority: Int = 0,
        forEach: ForEach? = nil, set: SetBlock = SetBlock(), grants: Granted? = nil, refusal: String? = nil
    ) -> SiteRule {
        SiteRule(
            name: name, when: when, exclusive: exclusive, priority: priority, forEach: forEach, set: set,
            grants: grants, refusal: refusal, line: 20)
    }
}

extension Reference.Names {
    static func captures(_ names: String...) -> Reference.Names {
        var all = Reference.Names()
        all.captures = Set(names)
        return all
    }
}

extension Grant {
    /// All changes to the container that runs the server, merged in order where nothing was before.
    func server() throws -> JSON? {
        var server: JSON? = .emptyObject
        for change in changes {
            guard let fields = change.fields["server"] else { continue }
            server = try FieldMerge(.kubernetes).merge(fields, into: server, under: "", at: "")
        }
        return server
    }
}

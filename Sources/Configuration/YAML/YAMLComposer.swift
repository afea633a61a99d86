// SPDX-License-Identifier: Apache-2.0
import Yams

/// A file's text to its tree. What Yams finds wrong becomes a fault; what it lets pass, but we do not, too.
struct YAMLComposer {
    static let nodesMost = 100_000
    static let depthMost = 64
    static let repeatsMost = 20
    static let tooMany = "has more than \(nodesMost) values"

    let file: String
    private var nodesLeft = YAMLComposer.nodesMost
    private var blots: [Unicode.Scalar: Blot] = [:]
    private var hasOverflown = false
    private var foreignTags = ForeignTags.refused

    private struct Blot {
        let key: String
        let place: Place
    }

    /// What becomes of a value with a tag that is not YAML's own, such as `!!python/name:f`.
    enum ForeignTags {
        case refused
        /// The tag between angle brackets stands for the value.
        case asText
    }

    /// Nil after a fault in the syntax; faults that leave a tree behind give both.
    static func tree(
        of text: YAMLText, foreignTags: ForeignTags = .refused, _ findings: inout Findings
    ) -> YAMLNode? {
        var composer = YAMLComposer(file: text.file)
        composer.foreignTags = foreignTags
        guard let root = composer.compose(text, &findings) else { return nil }
        let tree = composer.convert(root, at: .root, depth: 0, &findings)
        // What is left of a tree that was cut off would only mislead.
        return composer.hasOverflown ? nil : tree
    }

    private init(file: String) { self.file = file }

    private mutating func compose(_ given: YAMLText, _ findings: inout Findings) -> Node? {
        guard !given.mayExplode else {
            let remedy = "Write the key as a word."
            findings.fault(Fault(at: Place(file: file), path: "", what: "uses aliases as keys", remedy: remedy))
            return nil
        }
        var text = given
        while true {
            do {
                // `.basic` leaves words as they are: what `no` means is for `YAMLScalar` to say.
                let parser = try Yams.Parser(yaml: text.text, resolver: .basic, encoding: .utf8)
                if let root = try parser.singleRoot() { return root }
                findings.fault(Fault(at: Place(file: file), path: "", what: "is empty", remedy: YAMLComposer.start))
                return nil
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                guard let next = blot(keys.first ?? "", at: place(context.mark), in: text) else {
                    findings.fault(repeated(keys.first ?? "", at: place(context.mark), path: .root, other: nil))
                    return nil
                }
                text = next
            } catch {
                findings.fault(syntaxFault(error, in: text))
                return nil
            }
        }
    }

    private static let start = "Start from config/berth.yaml."

    private mutating func blot(_ key: String, at place: Place, in text: YAMLText) -> YAMLText? {
        let value = YAMLText.blots.lowerBound + UInt32(blots.count)
        guard blots.count < YAMLComposer.repeatsMost, let stand = Unicode.Scalar(value) else { return nil }
        let whole = key.unicodeScalars.first.flatMap { blots[$0]?.key } ?? key
        guard let next = text.blotting(key, at: place, with: value) else { return nil }
        blots[stand] = Blot(key: whole, place: place)
        return next
    }

    private func place(_ mark: Mark?) -> Place {
        Place(file: file, line: mark?.line ?? 0, column: mark?.column ?? 0)
    }
}

// MARK: - Yams' tree to ours

extension YAMLComposer {
    private mutating func convert(
        _ node: Node, at path: YAMLPath, depth: Int, _ findings: inout Findings
    ) -> YAMLNode? {
        let place = place(node.mark)
        guard enter(place, path, depth, &findings) else { return nil }
        if let tag = YAMLComposer.foreignTag(of: node) {
            if foreignTags == .asText {
                return YAMLNode(place: place, content: .scalar(YAMLNode.Scalar(text: "<\(tag)>", isPlain: false)))
            }
            let remedy = "Leave the tag out: values here are text, numbers, true, false, lists and mappings."
            findings.fault(
                Fault(at: place, path: path.description, what: "the tag \(quoted(tag)) is not known", remedy: remedy))
        }
        switch node {
        case .scalar(let scalar):
            return YAMLNode(place: place, content: .scalar(YAMLComposer.scalar(scalar)))
        case .sequence(let sequence):
            var elements: [YAMLNode] = []
            for (index, element) in sequence.enumerated() {
                guard let one = convert(element, at: path.element(index), depth: depth + 1, &findings) else { continue }
                elements.append(one)
            }
            return YAMLNode(place: place, content: .list(elements))
        case .mapping(let mapping):
            let entries = entries(of: mapping, at: path, depth: depth, &findings)
            return YAMLNode(place: place, content: .mapping(entries))
        case .alias:
            return nil  // Made for writing YAML only; the parser has put the anchor's node here.
        }
    }

    /// Whether one more value, and this deep, is still within bounds: an alias bomb ends here.
    private mutating func enter(
        _ place: Place, _ path: YAMLPath, _ depth: Int, _ findings: inout Findings
    ) -> Bool {
        guard !hasOverflown else { return false }
        guard depth < YAMLComposer.depthMost else {
            let what = "is nested deeper than \(YAMLComposer.depthMost) levels"
            findings.fault(Fault(at: place, path: path.description, what: what, remedy: "Flatten it."))
            return false
        }
        nodesLeft -= 1
        guard nodesLeft > 0 else {
            hasOverflown = true
            let what = "\(YAMLComposer.tooMany), counting each use of an alias"
            findings.fault(Fault(at: Place(file: file), path: "", what: what, remedy: "Use fewer aliases."))
            return false
        }
        return true
    }

    private static func scalar(_ scalar: Node.Scalar) -> YAMLNode.Scalar {
        // `!!int "4"` is a number, whatever the quotes.
        let isTyped = [Tag(.int), Tag(.float), Tag(.bool), Tag(.null)].contains(scalar.tag)
        let isPlain = isTyped || scalar.style == .plain && scalar.tag != Tag(.str)
        return YAMLNode.Scalar(text: scalar.string, isPlain: isPlain)
    }

    private static func foreignTag(of node: Node) -> String? {
        let names = ["", "!", "str", "int", "float", "bool", "null", "map", "seq", "merge"]
        let tag: String =
            switch node {
            case .scalar(let scalar): scalar.tag.description
            case .mapping(let mapping): mapping.tag.description
            case .sequence(let sequence): sequence.tag.description
            case .alias: ""
            }
        let short = tag.hasPrefix("tag:yaml.org,2002:") ? String(tag.dropFirst(18)) : tag
        return names.contains(short) ? nil : tag
    }
}

// MARK: - Keys

extension YAMLComposer {
    private mutating func entries(
        of mapping: Node.Mapping, at path: YAMLPath, depth: Int, _ findings: inout Findings
    ) -> [YAMLNode.Entry] {
        var own: [YAMLNode.Entry] = []
        var merged: [YAMLNode.Entry] = []
        for (keyNode, valueNode) in mapping {
            let keyPlace = place(keyNode.mark)
            guard case .scalar(let scalar) = keyNode else {
                let what = "a key here is a list or a mapping"
                findings.fault(Fault(at: keyPlace, path: path.description, what: what, remedy: "Keys are words."))
                continue
            }
            if let blot = scalar.string.unicodeScalars.first.flatMap({ blots[$0] }) {
                // Left out, but its own faults are told.
                _ = convert(valueNode, at: path.member(blot.key), depth: depth + 1, &findings)
                let other = YAMLComposer.lastPlace(of: blot.key, in: mapping)
                findings.fault(repeated(blot.key, at: blot.place, path: path, other: other?.line))
                continue
            }
            let memberPath = path.member(scalar.string)
            guard let value = convert(valueNode, at: memberPath, depth: depth + 1, &findings) else { continue }
            if scalar.string == "<<", scalar.style == .plain {
                merged += entries(mergedFrom: value, at: memberPath, &findings)
            } else {
                own.append(YAMLNode.Entry(key: scalar.string, keyPlace: keyPlace, value: value))
            }
        }
        return merged.isEmpty ? own : YAMLComposer.combine(own: own, merged: merged)
    }

    /// The members that `<<` brings in: a mapping's, or those of a list of mappings, of which the earlier ones win.
    private func entries(
        mergedFrom value: YAMLNode, at path: YAMLPath, _ findings: inout Findings
    ) -> [YAMLNode.Entry] {
        let sources: [YAMLNode] = if case .list(let list) = value.content { list } else { [value] }
        return sources.flatMap { source in
            if case .mapping(let entries) = source.content { return entries }
            let what = "`<<` takes a mapping or a list of mappings"
            findings.fault(Fault(at: source.place, path: path.description, what: what, remedy: "Write `<<: *name`."))
            return []
        }
    }

    /// Merged members first and own values over them, in the order that PyYAML gives a pasted list.
    private static func combine(own: [YAMLNode.Entry], merged: [YAMLNode.Entry]) -> [YAMLNode.Entry] {
        let ownByKey = Dictionary(own.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        var seen: Set<String> = []
        return (merged + own).compactMap { entry in
            seen.insert(entry.key).inserted ? ownByKey[entry.key] ?? entry : nil
        }
    }

    private static func lastPlace(of key: String, in mapping: Node.Mapping) -> Mark? {
        Array(mapping).last { $0.key.scalar?.string == key }?.key.mark
    }

    private func repeated(_ key: String, at place: Place, path: YAMLPath, other: Int?) -> Fault {
        let also = other.map { " (again in line \($0))" } ?? ""
        let remedy =
            key == "<<" ? "Write one `<<` with a list: `<<: [*first, *second]`." : "Keep one; the other would be lost."
        return Fault(
            at: place, path: path.description, what: "`\(key)` stands here more than once\(also)", remedy: remedy)
    }
}

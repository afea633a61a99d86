// SPDX-License-Identifier: Apache-2.0

/// The first file and those that it includes, as one tree in which each value still knows its own file.
struct Includes {
    static let filesMost = 64

    private(set) var files: [String] = []
    private var stamps: [FileStamp] = []
    private var members: [YAMLNode.Entry] = []
    private var root: Place?

    /// Nil when the first file gives no tree; faults in an included one leave the rest to be read.
    static func tree(from path: String, _ findings: inout Findings) -> Included {
        var includes = Includes()
        includes.add(path, from: [], asked: nil, &findings)
        let tree = includes.root.map { YAMLNode(place: $0, content: .mapping(includes.members)) }
        return Included(tree: tree, files: includes.files, stamps: includes.stamps)
    }

    struct Included {
        let tree: YAMLNode?
        let files: [String]
        /// One for each file, as it was read.
        let stamps: [FileStamp]
    }

    private mutating func add(_ path: String, from chain: [String], asked: Item?, _ findings: inout Findings) {
        let name = FilePaths.normal(path)
        guard isNew(name, chain, asked, &findings) else { return }
        files.append(name)
        guard let bytes = read(name, asked, &findings), let text = YAMLText(bytes, file: name, &findings),
            let node = YAMLComposer.tree(of: text, &findings)
        else { return }
        let item = Item(node: node, path: .root)
        guard item.isMapping else {
            let remedy = "The top level is a mapping with keys such as `deployments` and `profiles`."
            findings.fault(
                Fault(at: item.place, path: "", what: "must be a mapping, not \(item.given)", remedy: remedy))
            return
        }
        if root == nil { root = node.place }
        merge(item, &findings)
        addIncluded(item, chain + [name], &findings)
    }

    private mutating func addIncluded(_ item: Item, _ chain: [String], _ findings: inout Findings) {
        guard let include = item["include"] else { return }
        for one in include.isList ? include.elements : [include] {
            guard let path = one.text else { continue }
            add(one.resolved(path), from: chain, asked: one, &findings)
        }
    }

    private func isNew(_ name: String, _ chain: [String], _ asked: Item?, _ findings: inout Findings) -> Bool {
        guard let asked else { return true }
        let isLoop = chain.contains(name)
        guard isLoop || files.contains(name) || files.count >= Includes.filesMost else { return true }
        let what =
            isLoop
            ? "includes itself: \((chain.drop { $0 != name } + [name]).joined(separator: " -> "))"
            : files.contains(name)
                ? "\(quoted(name)) is included twice" : "more than \(Includes.filesMost) files are included"
        findings.fault(Fault(at: asked.place, path: asked.path.description, what: what, remedy: "Remove this line."))
        return false
    }

    private mutating func read(_ name: String, _ asked: Item?, _ findings: inout Findings) -> [UInt8]? {
        switch WholeFile.read(name, most: YAMLText.bytesMost) {
        case .success(let file):
            stamps.append(file.stamp)
            return file.bytes
        case .failure(let reason):
            stamps.append(FileStamp(at: name))
            let place = asked?.place ?? Place(file: name)
            let what = asked == nil ? reason.words : "the file \(quoted(asked?.text ?? name)) \(reason.words)"
            let remedy =
                asked == nil ? "Name the configuration file." : "Paths are relative to the file that names them."
            findings.fault(Fault(at: place, path: asked?.path.description ?? "", what: what, remedy: remedy))
            return nil
        }
    }
}

// MARK: - Merging

extension Includes {
    /// Adds the top-level keys of one more file: lists behind lists, mappings beside mappings.
    private mutating func merge(_ item: Item, _ findings: inout Findings) {
        guard case .mapping(let entries) = item.node.content else { return }
        for entry in entries where entry.key != "include" {
            guard let place = members.firstIndex(where: { $0.key == entry.key }) else {
                members.append(entry)
                continue
            }
            guard let joined = join(members[place], entry, &findings) else { continue }
            members[place] = YAMLNode.Entry(key: entry.key, keyPlace: members[place].keyPlace, value: joined)
        }
    }

    private func join(_ old: YAMLNode.Entry, _ new: YAMLNode.Entry, _ findings: inout Findings) -> YAMLNode? {
        switch (old.value.content, new.value.content) {
        case (.list(let first), .list(let second)):
            return YAMLNode(place: old.value.place, content: .list(first + second))
        case (.mapping(let first), .mapping(let second)):
            let fresh = second.filter { entry in !first.contains { refused(entry, $0, in: old.key, &findings) } }
            return YAMLNode(place: old.value.place, content: .mapping(first + fresh))
        default:
            let what = "`\(new.key)` stands in \(old.keyPlace) too"
            findings.fault(Fault(at: new.keyPlace, path: new.key, what: what, remedy: "Keep one."))
            return nil
        }
    }

    private func refused(
        _ new: YAMLNode.Entry, _ old: YAMLNode.Entry, in key: String, _ findings: inout Findings
    ) -> Bool {
        guard new.key == old.key else { return false }
        let path = YAMLPath.root.member(key).member(new.key).description
        findings.fault(
            Fault(at: new.keyPlace, path: path, what: "`\(new.key)` stands in \(old.keyPlace) too", remedy: "Keep one.")
        )
        return true
    }
}

extension FilePaths {
    /// The path without `.` and without empty parts; `a/../b` becomes `b`.
    static func normal(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
        }
        let joined = parts.joined(separator: "/")
        return path.hasPrefix("/") ? "/" + joined : joined.isEmpty ? "." : joined
    }
}

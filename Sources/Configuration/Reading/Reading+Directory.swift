// SPDX-License-Identifier: Apache-2.0
import Directory

extension Reading {
    mutating func directory(_ item: Item?) -> DirectorySource? {
        guard let item, item.isMapping else { return nil }
        let servers = servers(item["urls"], startsTLS: item.text("tls") != "none")
        let schema = item.text("schema").flatMap(DirectorySchema.init) ?? .rfc2307
        let ids = ids(item["ids"])
        guard let people = people(item["people"], schema, item["ids"]), !servers.isEmpty else { return nil }
        let overlay = overlay(item["overlay"], ids)
        let source = DirectorySource(
            terms: DirectoryTerms(
                servers: servers, startsTLS: item.text("tls") != "none",
                caFile: authorities(item["ca_file"], of: "directory's servers'") ?? DirectoryTerms.systemAuthorities,
                bind: bind(item), people: people, groups: groups(item["groups"], schema, item["ids"]), ids: ids,
                accounts: accounts(item["overlay"]), costs: costs(item)),
            overlay: overlay, sync: sync(item["sync"], overlay),
            claim: item.text("claim") ?? "directory", addsGroups: item.flag("add_groups") ?? false,
            onFailure: item.text("on_failure").flatMap(DirectorySource.Failure.init) ?? .refuse,
            onUnknownPerson: item.text("on_unknown_person").flatMap(DirectorySource.UnknownPerson.init) ?? .refuse)
        refuseStrangers(item, source)
        return source
    }

    /// Who passes without the directory's word starts under the ids that the hub chose, which may be anybody's.
    private mutating func refuseStrangers(_ item: Item, _ source: DirectorySource) {
        guard source.terms.ids.use == .required else { return }
        let remedy = "Leave it at `refuse`, or write `ids: {use: optional}` if the hub's own ids will do."
        if source.onFailure == .unknown, let written = item["on_failure"] {
            fault(written, "lets servers start without the directory, which has everybody's ids", remedy)
        }
        if source.onUnknownPerson == .pass, let written = item["on_unknown_person"] {
            fault(written, "lets people start without ids, which are required", remedy)
        }
        if source.addsGroups, source.terms.groups == nil, let written = item["add_groups"] {
            fault(written, "adds groups, and none are read", "Add `groups: {base: …}`.", atKey: true)
        }
    }
}

// MARK: - Servers

extension Reading {
    private mutating func servers(_ item: Item?, startsTLS: Bool) -> [String] {
        guard let item else { return [] }
        return (item.isList ? item.elements : [item]).compactMap { server($0, startsTLS: startsTLS) }
    }

    private mutating func server(_ item: Item, startsTLS: Bool) -> String? {
        guard let text = item.text else { return nil }
        guard let match = text.wholeMatch(of: /(ldaps?):\/\/(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?\/?/) else {
            // libldap takes the socket's path with percent signs.
            if text.wholeMatch(of: /ldapi:\/\/[A-Za-z0-9%._-]*\/?/) != nil { return text }
            fault(
                item, "\(quoted(text)) is no LDAP URL",
                "Write `ldaps://ldap.example.org`, `ldap://ldap.example.org:389` or `ldapi://%2Frun%2Fslapd%2Fldapi`.")
            return nil
        }
        if match.1 == "ldap", !startsTLS, !["127.0.0.1", "localhost", "[::1]"].contains(match.2) {
            fault(
                item, "would be asked in clear text",
                "Leave `tls` out, or use `ldaps://`: names, groups and passwords would go to whoever listens.")
        }
        return text
    }

    private mutating func bind(_ item: Item) -> DirectoryTerms.Bind {
        let dn = item.text("bind_dn")
        let file = item["bind_password_file"]
        if let sasl = item["sasl"] {
            if dn != nil || file != nil {
                fault(sasl, "stands beside `bind_dn`", "Keep one: with `external` the socket says who Berth is.")
            }
            return .external
        }
        guard let dn, let file else {
            if let lone = item["bind_dn"] ?? file {
                fault(
                    lone, "needs `\(file == nil ? "bind_password_file" : "bind_dn")` beside it",
                    "Servers take a DN without a password for nobody, and say \"success\".", atKey: true)
            }
            return .anonymous
        }
        return bindPassword(file).map { .password(dn: dn, $0) } ?? .anonymous
    }

    private mutating func bindPassword(_ item: Item) -> BindPassword? {
        secretBytes(item, "Write that DN's password into it, and keep it to Berth (`chmod 600`).").flatMap {
            BindPassword($0)
        }
    }

    private mutating func costs(_ item: Item) -> DirectoryTerms.Costs {
        var costs = DirectoryTerms.Costs()
        let upTo30s = Duration.seconds(1) ... .seconds(30)
        let upTo1h = Duration.seconds(1) ... .seconds(3600)
        costs.timeout = span(item["timeout"], within: upTo30s, "1s to 30s") ?? costs.timeout
        costs.connectTimeout = span(item["connect_timeout"], within: upTo30s, "1s to 30s") ?? costs.connectTimeout
        costs.foundKept = span(item["kept"], within: upTo1h, "1s to 1h") ?? costs.foundKept
        costs.unknownKept = span(item["unknown_kept"], within: upTo1h, "1s to 1h") ?? costs.unknownKept
        costs.connections = item.integer("connections") ?? costs.connections
        return costs
    }
}

// MARK: - Entries

extension Reading {
    private mutating func people(_ item: Item?, _ schema: DirectorySchema, _ ids: Item?) -> DirectoryTerms.People? {
        guard let item, let base = item.text("base") else { return nil }
        var people = DirectoryTerms.People(base: base)
        if schema == .activeDirectory {
            people.filter = "(&(objectCategory=person)(objectClass=user))"
            people.name = "sAMAccountName"
        }
        people.filter = filter(item["filter"]) ?? people.filter
        people.name = item.text("name_attribute") ?? people.name
        people.uid = ids?.text("uid_attribute") ?? people.uid
        people.gid = ids?.text("gid_attribute") ?? people.gid
        people.attributes = item.texts("attributes") ?? []
        for attribute in item["attributes"]?.elements ?? []
        where attribute.text.map(Person.ownMembers.contains) ?? false {
            fault(
                attribute, "\(quoted(attribute.text ?? "")) is what the claim calls something of its own",
                "It cannot be read besides; its own members are \(Person.ownMembers.joined(separator: ", ")).")
        }
        people.names = PersonNameRule(
            capitals: item.flag("capitals") ?? (schema == .activeDirectory), signs: nameSigns(item["name_signs"]))
        return people
    }

    private mutating func nameSigns(_ item: Item?) -> String {
        guard let item, let signs = item.text else { return "" }
        if let other = signs.first(where: { !PersonNameRule.signsPossible.contains($0) }) {
            fault(
                item, "lets \(quoted(String(other))) into names, which has a meaning in passwd lines, paths or shells",
                "Write some of `\(PersonNameRule.signsPossible)`.")
        }
        return signs
    }

    private mutating func groups(
        _ item: Item?, _ schema: DirectorySchema, _ ids: Item?
    ) -> DirectoryTerms.Groups? {
        guard let item, let base = item.text("base") else { return nil }
        var groups = DirectoryTerms.Groups(base: base)
        switch schema {
        case .rfc2307: break
        case .rfc2307bis:
            let classes = ["posixGroup", "groupOfNames", "groupOfUniqueNames", "groupOfMembers"]
            groups.filter = "(|\(classes.map { "(objectClass=\($0))" }.joined()))"
            groups.way = .members(attributes: ["member", "uniqueMember"])
        case .activeDirectory:
            groups.filter = "(objectClass=group)"
            groups.way = .members(attributes: ["member"])
        }
        groups.filter = filter(item["filter"]) ?? groups.filter
        groups.name = item.text("name_attribute") ?? groups.name
        groups.gid = ids?.text("gid_attribute") ?? groups.gid
        groups.nestedDepth = item.integer("nested_depth") ?? groups.nestedDepth
        groups.way = way(item, schema) ?? groups.way
        return groups
    }

    private mutating func way(_ item: Item, _ schema: DirectorySchema) -> DirectoryTerms.Groups.Way? {
        switch (item["member_attributes"], item.text("member_of")) {
        case (nil, nil): return nil
        case (nil, let attribute?): return .memberOf(attribute: attribute)
        case (let written?, nil):
            guard schema == .rfc2307 else { return members(written) }
            guard written.texts.count == 1 else {
                fault(written, "lists several attributes, and in `rfc2307` one holds names", "Keep one.")
                return nil
            }
            return .names(attribute: written.texts[0])
        case (let written?, _?):
            fault(written, "stands beside `member_of`", "Groups are found in one way: keep one of them.", atKey: true)
            return nil
        }
    }

    /// RFC 2307's `memberUid` holds names wherever it stands.
    private mutating func members(_ written: Item) -> DirectoryTerms.Groups.Way {
        let names = written.texts.first { $0.lowercased() == "memberuid" }
        let attributes = written.texts.filter { $0.lowercased() != "memberuid" }
        if attributes.isEmpty {
            fault(written, "lists none that holds DNs", "Add `member`, or write `schema: rfc2307`.")
        }
        return .members(attributes: attributes, names: names)
    }

    private mutating func ids(_ item: Item?) -> DirectoryTerms.IDs {
        var ids = DirectoryTerms.IDs()
        guard let item else { return ids }
        let (least, most) = (item.integer("min") ?? 1000, item.integer("max") ?? DirectoryTerms.idMost)
        if least > most { fault(item["min"] ?? item, "is greater than `max`", "No id would be taken.") }
        ids.use = item.text("use").flatMap(DirectoryTerms.IDs.Use.init) ?? ids.use
        ids.range = min(least, most)...max(least, most)
        ids.mayBeShared = item.flag("shared") ?? false
        return ids
    }

    /// Whether it is a filter throughout only a server can say; one that is cut off would swallow what stands behind it.
    private mutating func filter(_ item: Item?) -> String? {
        guard let item, let text = item.text else { return nil }
        var depth = 0
        var isWhole = text.hasPrefix("(")
        for (place, byte) in text.utf8.enumerated() {
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") { depth -= 1 }
            if depth < 1, place < text.utf8.count - 1 { isWhole = false }
        }
        guard isWhole, depth == 0 else {
            fault(
                item, "\(quoted(text)) is no filter",
                "Write one in parentheses that close, such as `(objectClass=posixAccount)`.")
            return nil
        }
        return text
    }
}

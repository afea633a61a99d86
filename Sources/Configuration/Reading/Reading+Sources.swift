// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree

extension Reading {
    mutating func sources(_ item: Item?, of kind: NameKind) -> [ClaimSource] {
        (item?.elements ?? []).compactMap { source($0, kind) }
    }

    private mutating func source(_ item: Item, _ kind: NameKind) -> ClaimSource? {
        guard item.isMapping else { return knownPath(item).map { ClaimSource($0) } }
        guard let path = knownPath(item["claim"]), let way = wayOfReading(item) else { return nil }
        switch way {
        case "split": return separator(item["split"]).map { ClaimSource(path, .joined(by: $0)) }
        case "each": return elements(item).map { ClaimSource(path, .elements($0)) }
        case "aarc": return aarc(item, kind).map { ClaimSource(path, .aarc($0)) }
        case "wlcg": return wlcg(item, kind) ? ClaimSource(path, .wlcg) : nil
        case "scoped": return scoped(item).map { ClaimSource(path, .scoped($0)) }
        default: return ClaimSource(path)
        }
    }

    /// The one of `split`, `each` and `as` that is written, with only the keys beside it that go with it.
    private mutating func wayOfReading(_ item: Item) -> String? {
        let given = ["split", "each", "as"].filter { item[$0] != nil }
        guard given.count < 2 else {
            let words = given.map { "`\($0)`" }.joined(separator: " and ")
            fault(item, "has \(words) side by side", "A claim is read in one way: keep one of them.")
            return nil
        }
        let way = item.text("as") ?? given.first ?? ""
        for (key, owner) in Reading.ownersOfKeys where item[key] != nil && owner != way {
            guard let loose = item[key] else { continue }
            let goesWith = owner == "each" ? "`each`" : "`as: \(owner)`"
            fault(loose, "`\(key)` goes with \(goesWith)", "Add that, or leave the key out.", atKey: true)
        }
        return way
    }

    private static let ownersOfKeys = [
        ("where", "each"), ("joined_by", "each"), ("namespaces", "aarc"), ("authorities", "aarc"),
        ("imply_parents", "aarc"),
        ("scopes", "scoped"), ("scope_claim", "scoped"),
    ]

    private mutating func separator(_ item: Item?) -> Unicode.Scalar? {
        guard let item, let text = item.text else { return nil }
        guard text.unicodeScalars.count == 1 else {
            fault(
                item, "\(quoted(text)) is more than one sign", "Write the one that stands between names, such as \",\"."
            )
            return nil
        }
        return text.unicodeScalars.first
    }

    private mutating func elements(_ item: Item) -> ElementTerms? {
        guard let written = item["each"] else { return nil }
        let conditions = (item["where"]?.members ?? []).compactMap { condition($0.key, $0.item) }
        guard let joint = item.text("joined_by") else {
            return claimPath(written).map { ElementTerms(name: $0, conditions: conditions) }
        }
        guard written.isList, written.elements.count > 1 else {
            fault(
                written, "is one member, and `joined_by` says what stands between several",
                "Write `each: [organization.login, slug]`, or leave `joined_by` out.")
            return nil
        }
        return ElementTerms(
            name: written.elements.compactMap { claimPath($0) }, joint: joint, conditions: conditions)
    }

    private mutating func condition(_ key: String, _ value: Item) -> ElementTerms.Condition? {
        let values = value.isList ? value.elements : [value]
        guard values.allSatisfy({ $0.scalar != nil && !$0.isNull }), !values.isEmpty else {
            fault(value, "must be a value or a list of values", "Write `{\(key): active}` or `{\(key): [a, b]}`.")
            return nil
        }
        do throws(IdentityError) {
            return ElementTerms.Condition(try ClaimPath(key), values.map(\.json))
        } catch {
            fault(value, "\(error)", atKey: true)
            return nil
        }
    }

    private mutating func aarc(_ item: Item, _ kind: NameKind) -> AARCTerms? {
        guard let namespaces = item.texts("namespaces") else {
            fault(
                item, "does not say whose entitlements count",
                "Add `namespaces: [\"urn:geant:example.de\"]`: anybody's can stand in that claim.")
            return nil
        }
        for one in item["namespaces"]?.elements ?? [] where !isNamespace(one.text ?? "urn:a:b") {
            fault(
                one, "is not a namespace",
                "Write what stands before `:group:`, such as `urn:geant:example.de` or `urn:geant:example.de:unit`.")
        }
        if kind == .roles, let loose = item["imply_parents"] {
            fault(loose, "a role is one of its group only", "Leave the key out.", atKey: true)
        }
        return AARCTerms(
            namespaces: namespaces, authorities: item.texts("authorities") ?? [],
            impliesParents: item.flag("imply_parents") ?? false)
    }

    private func isNamespace(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count >= 3 && parts[0].lowercased() == "urn" && parts.allSatisfy { !$0.isEmpty }
            && parts.last != "group" && !text.contains { "?#".contains($0) }
    }

    private mutating func wlcg(_ item: Item, _ kind: NameKind) -> Bool {
        guard kind == .roles, let written = item["as"] else { return true }
        fault(
            written, "WLCG tokens have groups and capabilities, and no roles",
            "Put the source under `groups` (`wlcg.groups`) or `entitlements` (`scope`).")
        return false
    }

    private mutating func scoped(_ item: Item) -> ScopeTerms? {
        let claim = item["scope_claim"].flatMap { claimPath($0) }
        guard claim != nil || item["scopes"] != nil || item["scope_claim"] != nil else {
            fault(
                item, "does not say whose word counts",
                "Add `scopes: [example.org]` or `scope_claim: schac_home_organization`.")
            return nil
        }
        return ScopeTerms(scopes: item.texts("scopes") ?? [], claim: claim)
    }
}

// MARK: - Names

extension Reading {
    mutating func username(_ item: Item?) -> UsernameSource? {
        guard let item else { return nil }
        guard item.isMapping else { return knownPath(item).map { UsernameSource(claims: [$0]) } }
        let claims = item["claims"]?.elements ?? item["claim"].map { [$0] } ?? []
        if claims.isEmpty || item["claims"] != nil && item["claim"] != nil {
            fault(item, "must have one of `claim` and `claims`", "Write `{claim: preferred_username}`.")
        }
        if (item["claims"] != nil) != (item["joined_by"] != nil) {
            fault(
                item, "has one of `claims` and `joined_by` without the other",
                "Write `{claims: [tid, oid], joined_by: \"-\"}`.")
        }
        return UsernameSource(
            claims: claims.compactMap { knownPath($0) }, joint: item.text("joined_by") ?? "",
            foldsCase: item.text("case") != "exact", domain: item.text("domain"))
    }

    /// How names are compared; read before any rule is, since rules ask for names in that form.
    static func nameForms(_ item: Item?) -> NameForms {
        func form(_ kind: NameKind) -> NameForm {
            let written = item?[kind.rawValue]
            return NameForm(foldsCase: written?.text("case") == "fold", isLeaf: written?.text("path") == "leaf")
        }
        return NameForms(roles: form(.roles), groups: form(.groups), entitlements: form(.entitlements))
    }
}

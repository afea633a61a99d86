// SPDX-License-Identifier: Apache-2.0
import Directory

extension Reading {
    mutating func overlay(_ item: Item?, _ ids: DirectoryTerms.IDs) -> OverlayTerms? {
        guard let item, item.isMapping else { return nil }
        if ids.use == .none {
            fault(
                item, "needs people's numbers, and `ids: {use: none}` does not read them",
                "Leave `use` out, or leave `overlay` out.", atKey: true)
        }
        if !names.hasCluster {
            fault(
                item, "makes objects in a cluster, and there is none",
                "Add `kubernetes: {}` where Berth runs in a pod, or `kubernetes: {kubeconfig: …}`.", atKey: true)
        }
        return OverlayTerms(
            objects: item.text("objects").flatMap(OverlayTerms.Objects.init) ?? .perPerson,
            prefix: item.text("prefix") ?? OverlayObject.prefixUsual, base: baseAccounts(item),
            hasNSSwitch: item.flag("nsswitch") ?? false,
            variables: (item.texts("variables") ?? []).compactMap(OverlayTerms.Variable.init))
    }

    /// What is read of people for it; nil where there is none.
    mutating func accounts(_ item: Item?) -> DirectoryTerms.Accounts? {
        guard let item, item.isMapping else { return nil }
        var accounts = DirectoryTerms.Accounts()
        accounts.fullName = item.texts("full_name_attributes") ?? accounts.fullName
        accounts.home = pathSource(item["home"], else: DirectoryTerms.Accounts.homeElse) ?? accounts.home
        accounts.shell = pathSource(item["shell"], else: DirectoryTerms.Accounts.shellElse) ?? accounts.shell
        return accounts
    }

    mutating func sync(_ item: Item?, _ overlay: OverlayTerms?) -> SyncTerms? {
        guard let item, item.isMapping else { return nil }
        if overlay == nil {
            fault(item, "has nothing to make", "Add `overlay: {}` beside it, or leave `sync` out.", atKey: true)
        }
        var terms = SyncTerms()
        let minute = Duration.seconds(60)
        terms.every = span(item["every"], within: minute...minute * 1440, "1m to 24h") ?? terms.every
        terms.shrinkPercent = item.integer("shrink_percent") ?? terms.shrinkPercent
        terms.changes = item.text("changes").flatMap(SyncTerms.Changes.init) ?? terms.changes
        terms.changesEvery =
            span(item["changes_every"], within: .seconds(1)...minute * 60, "1s to 1h") ?? terms.changesEvery
        terms.pageSize = item.integer("page_size") ?? terms.pageSize
        terms.timeout = span(item["timeout"], within: .seconds(10)...minute * 60, "10s to 1h") ?? terms.timeout
        terms.pageTimeout =
            span(item["page_timeout"], within: .seconds(1)...minute * 10, "1s to 10m") ?? terms.pageTimeout
        return terms
    }
}

// MARK: - Paths

extension Reading {
    /// A path is for everybody; another word is the attribute that holds it.
    private mutating func pathSource(_ item: Item?, else template: String) -> DirectoryTerms.Accounts.Source? {
        guard let item, let text = item.text else { return nil }
        if text.hasPrefix("/") {
            if !DirectoryTerms.Accounts.Source.isTemplate(text) {
                fault(
                    item, "\(quoted(text)) is no path that fits a passwd line",
                    "Write one without `..`, `:` and other braces than `{name}` and `{uid}`.")
            }
            return .template(text)
        }
        guard NameRule.attribute.allows(text) else {
            fault(
                item, "\(quoted(text)) is neither a path nor an attribute",
                "Write a path such as `\(template)`, or an attribute such as `homeDirectory`.")
            return nil
        }
        return .attribute(text, else: template)
    }
}

// MARK: - Base accounts

extension Reading {
    private mutating func baseAccounts(_ item: Item) -> BaseAccounts {
        let (passwd, group) = (baseText(item["base_passwd_file"]), baseText(item["base_group_file"]))
        do throws(BaseAccountsFault) {
            return try BaseAccounts(passwd: passwd, group: group)
        } catch {
            let written = item[error.isPasswd ? "base_passwd_file" : "base_group_file"] ?? item
            fault(
                written, "line \(error.line) is no line of a \(error.isPasswd ? "passwd" : "group") file",
                error.isPasswd
                    ? "Write `name:x:uid:gid:full name:home:shell`, each name once."
                    : "Write `name:x:gid:`, each name once.")
            return .usual
        }
    }

    /// Nil where nothing is written: the usual ones then.
    private mutating func baseText(_ item: Item?) -> String? {
        guard let item, let text = item.text else { return nil }
        let path = item.resolved(text)
        switch WholeFile.read(path, most: BaseAccounts.bytesMost) {
        case .failure(let reason):
            stamps.append(FileStamp(at: path))
            missing(item, "the file \(quoted(text)) \(reason.words)", "Name a file as an image has it in /etc.")
            return nil
        case .success(let file):
            stamps.append(file.stamp)
            return String(decoding: file.bytes, as: UTF8.self)
        }
    }
}

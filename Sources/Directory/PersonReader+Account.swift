// SPDX-License-Identifier: Apache-2.0

extension DirectoryTerms.Accounts {
    /// Who the person of `entry` is to a Unix system.
    ///
    /// - Throws: where the entry has a home or shell that cannot stand in a passwd line. The full name is made fit.
    func account(
        in entry: DirectoryEntry, name: String, uid: Int, gid: Int
    ) throws(DirectoryError) -> Account {
        let home = try path(home, in: entry, name, uid)
        let shell = try path(shell, in: entry, name, uid)
        do throws(AccountFault) {
            return try Account(
                name: name, uid: uid, gid: gid, fullName: fullName(in: entry), home: home, shell: shell)
        } catch {
            throw error.of(entry, self)
        }
    }

    private func path(
        _ source: Source, in entry: DirectoryEntry, _ name: String, _ uid: Int
    ) throws(DirectoryError) -> String {
        switch source {
        case .template(let template): return Source.filled(template, name: name, uid: uid)
        case .attribute(let attribute, let template):
            let written = try entry.text(of: attribute) ?? ""
            return written.isEmpty ? Source.filled(template, name: name, uid: uid) : written
        }
    }

    /// Of several values the least, since their order means nothing. Whatever its bytes are: see `AccountText.gecos`.
    private func fullName(in entry: DirectoryEntry) -> String {
        for attribute in fullName {
            let names = entry.bytes(of: attribute).filter { !$0.isEmpty }
            if let least = names.min(by: { $0.lexicographicallyPrecedes($1) }) {
                return String(decoding: least.prefix(DirectoryEntry.bytesMost), as: UTF8.self)
            }
        }
        return ""
    }
}

extension AccountFault {
    fileprivate func of(_ entry: DirectoryEntry, _ accounts: DirectoryTerms.Accounts) -> DirectoryError {
        func unusable(_ attribute: String?, _ reason: String) -> DirectoryError {
            .valueUnusable(attribute: attribute ?? "the configured path", entry: entry.dn, reason: reason)
        }
        return switch self {
        case .name: .nameUnfit(entry: entry.dn)
        case .id(let id): .idOutOfRange(attribute: "an id", value: String(id), entry: entry.dn)
        case .home: unusable(accounts.home.attribute, "is no absolute path without `..` and `:`")
        case .shell: unusable(accounts.shell.attribute, "is no absolute path without `..`, `:` and blanks")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// The files by which a container knows its user: `/etc/passwd`, `/etc/group` and, where asked for,
/// `/etc/nsswitch.conf`. They give names; what a process may do comes from the pod's own numbers.
///
/// The person's lines come first, so that no base account's number hides theirs; base accounts keep their names.
package struct Overlay: Sendable, Hashable {
    package let passwd: String
    package let group: String
    package let nsswitch: String?

    /// - Parameters:
    ///   - memberships: the person's groups; of several names for one number the first is taken.
    ///   - gids: all that the pod carries besides: each gets a line, so that `id` has a name for it.
    /// - Throws: where a base account of another number has the person's name.
    package init(
        _ account: Account, memberships: [Membership], gids: [Int] = [], base: BaseAccounts = .usual,
        hasNSSwitch: Bool = false
    ) throws(OverlayError) {
        passwd = try Self.passwd(account, base)
        group = Self.group(account, memberships, gids, base)
        nsswitch = hasNSSwitch ? Self.filesOnly : nil
    }

    private static func passwd(_ account: Account, _ base: BaseAccounts) throws(OverlayError) -> String {
        var lines = [FileLine.passwd(account)]
        for user in base.users {
            guard user.name.utf8.elementsEqual(account.name.utf8) else {
                lines.append(FileLine.passwd(user))
                continue
            }
            guard user.uid == account.uid else { throw .nameTaken(name: account.name, uid: user.uid) }
        }
        return lines.joined()
    }

    private static func group(
        _ account: Account, _ memberships: [Membership], _ gids: [Int], _ base: BaseAccounts
    ) -> String {
        let groups = GroupLines(memberships, gids: [account.gid] + gids, base)
        return groups.lines { _ in [account.name] }
    }

    /// Names of people and groups come from the files alone, whatever the image would ask besides.
    static let filesOnly = """
        passwd: files
        group: files
        shadow: files
        hosts: files dns
        networks: files
        services: files
        protocols: files
        ethers: files
        rpc: files

        """
}

/// Why somebody has no overlay.
package enum OverlayError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It would make the person a system account, or the system account the person.
    case nameTaken(name: String, uid: Int)

    package var description: String {
        switch self {
        case .nameTaken(let name, let uid):
            "the name \(quoted(name)) is that of the base account with uid \(uid). Rename one of them: in the directory, "
                + "or in `overlay.base_passwd_file`."
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// The lines of a group file: the person's groups or everybody's, then the base groups.
struct GroupLines {
    private var groups: [(name: String, gid: Int)] = []
    private let base: [BaseAccounts.Group]

    /// - Parameter memberships: in any order; of several names for one number the first by its bytes is taken.
    init(_ memberships: some Sequence<Membership>, gids: [Int], _ base: BaseAccounts) {
        var names = GroupFileName(taken: base.groups.map(\.name))
        var named: [Int: String] = [:]
        for membership in memberships.sorted() where named[membership.gid] == nil {
            named[membership.gid] = membership.name
        }
        let baseNames = Dictionary(base.groups.map { ($0.gid, $0.name) }) { first, _ in first }
        for gid in Set(gids).union(named.keys).sorted() {
            let name = named[gid] ?? baseNames[gid]
            // Name and number of a base group: it is that group, and stands here instead of there.
            if let name, base.groups.contains(.init(name: name, gid: gid)) {
                groups.append((name, gid))
            } else {
                groups.append((names.take(name, gid: gid), gid))
            }
        }
        let own = Set(groups.map(\.name))
        self.base = base.groups.filter { !own.contains($0.name) }
    }

    func lines(members: (Int) -> [String]) -> String {
        groups.map { FileLine.group($0.name, $0.gid, members($0.gid)) }.joined()
            + base.map { FileLine.group($0.name, $0.gid, []) }.joined()
    }
}

/// One line of seven or of four fields, its end included. What goes in was held against the rules of a field before.
enum FileLine {
    static func passwd(_ account: Account) -> String {
        passwd(account.name, account.uid, account.gid, account.fullName, account.home, account.shell)
    }

    static func passwd(_ user: BaseAccounts.User) -> String {
        passwd(user.name, user.uid, user.gid, user.fullName, user.home, user.shell)
    }

    private static func passwd(
        _ name: String, _ uid: Int, _ gid: Int, _ fullName: String, _ home: String, _ shell: String
    ) -> String { "\(name):x:\(uid):\(gid):\(fullName):\(home):\(shell)\n" }

    static func group(_ name: String, _ gid: Int, _ members: [String]) -> String {
        "\(name):x:\(gid):\(members.joined(separator: ","))\n"
    }
}

// SPDX-License-Identifier: Apache-2.0
import Directory
import JSONTree

/// An account and its groups, kept from the look-up that a start's ids came from until its pod is made: names and ids are
/// then of one snapshot, and nobody is asked twice.
struct Namesake: Sendable, Hashable {
    let account: Account
    let memberships: [Membership]

    /// Nil for somebody without an account.
    init?(_ person: Person) {
        guard let account = person.account else { return nil }
        self.account = account
        memberships = person.memberships
    }
}

extension Namesake {
    var json: JSON {
        [
            "name": JSON(account.name), "uid": JSON(account.uid), "gid": JSON(account.gid),
            "full_name": JSON(account.fullName), "home": JSON(account.home), "shell": JSON(account.shell),
            "groups": JSON(memberships.map { [JSON($0.gid), JSON($0.name)] }),
        ]
    }

    /// Nil for what `json` did not make.
    init?(_ json: JSON) {
        guard let name = json["name"]?.string, let uid = json["uid"]?.int, let gid = json["gid"]?.int,
            let home = json["home"]?.string, let shell = json["shell"]?.string, let groups = json["groups"]?.array,
            let account = try? Account(
                name: name, uid: uid, gid: gid, fullName: json["full_name"]?.string ?? "", home: home, shell: shell)
        else { return nil }
        self.account = account
        memberships = groups.compactMap { group in
            guard let pair = group.array, pair.count == 2, let gid = pair[0].int, let name = pair[1].string else {
                return nil
            }
            return Membership(gid: gid, name: name)
        }
    }
}

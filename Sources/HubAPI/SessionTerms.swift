// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// What a server was started under, as its reservation keeps it: a policy that changes later does not change a start.
///
/// The text is ours alone (the ledger does not read it); members absent mean "none".
struct SessionTerms: Sendable, Hashable {
    let profile: String
    let walltime: Duration?
    let token: TokenHandOff?
    let posix: PosixIdentity?

    init(_ grant: Grant) {
        profile = grant.profile
        walltime = grant.walltime
        token = grant.token
        posix = grant.posix
    }
}

extension SessionTerms {
    var text: String {
        var json: JSONObject = ["profile": JSON(profile)]
        if let walltime { json["walltime_s"] = JSON(Int(walltime.wholeSeconds)) }
        if let token { json["token"] = ["audience": JSON(token.audience), "file": JSON(token.file)] }
        if let posix {
            json["posix"] = [
                "uid": JSON(posix.uid), "gid": JSON(posix.gid),
                "supplemental_groups": JSON(posix.supplementalGroups.map { JSON($0) }),
            ]
        }
        return JSON(json).text
    }

    /// Nil for a text that `text` did not make.
    init?(_ text: String) {
        guard let json = try? JSON(parsing: text), let profile = json["profile"]?.string else { return nil }
        self.profile = profile
        walltime = json["walltime_s"]?.int.map { .seconds($0) }
        token = json["token"].flatMap { TokenHandOff($0) }
        posix = json["posix"].flatMap { PosixIdentity($0) }
    }
}

extension TokenHandOff {
    fileprivate init?(_ json: JSON) {
        guard let audience = json["audience"]?.string, let file = json["file"]?.string else { return nil }
        self.init(audience: audience, file: file)
    }
}

extension PosixIdentity {
    fileprivate init?(_ json: JSON) {
        guard let uid = json["uid"]?.int, let gid = json["gid"]?.int,
            let groups = json["supplemental_groups"]?.array?.compactMap(\.int)
        else { return nil }
        self.init(uid: uid, gid: gid, supplementalGroups: groups)
    }
}

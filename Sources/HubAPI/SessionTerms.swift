// SPDX-License-Identifier: Apache-2.0
import JSONTree
package import LastUse
package import SpawnModel

/// What a server was started under, as its reservation keeps it: a policy that changes later does not change a start.
///
/// The text is ours alone (the ledger does not read it); members absent mean "none".
struct SessionTerms: Sendable, Hashable {
    let profile: String
    let walltime: Duration?
    /// What its user may add to the walltime.
    let extending: WalltimeExtension?
    /// How long it may be unused.
    let idle: Duration?
    let tokens: [TokenHandOff]
    let posix: PosixIdentity?
    /// Where the traits say that it may run; an empty object for anywhere.
    let placement: JSON
    /// What becomes of the pod.
    let changes: [PodChange]
    /// Whom the pod's passwd and group files name: as the directory had them when the ids were taken from it.
    let namesake: Namesake?
    /// What the profile says of its pods in place of the site.
    let switches: PodSwitches
    /// What is to be deleted after the stop.
    let objects: [ObjectReference]
    /// Names of the programs that were asked, and are to be told of the stop.
    let calls: [String]

    init(_ grant: Grant, calls: [String] = [], namesake: Namesake? = nil) {
        self.calls = calls
        self.namesake = namesake
        profile = grant.profile
        walltime = grant.walltime
        extending = grant.extending
        idle = grant.idle
        tokens = grant.tokens
        posix = grant.posix
        placement = grant.placement
        changes = grant.changes
        switches = grant.switches
        objects = grant.objects.filter { $0.lifetime == .session }.compactMap { ObjectReference($0.manifest) }
    }
}

extension Reservation {
    /// How long its server may be unused; nil for as long as it likes.
    package var idleLimit: IdleLimit? { SessionTerms(terms)?.idle.map { IdleLimit($0) } }

    /// In the terms of each that has one.
    package static let idleMark = "\"idle_s\""
}

extension SessionTerms {
    var text: String {
        var json: JSONObject = ["profile": JSON(profile)]
        if let walltime { json["walltime_s"] = JSON(Int(walltime.wholeSeconds)) }
        if let extending {
            json["extend"] = [
                "by_s": JSON(Int(extending.by.wholeSeconds)), "most_s": JSON(Int(extending.most.wholeSeconds)),
            ]
        }
        if let idle { json["idle_s"] = JSON(Int(idle.wholeSeconds)) }
        if !tokens.isEmpty { json["tokens"] = JSON(tokens.map(\.json)) }
        if let posix {
            json["posix"] = [
                "uid": JSON(posix.uid), "gid": JSON(posix.gid),
                "supplemental_groups": JSON(posix.supplementalGroups.map { JSON($0) }),
            ]
        }
        if placement.object?.isEmpty == false { json["placement"] = placement }
        if !changes.isEmpty {
            json["changes"] = JSON(changes.map { ["origin": JSON($0.origin), "fields": $0.fields] })
        }
        if let namesake { json["account"] = namesake.json }
        if let security = switches.security { json["security"] = JSON(security.rawValue) }
        if let lxcfs = switches.lxcfs { json["lxcfs"] = JSON(lxcfs) }
        if !objects.isEmpty { json["objects"] = JSON(objects.map(\.json)) }
        if !calls.isEmpty { json["calls"] = JSON(calls.map { JSON($0) }) }
        return JSON(json).text
    }

    /// Nil for a text that `text` did not make.
    init?(_ text: String) {
        guard let json = try? JSON(parsing: text), let profile = json["profile"]?.string else { return nil }
        self.profile = profile
        walltime = json["walltime_s"]?.int.map { .seconds($0) }
        extending = json["extend"].flatMap { WalltimeExtension($0) }
        idle = json["idle_s"]?.int.map { .seconds($0) }
        // Before there could be several, one stood by itself.
        tokens = (json["tokens"]?.array ?? json["token"].map { [$0] } ?? []).compactMap { TokenHandOff($0) }
        posix = json["posix"].flatMap { PosixIdentity($0) }
        placement = json["placement"] ?? .emptyObject
        changes = (json["changes"]?.array ?? []).compactMap { PodChange($0) }
        namesake = json["account"].flatMap { Namesake($0) }
        switches = PodSwitches(
            security: json["security"]?.string.flatMap(PodSecurity.init), lxcfs: json["lxcfs"]?.bool)
        calls = (json["calls"]?.array ?? []).compactMap(\.string)
        objects = (json["objects"]?.array ?? []).compactMap { ObjectReference($0) }
    }
}

extension PodChange {
    fileprivate init?(_ json: JSON) {
        guard let origin = json["origin"]?.string, let fields = json["fields"] else { return nil }
        self.init(origin: origin, fields: fields)
    }
}

extension WalltimeExtension {
    fileprivate init?(_ json: JSON) {
        guard let by = json["by_s"]?.int, let most = json["most_s"]?.int else { return nil }
        self.init(by: .seconds(by), most: .seconds(most))
    }
}

extension TokenHandOff {
    fileprivate init?(_ json: JSON) {
        guard let audience = json["audience"]?.string, let file = json["file"]?.string else { return nil }
        self.init(
            audience: audience, file: file, scope: json["scope"]?.string,
            onLoginEnd: json["on_login_end"]?.string.flatMap(LoginEnd.init) ?? .keep)
    }

    fileprivate var json: JSON {
        var json: JSONObject = ["audience": JSON(audience), "file": JSON(file)]
        if let scope { json["scope"] = JSON(scope) }
        if onLoginEnd != .keep { json["on_login_end"] = JSON(onLoginEnd.rawValue) }
        return JSON(json)
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

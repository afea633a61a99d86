// SPDX-License-Identifier: Apache-2.0
import Hashing
import JSONTree
import SpawnModel

/// All that references of one start may stand for.
struct ValueContext {
    /// What stays the same for a whole start.
    let start: Start
    /// KubeSpawner's traits as they are so far.
    var traits: JSONObject
    /// Name in the file to name in the cluster, of this start's objects.
    var objectNames: [String: String] = [:]
    var typed: JSON?

    final class Start: Sendable {
        let policy: Policy
        let evaluation: Evaluation
        /// The server's name; empty for the default server.
        let server: String
        let profile: Profile
        let options: [String: JSON]
        /// What calls to other programs have answered.
        let calls: JSONObject

        init(_ selection: Selection, reach: Reach, server: String, calls: JSONObject) {
            policy = reach.policy
            evaluation = reach.evaluation.starting(selection.facts)
            self.server = server
            profile = selection.profile
            options = selection.values
            self.calls = calls
        }
    }

    init(_ start: Start) {
        self.start = start
        traits = JSONObject()
    }

    /// The value of the reference with its filters; nil where nothing is.
    func value(of reference: Reference, match: Match?) throws(ValueError) -> JSON? {
        var value = try source(reference, match: match)
        if value?.isNull == true { value = nil }
        for filter in reference.filters { value = try filter.apply(to: value, of: reference) }
        return value
    }

    private func source(_ reference: Reference, match: Match?) throws(ValueError) -> JSON? {
        switch reference.source {
        case .user(let fact): return fact.value(for: start.evaluation, key: start.policy.pseudonymKey)
        case .claim(let path): return start.evaluation.value(at: path)
        case .deployment: return JSON(start.evaluation.subject.deployment)
        case .serverName: return JSON(start.server)
        case .serverID: return JSON(serverID)
        case .profile: return JSON(start.profile.slug)
        case .profileTitle: return JSON(start.profile.displayName)
        case .option(let key): return start.options[key]
        case .image: return traits[Key.image]
        case .trait(let path): return JSON(traits).member(at: path)
        case .map(let name, let members): return try row(of: name)?.member(at: members)
        case .object(let name): return objectNames[name].map { JSON($0) }
        case .call(let name, let members): return start.calls[name]?.member(at: members)
        case .typed: return typed
        case .capture(let name): return match?.captures[name].map { JSON($0) }
        case .each(let members): return match?.value.member(at: members)
        case .gpu, .pool: return nil
        }
    }

    private func row(of name: String) throws(ValueError) -> JSON? {
        guard let table = start.policy.maps[name] else { return nil }
        do throws(ValueError) {
            let key = try ValueRendering(self, matches: nil).render(table.key).scalarText
            return key.flatMap { table.rows[$0] } ?? table.standard
        } catch .missing {
            return table.standard
        }
    }

    /// A DNS label that is this server's and no other's.
    var serverID: String {
        let subject = start.evaluation.subject
        return "s" + SHA256.hex(Self.joined([subject.deployment, subject.name, start.server]))
    }

    /// One text of several, which no others give, whatever stands in them.
    static func joined(_ texts: [String]) -> String { texts.map { "\($0.utf8.count):\($0)" }.joined() }
}

extension Selection {
    /// Option key to chosen id or typed value.
    fileprivate var values: [String: JSON] {
        answers.facts.mapValues { answer in
            switch answer {
            case .listed(let id): JSON(id)
            case .typed(let value): value
            }
        }
    }
}

extension Reference.UserFact {
    fileprivate func value(for evaluation: Evaluation, key: [UInt8]?) -> JSON? {
        let subject = evaluation.subject
        switch self {
        case .name: return JSON(subject.name)
        case .admin: return JSON(subject.isAdmin || evaluation.granted.isAdmin)
        case .uid: return subject.posix.map { JSON($0.uid) }
        case .gid: return subject.posix.map { JSON($0.gid) }
        case .supplementalGroups: return subject.posix.map { JSON($0.supplementalGroups.map { JSON($0) }) }
        case .groups: return JSON(evaluation.names(.group).map { JSON($0) })
        case .roles: return JSON(evaluation.names(.role).map { JSON($0) })
        case .entitlements: return JSON(evaluation.names(.entitlement).map { JSON($0) })
        case .pseudonym: return key.map { JSON(Pseudonym.of(subject.name, key: $0)) }
        }
    }
}

/// A name that tells nothing of its owner to those who do not have the key: 100 bits of an HMAC, in letters and digits.
enum Pseudonym {
    static func of(_ name: String, key: [UInt8]) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        let bytes = HMACKey(key).code(of: Array(name.utf8))
        // A letter first, so that the name is good wherever names are.
        let first = letters[Int(bytes[0]) % 26]
        let rest = bytes[1..<20].map { letters[Int($0 & 31)] }
        return String(decoding: [first] + rest, as: UTF8.self)
    }
}

extension Match {
    fileprivate var captures: [String: String] { if case .name(_, let captures) = self { captures } else { [:] } }

    fileprivate var value: JSON {
        switch self {
        case .name(let name, _): JSON(name)
        case .element(let element): element
        }
    }
}

extension JSON {
    /// The member at the end of `path`, itself for an empty one; null counts as nothing.
    func member(at path: [String]) -> JSON? {
        var value = self
        for name in path {
            guard let member = value[name] else { return nil }
            value = member
        }
        return value.isNull ? JSON?.none : value
    }
}

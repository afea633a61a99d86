// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// Why claims do not make a subject. The values are for the log; none of them is a secret.
package enum IdentityError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A path in the configuration cannot be read.
    case badPath(String)
    case notAnObject(JSON.Kind)
    /// No mapping fits; nil where the claims name no issuer and several are configured.
    case unknownIssuer(String?)
    /// The claims were issued for somebody else.
    case wrongAudience
    /// A name is neither a text nor a whole number.
    case notNames(ClaimPath, JSON.Kind)
    /// Objects were expected, as the source says.
    case notObjects(ClaimPath, JSON.Kind)
    case elementWithoutName(ClaimPath, ClaimPath)
    /// Meant to count by its beginning, and not written as its grammar has it.
    case malformed(Grammar, ClaimPath, String)
    case unknownTokenVersion(String)
    /// Limits on names; nil stands for the hub's own groups.
    case nameTooLong(ClaimPath?, Int)
    case tooManyNames(ClaimPath?, Int)
    case controlCharacter(ClaimPath?)
    /// The provider left the claim out and says where it would be asked for: Entra does so above 200 groups.
    case claimElsewhere(ClaimPath)
    /// A Keycloak access token that leaves out nearly everything.
    case lightweightToken(missing: ClaimPath)
    /// The claims do not say whose they are, or they are another person's.
    case noUsername(ClaimPath)
    case otherUsername(hub: String, claims: String)
    case otherDomain(String, wanted: String)
    case notAnID(ClaimPath, String)
    /// Zero, negative, or above 2^31 - 1.
    case idOutOfRange(ClaimPath, String)
    /// A look-up or directory that would say them was not heard.
    case idsUnheard(ClaimPath)
    /// One of uid and gid is there without the other.
    case incompleteIDs(missing: ClaimPath)

    package enum Grammar: String, Sendable {
        case aarc = "an AARC entitlement"
        case wlcgGroup = "a WLCG group"
        case wlcgCapability = "a WLCG capability"
        case scoped = "a value with an organisation, such as member@example.org"
    }

    package var description: String {
        switch self {
        case .badPath(let text):
            "the claim path \"\(text)\" cannot be read: write names joined by dots (a dot in a name as \\.), or a JSON pointer"
        case .notAnObject(let kind): "the claims are \(kind.name), not an object"
        case .unknownIssuer(let issuer?): "the claims come from \(issuer), which is not a configured issuer"
        case .unknownIssuer(nil): "the claims name no issuer, and more or fewer than one is configured"
        case .wrongAudience: "the claims were issued for another audience"
        case .notNames(let path, let kind): "the claim \(path) holds \(kind.name) where names are expected"
        case .notObjects(let path, let kind): "the claim \(path) holds \(kind.name) where objects are expected"
        case .elementWithoutName(let path, let name): "an object in the claim \(path) has nothing at \(name)"
        case .malformed(let grammar, let path, let text):
            "the claim \(path) holds \"\(text.prefix(200))\", which is not \(grammar.rawValue)"
        case .unknownTokenVersion(let version): "the claim /wlcg.ver is \(version.prefix(40)); known are 1.0 to 1.9"
        case .nameTooLong(let path, let count): "\(origin(path)) holds a name of \(count) bytes, which is too long"
        case .tooManyNames(let path, let count):
            "\(origin(path)) holds \(count) names; at most \(NameLimits.countMax) are read"
        case .controlCharacter(let path): "\(origin(path)) holds a name with a control character in it"
        case .claimElsewhere(let path):
            "the provider left out the claim \(path), as Entra does for users with more than 200 groups; "
                + "take roles from app roles instead, or have it send fewer groups"
        case .lightweightToken(let path):
            "the claims are those of a Keycloak lightweight access token, which has no \(path); "
                + "switch that off for the hub's client, or have the hub ask the userinfo endpoint"
        case .idsUnheard(let path): "the numeric ids at \(path) are not known, since who would say them did not answer"
        case .noUsername(let path): "the claims have no \(path), so that nothing says whose they are"
        case .otherUsername(let hub, let claims):
            "the hub says that this is \(hub), and the claims are those of \(claims)"
        case .otherDomain(let name, let domain): "the claims are those of \(name), who is not in the domain \(domain)"
        case .notAnID(let path, let value): "the claim \(path) holds \(value), which is not a numeric id"
        case .idOutOfRange(let path, let value): "the claim \(path) holds the id \(value); ids are 1 to 2147483647"
        case .incompleteIDs(let path): "the claims have a numeric id, but none at \(path); uid and gid go together"
        }
    }
}

private func origin(_ path: ClaimPath?) -> String { path.map { "the claim \($0)" } ?? "the hub's list of groups" }

extension JSON.Kind {
    var name: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

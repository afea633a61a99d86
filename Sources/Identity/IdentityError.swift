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
    /// A membership is neither a text nor a list of texts.
    case notNames(ClaimPath, JSON.Kind)
    case notAnID(ClaimPath, String)
    /// Zero, negative, or above 2^31 - 1.
    case idOutOfRange(ClaimPath, String)
    /// One of uid and gid is there without the other.
    case incompleteIDs(missing: ClaimPath)

    package var description: String {
        switch self {
        case .badPath(let text):
            "the claim path \"\(text)\" cannot be read: write names joined by dots (a dot in a name as \\.), or a JSON pointer"
        case .notAnObject(let kind): "the claims are \(kind.name), not an object"
        case .unknownIssuer(let issuer?): "the claims come from \(issuer), which is not a configured issuer"
        case .unknownIssuer(nil): "the claims name no issuer, and more or fewer than one is configured"
        case .wrongAudience: "the claims were issued for another audience"
        case .notNames(let path, let kind): "the claim \(path) holds \(kind.name) where names are expected"
        case .notAnID(let path, let value): "the claim \(path) holds \(value), which is not a numeric id"
        case .idOutOfRange(let path, let value): "the claim \(path) holds the id \(value); ids are 1 to 2147483647"
        case .incompleteIDs(let path): "the claims have a numeric id, but none at \(path); uid and gid go together"
        }
    }
}

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

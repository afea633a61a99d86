// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// What an issuer says about where it can be asked (OpenID Connect Discovery section 3). Nothing else of its document
/// counts: what algorithms it lists is for clients that trust it to choose.
struct Discovery: Sendable {
    private let document: JSON
    private let isSafe: Bool

    static func url(of issuer: String) -> String {
        var base = issuer[...]
        while base.last == "/" { base.removeLast() }
        return base + "/.well-known/openid-configuration"
    }

    init(_ body: [UInt8], issuer: String) throws(IssuerError) {
        let document: JSON
        do { document = try JSON(parsing: body, limits: JSONLimits(bytesMax: KeySet.bytesMost, depthMax: 16)) } catch {
            throw .unusable(.discovery, reason: "\(error)")
        }
        guard document.kind == .object else { throw .unusable(.discovery, reason: "it is no JSON object") }
        guard document["issuer"]?.isText(issuer) == true else { throw .foreignDocument }
        self.document = document
        isSafe = issuer.begins(with: "https://")
    }

    func url(of endpoint: IssuerEndpoint) throws(IssuerError) -> String {
        guard let url = document[Self.member(for: endpoint)]?.string else { throw .endpointMissing(endpoint) }
        // From an issuer with TLS, a document that leads out of TLS has been tampered with, or is a grave mistake.
        let isAllowed = url.begins(with: "https://") || !isSafe && url.begins(with: "http://")
        guard isAllowed, url.utf8.count <= 2048, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .endpointRefused(endpoint)
        }
        return url
    }

    private static func member(for endpoint: IssuerEndpoint) -> String {
        switch endpoint {
        case .keys: "jwks_uri"
        case .introspection: "introspection_endpoint"
        case .userinfo: "userinfo_endpoint"
        case .token: "token_endpoint"
        case .discovery: preconditionFailure("the document does not name itself")
        }
    }
}

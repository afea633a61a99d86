// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// Makes and reads the tokens by which sidecars prove themselves to Berth.
///
/// There are two. The **credential** lies in a Secret for as long as the pod lives, so that a sidecar that was started
/// again finds it, and is good for one thing: to get a **sidecar token**, which is shown with every other question and
/// expires within minutes. Whether the reservation still lives is the ledger's to say, each time.
package struct SidecarTokens: Sendable {
    /// How long a sidecar token is good for.
    package static let life = Duration.seconds(600)
    /// Longer than any of ours: names in it are bounded.
    private static let bytesMax = 4096
    private static let (issuer, audience) = ("berth", "berth-sidecar")

    /// The one that signs first; those behind it are still believed.
    private let keys: [[UInt8]]

    /// - Parameter keys: at least one; none of them empty.
    package init(_ keys: [[UInt8]]) {
        precondition(!keys.isEmpty && keys.allSatisfy { !$0.isEmpty })
        self.keys = keys
    }

    /// The same each time, so that a pod that is patched twice finds its Secret as it should be.
    package func credential(for pass: SidecarPass) -> String {
        claims(of: pass, .credential).signed(by: keys[0])
    }

    package func token(for pass: SidecarPass, at now: Instant) -> String {
        var claims = claims(of: pass, .session)
        claims[time: "iat"] = now.unixSeconds
        claims[time: "exp"] = (now + Self.life).unixSeconds
        return claims.signed(by: keys[0])
    }

    package func pass(inCredential text: String) throws(SidecarTokenError) -> SidecarPass {
        try SidecarPass(verified(text), as: .credential)
    }

    package func pass(inToken text: String, at now: Instant) throws(SidecarTokenError) -> SidecarPass {
        let claims = try verified(text)
        let expiry = claims[time: "exp"]
        let pass = try SidecarPass(claims, as: .session)
        guard let expiry, now.unixSeconds < expiry else { throw .expired }
        return pass
    }

    private func verified(_ text: String) throws(SidecarTokenError) -> SignedClaims {
        guard text.utf8.count <= Self.bytesMax, !text.utf8.contains(0) else { throw .malformed }
        for key in keys.dropLast() {
            if let claims = try? SignedClaims(verifying: text, by: key) { return claims }
        }
        return try SignedClaims(verifying: text, by: keys[keys.count - 1])
    }

    private func claims(of pass: SidecarPass, _ use: Use) -> SignedClaims {
        var claims = SignedClaims()
        claims[text: "iss"] = Self.issuer
        claims[text: "aud"] = Self.audience
        claims[text: "use"] = use.rawValue
        claims[text: "sub"] = pass.reservationID
        claims[text: "deployment"] = pass.deployment
        claims[text: "namespace"] = pass.namespace
        claims[text: "pod"] = pass.pod
        return claims
    }

    fileprivate enum Use: String {
        case credential, session
    }
}

extension SidecarPass {
    fileprivate init(_ claims: borrowing SignedClaims, as use: SidecarTokens.Use) throws(SidecarTokenError) {
        guard let reservation = claims[text: "sub"], let deployment = claims[text: "deployment"],
            let namespace = claims[text: "namespace"], let pod = claims[text: "pod"]
        else { throw .malformed }
        guard claims[text: "use"] == use.rawValue else { throw .otherUse }
        self.init(reservationID: reservation, deployment: deployment, namespace: namespace, pod: pod)
    }
}

extension Instant {
    fileprivate var unixSeconds: Int { Int(unixMilliseconds / 1000) }
}

/// Keys are never printed, whatever asks for a description of them or of what holds them.
extension SidecarTokens: CustomStringConvertible, CustomReflectable {
    package var description: String { "(keys of sidecar tokens)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

// SPDX-License-Identifier: Apache-2.0

/// How one issuer's tokens are read: from the configuration alone, never from what the issuer says of itself.
package struct IssuerTerms: Sendable, Hashable {
    /// Its URL, exactly as tokens have it in `iss`; below it stands its discovery document.
    package let issuer: String
    package let algorithms: Set<SigningAlgorithm>
    package let audiences: [String]
    /// Tried in this order, up to the first that can say whose the token is; at least one.
    package let ways: [TokenWay]
    /// What Berth shows to be told about a token; introspection needs it.
    package let client: ClientCredentials?
    /// What Berth shows to have users' access tokens exchanged for narrower ones; nil where it does not.
    package let exchange: ClientCredentials?
    package let keyTimes: KeyTimes
    package let skew: Duration
    /// How long the issuer's answer about a token stands before it is asked again, since it may revoke the token.
    package let answersKept: Duration
    /// Whether policy reads groups from the claims.
    package let needsGroups: Bool

    package init(
        issuer: String, algorithms: Set<SigningAlgorithm> = Set(SigningAlgorithm.all), audiences: [String],
        ways: [TokenWay] = [.verify], client: ClientCredentials? = nil, exchange: ClientCredentials? = nil,
        keyTimes: KeyTimes = KeyTimes(), skew: Duration = .seconds(60), answersKept: Duration = .seconds(60),
        needsGroups: Bool = false
    ) {
        precondition(!ways.isEmpty, "an issuer whose tokens are read in no way at all")
        self.issuer = issuer
        self.algorithms = algorithms
        self.audiences = audiences
        self.ways = ways
        self.client = client
        self.exchange = exchange
        self.keyTimes = keyTimes
        self.skew = skew
        self.answersKept = answersKept
        self.needsGroups = needsGroups
    }

    func expectations(_ kind: TokenKind) -> TokenExpectations {
        TokenExpectations(
            issuer: issuer, kind: kind, audiences: audiences, clientID: client?.id, algorithms: algorithms, skew: skew,
            needsGroups: needsGroups)
    }
}

/// One way to learn what a token says.
package enum TokenWay: String, Sendable, Hashable, CaseIterable {
    /// By its signature. Passes on a token that is opaque or says too little, never one that fails a check.
    case verify
    /// By asking the issuer's introspection endpoint (RFC 7662).
    case introspect
    /// By asking the issuer's userinfo endpoint (OpenID Connect Core section 5.3). It does not say whom a token is for.
    case userinfo
}

/// How long an issuer's keys count, as WLCG's profile has it.
package struct KeyTimes: Sendable, Hashable {
    /// After that they are read again, while the old ones go on to be used.
    package var refresh: Duration
    /// After that the old ones are used no longer, and no token is taken.
    package var keep: Duration
    /// Between two readings because of a key that is not among them.
    package var cooldown: Duration

    package init(
        refresh: Duration = .seconds(6 * 3600), keep: Duration = .seconds(2 * 86_400), cooldown: Duration = .seconds(30)
    ) {
        self.refresh = refresh
        self.keep = keep
        self.cooldown = cooldown
    }
}

/// Who Berth is to an issuer (RFC 6749 section 2.3.1).
package struct ClientCredentials: Sendable, Hashable {
    package enum Method: String, Sendable, Hashable, CaseIterable {
        case basic, post
    }

    package let id: String
    package let secret: ClientSecret?
    package let method: Method

    package init(id: String, secret: ClientSecret? = nil, method: Method = .basic) {
        self.id = id
        self.secret = secret
        self.method = method
    }
}

/// A client's secret. It never prints its value, whatever asks for a description of it or of what holds it.
package struct ClientSecret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { "(secret)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

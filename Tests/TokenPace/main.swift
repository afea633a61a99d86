// SPDX-License-Identifier: Apache-2.0
import Glibc
import Identity
import JSONTree
import SpawnModel
import TokenForge

// Verifies one token over and over, on one thread, and prints how often it did and in how many seconds of that
// thread's CPU time:
//   token-pace RS256|ES256|EdDSA cold-key|cached-key|cached-token SECONDS

let arguments = CommandLine.arguments
guard arguments.count == 4, let algorithm = SigningAlgorithm(rawValue: arguments[1]),
    let way = Way(rawValue: arguments[2]), let seconds = Double(arguments[3])
else {
    print("usage: token-pace RS256|ES256|EdDSA cold-key|cached-key|cached-token SECONDS")
    exit(2)
}

enum Way: String {
    /// The key set is read from its JSON each time.
    case coldKey = "cold-key"
    case cachedKey = "cached-key"
    /// The token was verified before.
    case cachedToken = "cached-token"
}

/// As Keycloak would send it, with the claims that a facility's users have.
let claims: JSON = [
    "iss": "https://idp.example.org/realms/lab", "sub": "5f0c7a1e-0f6a-4a43-9f42-7d6a3d1b0002",
    "aud": ["jupyterhub", "account"], "exp": 1_795_600_300, "iat": 1_795_600_000, "auth_time": 1_795_599_000,
    "jti": "onrtac:0d8f7d4e-6e0b-4d0e-8f0f-6a9a1c2b3d4e", "typ": "Bearer", "azp": "jupyterhub",
    "sid": "a3e1f1de-51f1-4b3c-8f5e-1f2e3d4c5b6b", "acr": "1", "scope": "openid profile email",
    "realm_access": ["roles": ["staff", "offline_access", "default-roles-lab", "uma_authorization"]],
    "resource_access": ["jupyterhub": ["roles": ["gpu-large", "power-user"]]],
    "groups": ["/beamlines/biomax", "/beamlines/biomax/leads", "/staff"],
    "email_verified": true, "name": "Ana Öberg", "preferred_username": "ana", "email": "ana@example.org",
]
let now = Instant(unixSeconds: 1_795_600_100)

let key = ForgeKey(algorithm == .rs256 ? .rsa(bits: 2048) : algorithm == .es256 ? .curve(.p256) : .ed25519)
let document = JSON(["keys": JSON([key.jwk(kid: "k1", alg: algorithm.rawValue)])] as JSONObject).bytes
let keys = try KeySet(parsing: document)
let verifier = TokenVerifier(
    TokenExpectations(
        issuer: "https://idp.example.org/realms/lab", kind: .access, audiences: ["jupyterhub"], needsGroups: true))
let token = key.token(["alg": JSON(algorithm.rawValue), "typ": "JWT", "kid": "k1"], claims)

/// Publishes the key set, as often as it is asked.
struct Publisher: IssuerAsking {
    let document: [UInt8]

    func ask(_ question: IssuerQuestion) async throws(IssuerError) -> IssuerAnswer {
        let discovery = #"{"issuer": "https://idp.example.org/realms/lab", "jwks_uri": "https://idp.example.org/keys"}"#
        return IssuerAnswer(status: 200, body: question.endpoint == .keys ? document : Array(discovery.utf8))
    }
}

let issuer = Issuer(
    IssuerTerms(issuer: "https://idp.example.org/realms/lab", audiences: ["jupyterhub"], needsGroups: true),
    asking: Publisher(document: document), now: { Instant(unixSeconds: 1_795_600_100) })
_ = try await issuer.claims(of: token, as: .access)

func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func once() throws {
    switch way {
    case .coldKey: _ = try verifier.verify(token, keys: try KeySet(parsing: document), at: now)
    case .cachedKey: _ = try verifier.verify(token, keys: keys, at: now)
    case .cachedToken: precondition(issuer.rememberedClaims(of: token, as: .access) != nil)
    }
}

for _ in 0..<200 { try once() }
var count = 0
let start = cpuSeconds()
var spent = 0.0
while spent < seconds {
    for _ in 0..<50 { try once() }
    count += 50
    spent = cpuSeconds() - start
}
print(#"{"count": \#(count), "cpu_s": \#(spent), "token_bytes": \#(token.utf8.count)}"#)

// SPDX-License-Identifier: Apache-2.0
internal import CJWT
import Glibc

/// Claims in a JSON Web Token (RFC 7519) under HS256, by libjwt.
///
/// libjwt checks a signature by whatever algorithm the token names, and takes one without any where there is no key. So
/// the key here is never empty, and any other algorithm is refused after it has decoded.
struct SignedClaims: ~Copyable {
    private let jwt: OpaquePointer

    /// None yet.
    init() {
        var made: OpaquePointer?
        guard jwt_new(&made) == 0, let made else { preconditionFailure("memory is out") }
        jwt = made
    }

    init(verifying token: String, by key: [UInt8]) throws(SidecarTokenError) {
        var decoded: OpaquePointer?
        guard jwt_decode(&decoded, token, key, CInt(key.count)) == 0, let decoded else { throw .notOurs }
        guard jwt_get_alg(decoded) == JWT_ALG_HS256 else {
            jwt_free(decoded)
            throw .notOurs
        }
        jwt = decoded
    }

    deinit { jwt_free(jwt) }

    subscript(text name: String) -> String? {
        get { jwt_get_grant(jwt, name).map { String(cString: $0) } }
        set { jwt_add_grant(jwt, name, newValue) }
    }

    /// Whole seconds since 1970, as RFC 7519 has times; nil where it is absent, and for what no clock of ours shows.
    subscript(time name: String) -> Int? {
        get {
            let seconds = jwt_get_grant_int(jwt, name)
            return seconds > 0 ? seconds : nil
        }
        set { jwt_add_grant_int(jwt, name, newValue ?? 0) }
    }

    func signed(by key: [UInt8]) -> String {
        guard jwt_set_alg(jwt, JWT_ALG_HS256, key, CInt(key.count)) == 0, let text = jwt_encode_str(jwt) else {
            preconditionFailure("libjwt cannot sign, which it does only when memory is out")
        }
        defer { free(text) }
        return String(cString: text)
    }
}

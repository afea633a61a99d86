// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import JSONTree
import SpawnModel

extension Hub {
    /// A user's access token, which the hub has renewed where it would not last for `least` or half its life.
    ///
    /// `POST /berth/access-token` of `berth_hub.install`; needs a service with the scope `admin:auth_state`.
    ///
    /// - Parameter scope: scopes with blanks between, where a narrower token is enough.
    /// - Throws: `HubFault.loginExpired` where the user has to log in again.
    package func accessToken(
        of user: String, lasting least: Duration, scope: String? = nil, within timeout: Duration = .seconds(12)
    ) async throws(HubFault) -> HubAccessToken {
        var body: JSONObject = ["user": JSON(user), "least_s": JSON(Int(least.wholeSeconds))]
        if let scope { body["scope"] = JSON(scope) }
        let response = try await answer(to: .post, "/berth/access-token", body: JSON(body).bytes, within: timeout)
        let answer = try? JSON(parsing: response.body)
        guard response.status == 200 else { throw HubFault(response, code: answer?["code"]?.string) }
        guard let text = answer?["access_token"]?.string else { throw .misfit("its answer holds no token") }
        return HubAccessToken(
            text: text, lifetime: answer?["expires_in_s"]?.int.map { .seconds($0) },
            isNarrowed: answer?["narrowed_by"]?.string == "scope")
    }
}

/// An access token as a hub gives it. It never prints its value.
package struct HubAccessToken: Sendable, CustomStringConvertible, CustomReflectable {
    package let text: String
    /// Nil where the hub does not know it.
    package let lifetime: Duration?
    /// It is of the scope that was asked for and no other.
    package let isNarrowed: Bool

    package var description: String { "(secret)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension HubFault {
    /// - Parameter code: the answer's own, where it is one of `berth_hub`.
    fileprivate init(_ response: HTTPClientResponse, code: String?) {
        self =
            switch (response.status, code) {
            case (403, "login-expired"), (404, "user-unknown"): .loginExpired
            case (429, _), (500..., _):
                .away("it answers with status \(response.status)", retryAfter: response.retryAfter)
            case (401, _), (403, _): .notAllowed(status: response.status, scope: "admin:auth_state")
            case (404, _): .misfit("`berth_hub.install` there is older than Berth")
            case (let status, _): .misfit("it answers with status \(status)")
            }
    }
}

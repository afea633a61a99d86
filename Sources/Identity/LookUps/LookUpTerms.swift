// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// A service that is asked about a user over HTTP, and what its answer, or its silence, is worth.
package struct LookUpTerms: Sendable, Hashable {
    /// The member of the claims that holds the answer.
    package let name: String
    package let address: LookUpAddress
    package let method: Method
    /// Sent as a bearer token.
    package let token: ClientSecret?
    /// The user's own access token is sent instead, so that the service answers what this user may see.
    package let usersToken: UsersToken?
    /// The whole of it, with waiting and asking again.
    package let timeout: Duration
    /// How long an answer stands before it is asked for again.
    package let kept: Duration
    package let onFailure: Fallback
    /// What "404, I don't know them" is worth.
    package let onNotFound: Fallback

    package enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        /// Sends `{"user": …, "deployment": …}`.
        case post = "POST"
    }

    /// Which tokens of users are presented.
    package enum UsersToken: String, Sendable, CaseIterable {
        /// Only those that were proven.
        case proven
        /// Also those that a trusted hub has sent, unread.
        case asSent = "as_sent"
    }

    /// What stands for an answer that did not come.
    package enum Fallback: Sendable, Hashable {
        /// Nothing is decided without it.
        case refuse
        /// Nothing is known of the member: rules that need it neither allow nor, turned round by `not`, allow.
        case unknown
        case value(JSON)
    }

    package init(
        name: String, address: LookUpAddress, method: Method = .get, token: ClientSecret? = nil,
        usersToken: UsersToken? = nil, timeout: Duration = .seconds(3), kept: Duration = .seconds(60),
        onFailure: Fallback = .refuse, onNotFound: Fallback? = nil
    ) {
        self.name = name
        self.address = address
        self.method = method
        self.token = token
        self.usersToken = usersToken
        self.timeout = timeout
        self.kept = kept
        self.onFailure = onFailure
        self.onNotFound = onNotFound ?? onFailure
    }
}

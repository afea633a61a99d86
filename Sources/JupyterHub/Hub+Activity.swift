// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import JSONTree
package import SpawnModel

extension Hub {
    /// A hub gives 200 users a page at the most (`JupyterHub.api_page_max_limit`), unless it is told otherwise.
    private static let pageUsers = 200
    /// 100,000 people with running servers.
    private static let pagesMost = 500

    /// When each of the hub's running servers was last used.
    ///
    /// `GET /users?state=active`, page by page; needs the scopes `list:users` and `read:servers`.
    ///
    /// - Parameters:
    ///   - deployment: as which the hub is known; in the servers' ids.
    ///   - now: Berth's clock. The hub's own may be another, which the `Date` of its answers tells.
    package func activity(
        in deployment: String, now: @Sendable () -> Instant
    ) async throws(HubFault) -> HubActivity {
        let askedAt = now()
        var (lastUse, offset) = ([ServerID: Instant](), 0)
        for _ in 0..<Self.pagesMost {
            let response = try await answer(
                to: .get, "/users?state=active&limit=\(Self.pageUsers)&offset=\(offset)",
                accepting: "application/jupyterhub-pagination+json", bytesMax: 8 << 20)
            let page = try ActivityPage(response, in: deployment, at: now())
            lastUse.merge(page.lastUse) { max($0, $1) }
            guard let next = page.next else {
                return HubActivity(askedAt: askedAt, lastUse: lastUse.mapValues { min($0, askedAt) })
            }
            guard next > offset else { throw .away("its pages of users do not go on") }
            offset = next
        }
        throw .away("it lists more than \(Self.pageUsers * Self.pagesMost) users")
    }
}

/// A part of the hub's users.
struct ActivityPage {
    let lastUse: [ServerID: Instant]
    /// Where the next page begins; nil for the last.
    let next: Int?

    /// - Parameter now: when the answer came.
    init(_ response: HTTPClientResponse, in deployment: String, at now: Instant) throws(HubFault) {
        switch response.status {
        case 200: break
        case 401, 403: throw .notAllowed(status: response.status, scope: "list:users")
        case let status: throw .away("it answers with status \(status)")
        }
        guard let json = try? JSON(parsing: response.body), let users = json["items"]?.array else {
            throw .away("it does not answer with a page of users")
        }
        let ahead = response.date.map { $0 - now } ?? .zero
        var found: [ServerID: Instant] = [:]
        for user in users {
            guard let name = user["name"]?.string else { throw .away("it lists a user without a name") }
            guard let servers = user["servers"]?.object else { throw .serversHidden }
            for (server, model) in servers {
                guard let used = Self.lastUse(of: model) else { continue }
                found[ServerID(deployment: deployment, user: name, name: server)] = used + (.zero - ahead)
            }
        }
        lastUse = found
        next = json["_pagination"]?["next"]?["offset"]?.int
    }

    /// By the hub's clock; nil for one that does not run yet or any more, or of which the hub knows no use.
    private static func lastUse(of server: JSON) -> Instant? {
        guard server["ready"]?.bool == true, server["pending"]?.isNull ?? true else { return nil }
        guard let used = server["last_activity"]?.string.flatMap({ Instant(rfc3339: $0) }) else { return nil }
        return server["started"]?.string.flatMap { Instant(rfc3339: $0) }.map { max(used, $0) } ?? used
    }
}

extension HubFault {
    /// The hub leaves out what only services with the scope see.
    static let serversHidden = HubFault.misfit(
        "it shows no servers: the service whose token is in `hub_api` needs the scope read:servers")
}

extension HTTPClientResponse {
    /// When it was made, by its maker's clock: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
    fileprivate var date: Instant? {
        let words = (self["date"] ?? "").split(separator: " ")
        guard words.count == 6, let month = Self.months.firstIndex(of: words[2]) else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return Instant(rfc3339: "\(words[3])-\(number)-\(words[1])T\(words[4])Z")
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

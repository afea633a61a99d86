// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import HTTPServer
import HubAPI
import JSONTree
import SpawnModel

extension AdminRoutes {
    /// Every limit that is set, and how much of it is used.
    func quotas(_ call: AdminCall) async throws(Problem) -> HTTPResponse {
        try call.query.names("scope", "name")
        let (scope, name) = (call.query["scope"], call.query["name"])
        if let scope, !QuotaScope.words.contains(scope) {
            throw .adminMalformed("`scope`", "must be one of \(QuotaScope.words.joined(separator: ", "))")
        }
        let found: [QuotaStanding]
        do { found = try await ledger.quotaStandings(under: call.site.quotas, now: call.now) } catch {
            throw Problem(error)
        }
        let wanted = found.filter { standing in
            (scope == nil || standing.scope.word == scope) && (name == nil || standing.scope.name == name)
        }
        return try call.ok(
            AdminList(
                columns: [
                    "scope", "deployment", "name", "measure", "limit", "used", "borrowed", "remaining", "resets_at",
                ],
                items: wanted.map(\.json)))
    }

    /// Who waits for what, by pool and place.
    func waiting(_ call: AdminCall) throws(Problem) -> HTTPResponse {
        try call.query.names("pool")
        let rows = ledger.waitingRows(under: call.site.quotas, now: call.now)
        return try call.ok(
            AdminList(
                columns: [
                    "pool", "position", "deployment", "user", "server", "payer", "amount", "since", "kept_until",
                ],
                items: rows.filter { call.query["pool"] == nil || call.query["pool"] == $0.gpu.pool }.map(\.json)))
    }
}

extension QuotaStanding {
    /// The measure's name is the configuration's key, and its numbers are in that key's unit.
    fileprivate var json: JSON {
        [
            "scope": JSON(scope.word), "deployment": scope.deployment.map { JSON($0) } ?? .null,
            "name": scope.name.map { JSON($0) } ?? .null, "measure": JSON(measure.key),
            "limit": measure.amount(limit), "used": measure.amount(used), "borrowed": measure.amount(borrowed),
            "remaining": measure.amount(remaining), "resets_at": resetsAt.map { JSON($0.description) } ?? .null,
        ]
    }
}

extension QuotaMeasure {
    fileprivate var key: String {
        switch self {
        case .sessions: "sessions"
        case .milliCards: "milli_cards"
        case .memory: "memory_mib"
        case .gpuHours: "gpu_hours"
        }
    }

    /// Hours with two decimals.
    fileprivate func amount(_ count: Int) -> JSON {
        switch self {
        case .sessions, .milliCards, .memory: JSON(count)
        case .gpuHours: AdminList.hundredths(Int64(count), in: Int64(Self.gpuHour))
        }
    }
}

extension QuotaScope {
    fileprivate static let words = ["pool", "deployment", "group", "user"]

    fileprivate var word: String {
        switch self {
        case .user: "user"
        case .group: "group"
        case .deployment: "deployment"
        case .pool: "pool"
        }
    }

    /// Nil for all together whom no group pays.
    fileprivate var name: String? {
        switch self {
        case .user(_, let name), .deployment(let name), .pool(let name): name
        case .group(let name): name
        }
    }

    /// The hub that a user is one of; nil where the user has used nothing at any.
    fileprivate var deployment: String? {
        switch self {
        case .user(let deployment, _): deployment.isEmpty ? nil : deployment
        case .deployment(let name): name
        case .group, .pool: nil
        }
    }
}

extension WaitingRow {
    fileprivate var json: JSON {
        [
            "pool": JSON(gpu.pool), "position": JSON(position), "deployment": JSON(server.deployment),
            "user": JSON(server.user), "server": JSON(server.name), "payer": payer.map { JSON($0) } ?? .null,
            "amount": JSON(gpu.amountWords), "since": JSON(since.description), "seen_at": JSON(seenAt.description),
            "kept_until": claimUntil.map { JSON($0.description) } ?? .null,
        ]
    }
}

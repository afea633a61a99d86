// SPDX-License-Identifier: Apache-2.0
import Foundation
import GPULedger
import JupyterHub
import Logging
import SpawnModel
import Synchronization
import Testing

@testable import HTTPClient
@testable import Upkeep

@Suite struct EndKeeperTests {
    @Test("a server that has ended since it was looked at is not stopped: its name may be another one's by now")
    func onlyWhatLives() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "berth-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let ledger = try Ledger(path: folder.path + "/ledger.db", inventory: Inventory(nodes: [], pools: []))
        let now = Instant(unixSeconds: 1_900_000_000)
        let server = ServerID(deployment: "prod", user: "ada", name: "")
        let request = ReservationRequest(
            server: server, start: try #require(StartID("1")), gpu: nil, terms: "{}", walltime: nil,
            holdFor: .seconds(600), now: now)
        guard case .held(let seen, _) = try await ledger.reserve(request) else {
            Issue.record("nothing is reserved")
            return
        }
        let hub = CountingHub()
        let keeper = EndKeeper(
            ledger, asking: hub, in: nil, limits: .atOnceAgain, Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { now }, idle: { [seen] }, setting: { Self.setting })
        await keeper.round(Self.setting)
        #expect(hub.count == 1)
        _ = try await ledger.release(server, start: seen.start, now: now)
        await keeper.round(Self.setting)
        #expect(hub.count == 1)
    }

    private static let setting = EndSetting(
        ["prod": .init(hub: HubAddress(url: "http://hub:8081/hub/api", authorization: "token t"), namespace: nil)],
        grace: .seconds(60))
}

extension EndLimits {
    fileprivate static var atOnceAgain: EndLimits {
        var limits = EndLimits()
        limits.askAgainAfter = .zero
        return limits
    }
}

/// A hub that does what it is asked, and counts.
private final class CountingHub: WebAsking {
    private let asked = Mutex(0)
    var count: Int { asked.withLock(\.self) }

    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        asked.withLock { $0 += 1 }
        return HTTPClientResponse(
            status: 204, headers: [], body: [], origin: Origin(scheme: .http, host: "hub", port: 8081), retryAfter: nil)
    }
}

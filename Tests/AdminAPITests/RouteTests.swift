// SPDX-License-Identifier: Apache-2.0
import Configuration
import HTTPServer
import SpawnModel
import Testing

@testable import AdminAPI

@Suite struct RouteTests {
    @Test func `paths are those of the list and no others`() {
        #expect(AdminRoute(path: "/v1/admin/nodes/gpu-1/drain") == .drain(node: "gpu-1"))
        #expect(AdminRoute(path: "/v1/admin/reservations/abc/release") == .release("abc"))
        #expect(AdminRoute(path: "/v1/admin/reservations/abc") == .reservation("abc"))
        for path in [
            "/v1/admin/", "/v1/admin/nodes/", "/v1/admin//nodes", "/v1/admin/nodes/a/paint", "/v1/admin/nodes/a",
            "/v1/admin/usage/x", "/v1/administration",
        ] {
            #expect(AdminRoute(path: path) == nil, "\(path)")
        }
    }

    @Test func `whatever changes something needs more than a viewer`() {
        let changes: [AdminRoute] = [.drain(node: "a"), .undrain(node: "a"), .release("a"), .extend("a"), .reload]
        #expect(changes.allSatisfy { $0.needs > .viewer && $0.method == "POST" })
    }

    @Test func `a query's names come once, known, and percent-encoded`() throws {
        let query = try AdminQuery("user=ada%40x&state=held+bound")
        #expect(query["user"] == "ada@x")
        #expect(query["state"] == "held bound")
        try query.names("user", "state")
        for bad in ["user", "user=a&user=b", "user=%zz", "user=%ff"] {
            #expect(throws: (any Error).self, "\(bad)") { try AdminQuery(bad) }
        }
        #expect(throws: (any Error).self) { try query.names("user") }
    }

    @Test func `a bearer token is what RFC 6750 allows`() {
        #expect(BearerToken("bEaReR abc")?.text == "abc")
        for bad in ["Basic abc", "Bearer ", "Bearer a b", "Bearer ä", "abc"] {
            #expect(BearerToken(bad) == nil, "\(bad)")
        }
        #expect(BearerToken("Bearer " + String(repeating: "a", count: 8193)) == nil)
    }

    @Test func `after sixty refusals no unknown token is looked at until the minute is over`() {
        let clock = Clock()
        let budget = FailureBudget(now: { clock.now })
        for _ in 0..<FailureBudget.most {
            #expect(budget.isAnyLeft)
            budget.note()
        }
        #expect(!budget.isAnyLeft)
        clock.move(59)
        #expect(!budget.isAnyLeft)
        clock.move(1)
        #expect(budget.isAnyLeft)
    }
}

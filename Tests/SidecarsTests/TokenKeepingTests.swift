// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Testing

@testable import Sidecars

struct TokenKeepingTests {
    private func reading(_ seconds: Int, wall: Int64 = 0) -> ClockReading {
        ClockReading(sinceBoot: .seconds(seconds), bootID: "a", wall: Instant(unixSeconds: wall))
    }

    private func fresh(life: Int, wall: Int64 = 0) -> TokenKeeping {
        var keeping = TokenKeeping()
        keeping.received(life: .seconds(life), expiresAt: nil, asked: reading(100, wall: wall), random: 0.5)
        return keeping
    }

    @Test(arguments: [
        (3600, 1800), (900, 450), (600, 300), (540, 240), (480, 180), (300, 100), (60, 20), (3, 1), (1, 1),
    ])
    func `it is renewed at half its life or five minutes before its end, but not all the time`(
        _ life: Int, _ after: Int
    ) {
        #expect(TokenKeeping.renewal(ofLife: .seconds(life), random: 0.5) == .seconds(after))
    }

    @Test func `jitter is a tenth to either side`() {
        #expect(TokenKeeping.renewal(ofLife: .seconds(2000), random: 0) == .seconds(900))
        let latest = TokenKeeping.renewal(ofLife: .seconds(2000), random: 0.999)
        #expect(latest > .seconds(1099) && latest < .seconds(1100))
    }

    @Test func `a wall clock that is set changes neither renewal nor expiry`() {
        let keepings = [0, -1_000_000, 4_000_000_000].map { fresh(life: 600, wall: $0) }
        #expect(Set(keepings.map(\.renewal)).count == 1)
        #expect(Set(keepings.map(\.expiry)) == [.seconds(700)])
        #expect(!keepings[0].isExpired(at: .seconds(699)) && keepings[0].isExpired(at: .seconds(700)))
    }

    @Test func `a failure keeps the token to its expiry and asks again after 1, 2, 4 … 60 s`() {
        var keeping = fresh(life: 600)
        var pauses: [Duration] = []
        for _ in 0..<8 {
            keeping.failed(.away(reason: "x", retryAfter: nil), at: .seconds(400), random: 1)
            pauses.append(keeping.renewal - .seconds(400))
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
        #expect(keeping.state == .stale && keeping.expiry == .seconds(700))
    }

    @Test func `whoever asks for a longer wait gets it`() {
        var keeping = fresh(life: 600)
        keeping.failed(.away(reason: "x", retryAfter: .seconds(100)), at: .seconds(400), random: 0)
        #expect(keeping.renewal == .seconds(500))
        keeping.failed(.away(reason: "x", retryAfter: .seconds(100_000)), at: .seconds(400), random: 0)
        #expect(keeping.renewal == .seconds(1000))
    }

    @Test func `a login that has ended and a token that is not given are told apart`() {
        var keeping = fresh(life: 600)
        for (code, state) in [("login-expired", TokenKeeping.State.loginExpired), ("token-not-granted", .refused)] {
            keeping.failed(
                .refused(BerthRefusal(status: 403, code: code, userMessage: "Log in again.")), at: .seconds(400),
                random: 0)
            #expect(keeping.state == state)
        }
        keeping.received(life: .seconds(60), expiresAt: nil, asked: reading(500), random: 0.5)
        #expect(keeping.state == .ok && keeping.detail == nil)
    }
}

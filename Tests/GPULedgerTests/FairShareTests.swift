// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

@Suite(.onEachStore) struct FairShareTests {
    typealias Claim = FairShare.Claim

    let claims = [
        Claim(name: "A", deserved: 4000, weight: 1, wanted: 8000),
        Claim(name: "B", deserved: 2000, weight: 3, wanted: 6000),
        Claim(name: "C", deserved: 2000, weight: 1, wanted: 1000),
    ]

    @Test func `first comes what is one's own, then the rest by weight among those who still want`() {
        let shares = FairShare.shares(of: 10_000, among: claims)
        #expect(shares == ["A": 4750, "B": 4250, "C": 1000])
        #expect(FairShare.rounded(shares, to: 1000) == ["A": 5, "B": 4, "C": 1])
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func `shares never depend on order, are never above what is wanted, and leave nothing that is wanted`(seed: UInt64)
    {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let claims = (0..<Int.random(in: 1...6, using: &random)).map { place in
                Claim(
                    name: "g\(place)", deserved: Int.random(in: 0...6000, using: &random),
                    weight: Int.random(in: 1...5, using: &random), wanted: Int.random(in: 0...9000, using: &random))
            }
            let capacity = Int.random(in: 0...16_000, using: &random)
            let shares = FairShare.shares(of: capacity, among: claims)
            #expect(shares == FairShare.shares(of: capacity, among: claims.shuffled(using: &random)))
            #expect(claims.allSatisfy { shares[$0.name, default: 0] <= $0.wanted })
            let wanted = claims.reduce(0) { $0 + $1.wanted }
            #expect(shares.values.reduce(0, +) == min(capacity, wanted))
        }
    }

    @Test func `use is worth half after 168 hours and a quarter after 336`() {
        let ten = DecayedUse(10 * QuotaMeasure.gpuHour, at: noon)
        #expect(ten.value(at: noon + .seconds(168 * 3600)) == 5 * QuotaMeasure.gpuHour)
        #expect(ten.value(at: noon + .seconds(336 * 3600)) == 5 * QuotaMeasure.gpuHour / 2)
        #expect(ten.value(at: noon + .seconds(-9999)) == 10 * QuotaMeasure.gpuHour)
        // 0.5^(1/2) = 0.70710678…
        #expect(ten.value(at: noon + .seconds(84 * 3600)) == 25_455_844)
    }

    @Test func `the entry penalty is what five minutes come to`() {
        #expect((343_750...343_849).contains(Decay.gain(.seconds(300))))
        let entered = DecayedUse(0, at: noon).addingEntry(milliCards: 1000, at: noon)
        #expect((299_900...300_000).contains(entered.value))
    }

    @Test func `use that comes in parts is the same as in one`() {
        let whole = DecayedUse(0, at: noon).adding(milliCards: 500, from: noon, to: noon + .seconds(90_000))
        var parts = DecayedUse(0, at: noon)
        for hour in 0..<25 {
            parts = parts.adding(
                milliCards: 500, from: noon + .seconds(hour * 3600), to: noon + .seconds((hour + 1) * 3600))
        }
        #expect(abs(whole.value - parts.value) <= 25)
        #expect(whole.value < 45_000_000)
    }
}

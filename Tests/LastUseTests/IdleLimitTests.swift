// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Testing

@testable import LastUse

struct IdleLimitTests {
    @Test(arguments: [(20, 5, 2), (300, 75, 40), (600, 150, 109), (1440, 360, 300), (86_400, 360, 300)])
    func `a server reports so often that the hub has heard of a use in time`(_ limit: Int, _ lag: Int, _ report: Int) {
        let limit = IdleLimit(.seconds(limit))
        #expect(limit.lag == .seconds(lag) && limit.reportEvery == .seconds(report))
    }

    @Test func `from the least limit on a report and what the hub passes over fit into the lag`() {
        for seconds in stride(from: Int(IdleLimit.least.wholeSeconds), through: 90_000, by: 37) {
            let limit = IdleLimit(.seconds(seconds))
            #expect(limit.reportEvery * 1.1 + .seconds(30) <= limit.lag, "\(seconds)")
        }
    }

    @Test func `users are told before the spans that leave half of the limit quiet, or before a quarter of it`() {
        let usual: [Duration] = [.seconds(3600), .seconds(900), .seconds(300)]
        #expect(IdleLimit(.seconds(3600)).warnBefore(usual) == [.seconds(900), .seconds(300)])
        #expect(IdleLimit(.seconds(600)).warnBefore(usual) == [.seconds(300)])
        #expect(IdleLimit(.seconds(500)).warnBefore(usual) == [.seconds(125)])
        #expect(IdleLimit(.seconds(500)).warnBefore([]) == [.seconds(125)])
    }
}

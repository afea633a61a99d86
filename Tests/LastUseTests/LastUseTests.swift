// SPDX-License-Identifier: Apache-2.0
import JupyterHub
import MeasuredUse
import SpawnModel
import Testing

@testable import LastUse

struct LastUseTests {
    private let server = ServerID(deployment: "prod", user: "ada", name: "")
    private let limit = IdleLimit(.seconds(600))

    private func at(_ second: Int) -> Instant { Instant(unixSeconds: 1_800_000_000 + Int64(second)) }

    private func hub(used: Int, asked: Int) -> HubActivity {
        HubActivity(askedAt: at(asked), lastUse: [server: at(used)])
    }

    private func rest(_ readings: [(second: Int, busy: Int)]) -> GPURest {
        var rest = GPURest(Measured(readings[0].busy, at: at(readings[0].second)))
        for reading in readings.dropFirst() { rest.take(Measured(reading.busy, at: at(reading.second))) }
        return rest
    }

    @Test func `it counts what was so when the hub was asked, and not what may have been since`() {
        for (asked, isOver) in [(749, false), (750, true), (10_000, true)] {
            #expect(LastUse(of: server, hub: hub(used: 0, asked: asked), gpu: .none).isOver(limit) == isOver)
        }
    }

    @Test func `a GPU that works is use, though nobody types, and its rest begins with its last work`() {
        let asked = hub(used: 0, asked: 5000)
        let working = rest([(0, 0), (100, 99), (200, 0), (450, 0), (700, 0), (949, 0)])
        #expect(LastUse(of: server, hub: asked, gpu: .measured(working)) == .known(at: at(100), knownAt: at(949)))
        #expect(LastUse(of: server, hub: asked, gpu: .measured(working)).isOver(limit))
        let busy = rest([(0, 0), (300, 0), (600, 0), (900, 1)])
        #expect(!LastUse(of: server, hub: asked, gpu: .measured(busy)).isOver(limit))
    }

    @Test func `the one who types keeps a server whose GPU rests`() {
        let resting = rest([(0, 0), (250, 0), (500, 0), (750, 0), (1000, 0)])
        #expect(!LastUse(of: server, hub: hub(used: 800, asked: 1000), gpu: .measured(resting)).isOver(limit))
        #expect(LastUse(of: server, hub: hub(used: 100, asked: 1000), gpu: .measured(resting)).isOver(limit))
    }

    @Test func `what nobody tells ends nothing`() {
        let asked = hub(used: 0, asked: 100_000)
        #expect(LastUse(of: server, hub: nil, gpu: .none) == .unknown(.hubSilent))
        #expect(LastUse(of: server, hub: HubActivity(askedAt: at(9), lastUse: [:]), gpu: .none) == .unknown(.notListed))
        #expect(LastUse(of: server, hub: asked, gpu: .unmeasured) == .unknown(.gpuUnmeasured))
        for gap in LastUse.Gap.allCases { #expect(!LastUse.unknown(gap).isOver(limit)) }
    }

    @Test func `what was before the first measurement, or between two that lie far apart, may have been work`() {
        let asked = hub(used: 0, asked: 100_000)
        #expect(LastUse(of: server, hub: asked, gpu: .measured(rest([(900, 0)]))).isOver(limit) == false)
        // A clock that was set an hour on, too.
        let gap = rest([(0, 0), (3600, 0)])
        #expect(gap.since == at(3600) && gap.measuredAt == at(3600))
        #expect(rest([(0, 0), (300, 0)]).since == at(0))
    }

    @Test func `a measurement that is told again, or is older, changes nothing`() {
        #expect(rest([(100, 0), (100, 99), (50, 99)]) == rest([(100, 0)]))
    }

    @Test func `a user is told of the limit, and the server ends by the lag later`() {
        let standing = IdleStanding(limit, LastUse(of: server, hub: hub(used: 0, asked: 500), gpu: .none))
        #expect(standing.unused(at: at(510)) == .seconds(510) && standing.left(at: at(510)) == .seconds(90))
        #expect(standing.left(at: at(700)) == .zero && standing.leftWithLag(at: at(700)) == .seconds(50))
        let unknown = IdleStanding(limit, .unknown(.hubSilent))
        #expect(unknown.left(at: at(0)) == nil && unknown.unused(at: at(0)) == nil && unknown.endsAt == nil)
    }
}

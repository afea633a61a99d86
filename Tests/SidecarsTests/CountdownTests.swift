// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import Sidecars

struct CountdownTests {
    static let answer = WalltimeAnswer(left: .seconds(3600), warnBefore: [.seconds(900), .seconds(300)])

    /// A countdown that was told at 1000 that an hour is left.
    private func begun(_ answer: WalltimeAnswer = answer) -> Countdown {
        var countdown = Countdown()
        countdown.hear(answer, asked: .seconds(1000))
        return countdown
    }

    /// Every notice and the end, in the order and at the second at which a sidecar that looks each second gives them.
    private func told(_ countdown: inout Countdown, from: Int, to: Int) -> [String] {
        var told: [String] = []
        for second in from...to {
            switch countdown.due(at: .seconds(second)) {
            case nil: break
            case .end:
                told.append("end at \(second)")
                countdown.hearStopping()
            case .notice(let before):
                told.append("\(before.wholeSeconds) at \(second)")
                countdown.noteNotice(before: before)
            }
        }
        return told
    }

    @Test func `each notice comes once in time and then the end once`() {
        var countdown = begun()
        #expect(told(&countdown, from: 1000, to: 6000) == ["900 at 3700", "300 at 4300", "end at 4600"])
    }

    @Test func `of notices that are all due the shortest is given and no other`() {
        var countdown = begun(WalltimeAnswer(left: .seconds(200), warnBefore: [.seconds(900), .seconds(300)]))
        #expect(told(&countdown, from: 1000, to: 2000) == ["300 at 1000", "end at 1200"])
    }

    @Test func `an extension arms the notices again, and a reading that differs by a second does not`() {
        var countdown = begun()
        #expect(told(&countdown, from: 1000, to: 3710) == ["900 at 3700"])
        #expect(
            countdown.hear(left: .seconds(902), warnBefore: Self.answer.warnBefore, asked: .seconds(3700)) == nil)
        #expect(told(&countdown, from: 3700, to: 3710) == [])
        let more = WalltimeAnswer(left: .seconds(2000), warnBefore: Self.answer.warnBefore)
        #expect(countdown.hear(more, asked: .seconds(3720)) == .later)
        #expect(told(&countdown, from: 3720, to: 9000) == ["900 at 4820", "300 at 5420", "end at 5720"])
    }

    @Test func `an end that is moved after Berth was told of it is counted to again`() {
        var countdown = begun()
        #expect(told(&countdown, from: 4000, to: 4700) == ["900 at 4000", "300 at 4300", "end at 4600"])
        _ = countdown.hear(left: .zero, warnBefore: [], asked: .seconds(4700))
        #expect(countdown.due(at: .seconds(4800)) == nil)
        #expect(countdown.hear(Self.answer, asked: .seconds(4800)) == .later)
        #expect(told(&countdown, from: 4800, to: 9000) == ["900 at 7500", "300 at 8100", "end at 8400"])
    }

    @Test func `an end that is not due is asked for again when it is`() {
        var countdown = begun()
        countdown.hearNotDue(left: .seconds(10), asked: .seconds(4600))
        #expect(countdown.due(at: .seconds(4609)) == .notice(before: .seconds(300)))
        countdown.noteNotice(before: .seconds(300))
        #expect(countdown.due(at: .seconds(4609)) == nil)
        #expect(countdown.due(at: .seconds(4610)) == .end)
        countdown.hearNotDue(left: .zero, asked: .seconds(4610))
        #expect(countdown.due(at: .seconds(4610)) == nil)
        countdown.hearNotDue(left: nil, asked: .seconds(4612))
        #expect(countdown.due(at: .seconds(9999)) == nil)
    }

    @Test func `without a walltime nothing is due`() {
        var countdown = begun()
        _ = countdown.hear(left: nil, warnBefore: [], asked: .seconds(1100))
        #expect(told(&countdown, from: 1000, to: 9000) == [])
        #expect(countdown.quiet(at: .seconds(1200)) == nil)
    }

    @Test func `nothing becomes due while it is said to be quiet`() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let marks = (0..<Int.random(in: 0...4, using: &random)).map { _ in Duration.seconds(Int.random(in: 1...900))
            }
            var countdown = begun(WalltimeAnswer(left: .seconds(1000), warnBefore: marks.sorted(by: >)))
            var second = Duration.seconds(1000)
            while let quiet = countdown.quiet(at: second), quiet > .zero {
                #expect(countdown.due(at: second + quiet - .milliseconds(1)) == nil, "\(marks)")
                second += quiet
                let due = try #require(countdown.due(at: second), "\(marks)")
                guard case .notice(let before) = due else { break }
                countdown.noteNotice(before: before)
            }
            #expect(countdown.due(at: second) == .end, "\(marks)")
        }
    }

    // MARK: Over restarts

    private func reading(_ seconds: Int, boot: String = "a", wall: Int64) -> ClockReading {
        ClockReading(sinceBoot: .seconds(seconds), bootID: boot, wall: Instant(unixSeconds: wall))
    }

    @Test func `a restarted sidecar goes on as if it had run all the time, whatever the wall clock says`() throws {
        var countdown = begun()
        #expect(told(&countdown, from: 1000, to: 3800) == ["900 at 3700"])
        let state = countdown.state(of: "r-1", at: reading(3800, wall: 1_000_000))
        for wall: Int64 in [0, 1_000_500, 4_000_000_000] {
            var again = try #require(Countdown(state: state, of: "r-1", at: reading(4000, wall: wall)))
            #expect(again == countdown)
            #expect(told(&again, from: 4000, to: 5000) == ["300 at 4300", "end at 4600"])
        }
    }

    @Test func `after another boot the wall clock says what is left`() throws {
        let state = begun().state(of: "r-1", at: reading(1000, wall: 1_000_000))
        let again = try #require(Countdown(state: state, of: "r-1", at: reading(5, boot: "b", wall: 1_000_600)))
        #expect(again.left(at: .seconds(5)) == .seconds(3000))
    }

    @Test func `an end that Berth was told of is not told again after a restart`() throws {
        var countdown = begun()
        _ = told(&countdown, from: 1000, to: 5000)
        let state = countdown.state(of: "r-1", at: reading(5000, wall: 0))
        #expect(
            try #require(Countdown(state: state, of: "r-1", at: reading(5001, wall: 0))).due(at: .seconds(5001)) == nil)
    }

    @Test func `what another reservation left is nothing to go by`() {
        let state = begun().state(of: "r-1", at: reading(1000, wall: 0))
        #expect(Countdown(state: state, of: "r-2", at: reading(1000, wall: 0)) == nil)
        #expect(Countdown(state: .null, of: "r-2", at: reading(1000, wall: 0)) == nil)
    }
}

extension Countdown {
    @discardableResult
    fileprivate mutating func hear(_ answer: WalltimeAnswer, asked: Duration) -> Move? {
        hear(left: answer.left, warnBefore: answer.warnBefore, asked: asked)
    }
}

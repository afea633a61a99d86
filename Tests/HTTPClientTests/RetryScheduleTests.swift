// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import Testing

@Suite struct RetryScheduleTests {
    private var schedule: RetrySchedule {
        var schedule = RetrySchedule()
        schedule.attemptsMax = 5
        schedule.firstPause = .milliseconds(100)
        schedule.pauseMax = .milliseconds(500)
        schedule.retryAfterMax = .seconds(10)
        return schedule
    }

    @Test func `the pause doubles up to its most`() {
        let pauses = (1...5).map { schedule.pause(after: $0, random: 0) }
        #expect(pauses == [.milliseconds(50), .milliseconds(100), .milliseconds(200), .milliseconds(250), nil])
    }

    @Test func `half of the pause is random`() throws {
        let longest = try #require(schedule.pause(after: 1, random: 0.999_999))
        #expect(longest > .milliseconds(99) && longest < .milliseconds(100))
    }

    @Test func `what the peer asks for is waited, within the bound`() {
        #expect(schedule.pause(after: 1, asked: .seconds(3), random: 0.5) == .seconds(3))
        #expect(schedule.pause(after: 1, asked: .milliseconds(1), random: 0) == .milliseconds(50))
        #expect(schedule.pause(after: 1, asked: .seconds(10), random: 0) == .seconds(10))
        #expect(schedule.pause(after: 1, asked: .seconds(11), random: 0) == nil)
    }

    @Test func `one attempt is no retry, and a huge number of attempts is no overflow`() {
        var schedule = schedule
        schedule.attemptsMax = 1
        #expect(schedule.pause(after: 1, random: 0) == nil)
        schedule.attemptsMax = .max
        #expect(schedule.pause(after: .max - 1, random: 0) == .milliseconds(250))
    }
}

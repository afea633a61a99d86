// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Testing
import Workers

@Suite struct AnswerMemoryTests {
    private let start = Instant(unixSeconds: 1_000)
    private func keep(_ memory: AnswerMemory<Int, String>, _ key: Int, _ answer: String, for span: Duration) {
        memory.keep(answer, for: key, until: start + span, now: start)
    }

    @Test func `an answer stands until its time, and not a moment longer`() {
        let memory = AnswerMemory<Int, String>(most: 10)
        keep(memory, 1, "one", for: .seconds(60))
        #expect(memory.answer(for: 1, at: start + .milliseconds(59_999)) == "one")
        #expect(memory.answer(for: 1, at: start + .seconds(60)) == nil)
        #expect(memory.answer(for: 2, at: start) == nil)
    }

    @Test func `what came first goes first, and a new answer counts as come anew`() {
        let memory = AnswerMemory<Int, String>(most: 3)
        for key in 1...3 { keep(memory, key, "\(key)", for: .seconds(60)) }
        keep(memory, 1, "one again", for: .seconds(60))
        keep(memory, 4, "4", for: .seconds(60))
        #expect((1...4).map { memory.answer(for: $0, at: start) } == ["one again", nil, "3", "4"])
        #expect(memory.count == 3)
    }

    @Test func `neither many keys nor one key often makes it grow`() {
        let memory = AnswerMemory<Int, String>(most: 100)
        for key in 0..<10_000 {
            keep(memory, key, "", for: .seconds(60))
            keep(memory, -1, "\(key)", for: .seconds(60))
        }
        #expect(memory.count == 100)
        #expect(memory.answer(for: -1, at: start) == "9999" && memory.answer(for: 9_999, at: start) == "")
    }

    @Test func `what weighs too much together makes room, and what weighs too much alone is not kept`() {
        let memory = AnswerMemory<Int, String>(most: 10, weightMost: 100)
        func keep(_ key: Int, weight: Int) {
            memory.keep("\(key)", for: key, until: start + .seconds(60), now: start, weight: weight)
        }
        for key in 1...3 { keep(key, weight: 40) }
        #expect((1...3).map { memory.answer(for: $0, at: start) } == [nil, "2", "3"])
        keep(3, weight: 60)
        #expect((2...3).map { memory.answer(for: $0, at: start) } == ["2", "3"])
        keep(4, weight: 101)
        #expect(memory.answer(for: 4, at: start) == nil && memory.count == 2)
    }

    @Test func `a span of nothing keeps nothing`() {
        let memory = AnswerMemory<Int, String>(most: 3)
        keep(memory, 1, "one", for: .zero)
        #expect(memory.count == 0)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Testing

@testable import HubAPI

struct SharedWorkTests {
    @Test func `who asks while work is under way waits for it, and who asks later has it done anew`() async {
        let work = SharedWork<String, Int>()
        let begun = Mutex(0)
        let asking = Mutex(0)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        async let answers = withTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    asking.withLock { $0 += 1 }
                    return await work.result(of: "a") {
                        let turn = begun.withLock { count in
                            count += 1
                            return count
                        }
                        for await _ in gate { break }
                        return turn
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(await work.result(of: "b") { 7 } == 7, "other work waits for nothing")
        while asking.withLock({ $0 }) < 50 || begun.withLock({ $0 }) == 0 { await Task.yield() }
        open.finish()
        #expect(await answers.count == 50)
        let before = begun.withLock { $0 }
        #expect(before < 50, "each has it done for itself")
        #expect(await work.result(of: "a") { before + 1 } == before + 1)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Testing

@testable import HubAPI

struct SharedWorkTests {
    private final class Counts: Sendable {
        let asking = Atomic(0)
        let begun = Atomic(0)
        let isOpen = Atomic(false)

        /// Lasts until the gate is open.
        func work() async -> Int {
            begun.add(1, ordering: .relaxed)
            while !isOpen.load(ordering: .acquiring) { await Task.yield() }
            return 1
        }
    }

    @Test func `who asks while work is under way waits for it, and who asks later has it done anew`() async {
        let (shared, counts) = (SharedWork<String, Int>(), Counts())
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    counts.asking.add(1, ordering: .relaxed)
                    return await shared.result(of: "a") { await counts.work() }
                }
            }
            #expect(await shared.result(of: "b") { 7 } == 7, "other work waits for nothing")
            while counts.asking.load(ordering: .relaxed) < 50 || counts.begun.load(ordering: .relaxed) == 0 {
                await Task.yield()
            }
            counts.isOpen.store(true, ordering: .releasing)
            for await answer in group { #expect(answer == 1) }
        }
        #expect(counts.begun.load(ordering: .relaxed) < 50, "each has had it done for itself")
        #expect(await shared.result(of: "a") { 2 } == 2)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization
import Testing
import Workers

@Suite struct WorkerPoolTests {
    private enum Fault: Error, Equatable { case late, full, own }

    /// Each thread's tool has a number.
    private final class Tool {
        static let made = Mutex(0)
        let number = made.withLock { made in
            made += 1
            return made
        }
    }

    /// Blocks threads until it is opened, as a peer that does not answer does.
    private final class Gate: @unchecked Sendable {
        private var semaphore = sem_t()
        init() { sem_init(&semaphore, 0, 0) }
        func pass() { sem_wait(&semaphore) }
        func open(for count: Int) { for _ in 0..<count { sem_post(&semaphore) } }
    }

    private final class Count: Sendable {
        private let count = Atomic<Int>(0)
        @discardableResult func next() -> Int { count.add(1, ordering: .relaxed).newValue }
        var value: Int { count.load(ordering: .relaxed) }
    }

    private func outcome(
        _ pool: WorkerPool<Tool>, within span: Duration = .seconds(60),
        _ work: @escaping @Sendable (Tool) throws(Fault) -> Int
    ) async -> Result<Int, Fault> {
        do throws(Fault) { return .success(try await pool.run(within: span, late: .late, full: .full, work)) } catch {
            return .failure(error)
        }
    }

    @Test func `work gives its value or throws its error`() async {
        let pool = WorkerPool(threads: 2, queueMax: 4) { Tool() }
        #expect(await outcome(pool) { _ in 42 } == .success(42))
        #expect(await outcome(pool) { (_) throws(Fault) in throw .own } == .failure(.own))
    }

    @Test func `every thread has one tool, and keeps it`() async {
        let pool = WorkerPool(threads: 1, queueMax: 4) { Tool() }
        let first = await outcome(pool) { $0.number }
        #expect(await outcome(pool) { $0.number } == first)
    }

    @Test func `a caller is answered when its time is over, though the thread is not`() async {
        let pool = WorkerPool(threads: 1, queueMax: 4) { Tool() }
        let gate = Gate()
        #expect(
            await outcome(pool, within: .milliseconds(20)) { _ in
                gate.pass()
                return 1
            } == .failure(.late))
        // The one behind it waits in vain too, and its work is never begun.
        let begun = Count()
        #expect(
            await outcome(pool, within: .milliseconds(20)) { _ in
                begun.next()
                return 2
            } == .failure(.late))
        gate.open(for: 1)
        #expect(await outcome(pool) { _ in 3 } == .success(3))
        #expect(begun.value == 0)
    }

    @Test func `more than may wait is refused at once`() async {
        let pool = WorkerPool(threads: 1, queueMax: 2) { Tool() }
        let gate = Gate()
        let begun = Count()
        async let running = outcome(pool) { _ in
            begun.next()
            gate.pass()
            return 1
        }
        while begun.value == 0 { await Task.yield() }
        let refused = Count()
        await withTaskGroup { group in
            for _ in 0..<5 {
                group.addTask { @Sendable in
                    if await outcome(pool, { _ in 2 }) == .failure(.full) {
                        // Two of the five wait; the gate opens when the others are refused.
                        if refused.next() == 3 { gate.open(for: 1) }
                    }
                }
            }
        }
        #expect(refused.value == 3)
        #expect(await running == .success(1))
    }
}

// SPDX-License-Identifier: Apache-2.0
import Glibc
import Sockets
import Synchronization
import Testing

@Suite struct EventLoopTests {
    /// Runs `body` beside a loop, which has ended when this returns.
    private func withLoop(_ body: (EventLoop) async throws -> Void) async throws {
        let loop = try EventLoop()
        let thread = try LoopThread(named: "test-loop") { loop.run() }
        do {
            try await body(loop)
        } catch {
            loop.execute { loop.stop() }
            thread.join()
            throw error
        }
        loop.execute { loop.stop() }
        thread.join()
    }

    @Test func `work from many threads runs once each, and in order for each thread`() async throws {
        try await withLoop { loop in
            let seen = Mutex<[[Int]]>(Array(repeating: [], count: 4))
            let threads = try (0..<4).map { number in
                try LoopThread(named: "sender") {
                    for count in 0..<5000 { loop.execute { seen.withLock { $0[number].append(count) } } }
                }
            }
            for thread in threads { thread.join() }
            await withCheckedContinuation { done in loop.execute { done.resume() } }
            #expect(seen.withLock { $0 } == Array(repeating: Array(0..<5000), count: 4))
        }
    }

    @Test func `a task that prefers the loop runs on its thread, before and after it has waited`() async throws {
        try await withLoop { loop in
            let places = await Task(executorPreference: loop) {
                let before = loop.isCurrent
                await Task.yield()
                try? await Task.sleep(for: .milliseconds(1))
                return [before, loop.isCurrent]
            }.value
            #expect(places == [true, true])
            #expect(!loop.isCurrent)
        }
    }

    @Test func `who still sits at a loop that stops is told so, once and on its thread; who has left is not`()
        async throws
    {
        let told = Mutex<[String]>([])
        try await withLoop { loop in
            await withCheckedContinuation { done in
                loop.execute {
                    func note(_ name: String) { told.withLock { $0.append("\(name) \(loop.isCurrent)") } }
                    _ = loop.add(Sitter { note("stays") })
                    loop.remove(loop.add(Sitter { note("left") }))
                    done.resume()
                }
            }
        }
        #expect(told.withLock { $0 } == ["stays true"])
    }

    private final class Sitter: EventHandler {
        private let told: () -> Void
        init(told: @escaping () -> Void) { self.told = told }
        func ready(_ readiness: Readiness) {}
        func expired() {}
        func stopped() { told() }
    }

    @Test func `a task goes on when its loop has stopped`() async throws {
        let (gate, opener) = AsyncStream<Int>.makeStream()
        let task = Mutex<Task<Int?, Never>?>(nil)
        try await withLoop { loop in
            task.withLock {
                $0 = Task(executorPreference: loop) {
                    for await number in gate { return number }
                    return nil
                }
            }
            await withCheckedContinuation { done in loop.execute { done.resume() } }
        }
        opener.yield(7)
        #expect(await task.withLock { $0 }?.value == 7)
    }

    @Test func `deadlines come in their order, and one that is taken away does not come`() async throws {
        try await withLoop { loop in
            let order: [String] = await withCheckedContinuation { done in
                loop.execute {
                    let log = DeadlineLog(done)
                    for (name, milliseconds) in [("c", 30), ("a", 5), ("gone", 10), ("b", 15)] {
                        log.add(name, after: UInt64(milliseconds), at: loop)
                    }
                    log.remove("gone", at: loop)
                }
            }
            #expect(order == ["a", "b", "c"])
        }
    }

    @Test func `a signal comes as an event of the loop`() async throws {
        try await withLoop { loop in
            let signal: Int32 = await withCheckedContinuation { done in
                let once = Mutex<CheckedContinuation<Int32, Never>?>(done)
                do {
                    try SignalWatch.start([SIGUSR1, SIGHUP], on: loop) { number in
                        once.withLock { $0.take() }?.resume(returning: number)
                    }
                    kill(getpid(), SIGHUP)
                } catch {
                    done.resume(returning: -1)
                }
            }
            #expect(signal == SIGHUP)
        }
    }
}

/// Notes the names of deadlines as they come, and is done at `c`.
private final class DeadlineLog {
    private final class Entry: EventHandler {
        let name: String
        let log: DeadlineLog
        var seat: Seat?

        init(_ name: String, _ log: DeadlineLog) {
            self.name = name
            self.log = log
        }

        func ready(_ readiness: Readiness) {}
        func expired() { log.note(name) }
    }

    private let done: CheckedContinuation<[String], Never>
    private var entries: [String: Entry] = [:]
    private var names: [String] = []

    init(_ done: CheckedContinuation<[String], Never>) { self.done = done }

    func add(_ name: String, after milliseconds: UInt64, at loop: EventLoop) {
        let entry = Entry(name, self)
        let seat = loop.add(entry)
        loop.setDeadline(loop.now + milliseconds, of: seat)
        entry.seat = seat
        entries[name] = entry
    }

    func remove(_ name: String, at loop: EventLoop) {
        if let seat = entries[name]?.seat { loop.remove(seat) }
    }

    private func note(_ name: String) {
        names.append(name)
        if name == "c" { done.resume(returning: names) }
    }
}

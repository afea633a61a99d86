// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
internal import Synchronization

extension EventLoop {
    package func enqueue(_ job: consuming ExecutorJob) { send(.job(UnownedJob(job))) }
}

/// Something to run on a loop.
enum Errand {
    case job(UnownedJob)
    case call(@Sendable () -> Void)

    func run(on loop: EventLoop) {
        switch self {
        case .job(let job): job.runSynchronously(on: loop.asUnownedTaskExecutor())
        case .call(let work): work()
        }
    }

    /// For a loop that has stopped: a task must go on, or whoever awaits it hangs; a call was for the loop's own.
    func runElsewhere() {
        if case .job(let job) = self { globalConcurrentExecutor.enqueue(ExecutorJob(job)) }
    }
}

/// What other threads have for a loop, and the means to wake it.
///
/// Not bounded here, since an executor cannot refuse a job: its users are (one task a connection).
final class Inbox: Sendable {
    /// Written at most once for each time that the loop sleeps; waking a thread costs more than all else here.
    let wakeUp: Int32

    private struct State {
        var errands: [Errand] = []
        var loopSleeps = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let closed = Atomic<Bool>(false)

    init() throws(SocketError) {
        wakeUp = eventfd(0, CLINUX_EVENTFD_FLAGS)
        guard wakeUp >= 0 else { throw .last("eventfd") }
    }

    deinit { if wakeUp >= 0 { Glibc.close(wakeUp) } }

    var isClosed: Bool { closed.load(ordering: .acquiring) }

    /// False when the loop has stopped and will not take it.
    func put(_ errand: Errand) -> Bool {
        let (taken, wakes) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.errands.append(errand)
            defer { state.loopSleeps = false }
            return (true, state.loopSleeps)
        }
        if wakes { wake() }
        return taken
    }

    /// Moves all errands to the end of `errands`; the loop counts as awake from here on.
    func take(into errands: inout [Errand]) {
        state.withLock { state in
            state.loopSleeps = false
            guard !state.errands.isEmpty else { return }
            errands += state.errands
            state.errands.removeAll(keepingCapacity: true)
        }
    }

    /// False when there is something to do; otherwise the next `put` wakes the loop.
    func mayLoopSleep() -> Bool {
        state.withLock { state in
            state.loopSleeps = state.errands.isEmpty
            return state.loopSleeps
        }
    }

    func close() -> [Errand] {
        closed.store(true, ordering: .releasing)
        return state.withLock { state in
            state.isClosed = true
            defer { state.errands = [] }
            return state.errands
        }
    }

    func clearWakeUp() {
        var count: UInt64 = 0
        _ = read(wakeUp, &count, 8)
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(wakeUp, &one, 8)
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
internal import Synchronization

/// Something that sits at a loop: told when its descriptor is ready and when its deadline has passed.
package protocol EventHandler: AnyObject {
    func ready(_ readiness: Readiness)
    func expired()
    /// The loop has turned for the last time: nothing else will be told. Called on its thread.
    func stopped()
}

extension EventHandler {
    package func stopped() {}
}

/// One thread that waits for descriptors, deadlines and jobs, and runs what they call for.
///
/// All that is mutable belongs to the loop's thread; only `inbox` is reached from others. Before `run()` the one who
/// made the loop may seat handlers. It is a `TaskExecutor`: a task that prefers it runs here between its waits.
package final class EventLoop: TaskExecutor, @unchecked Sendable {
    /// Milliseconds of a clock that never steps, read once a turn.
    package private(set) var now = EventLoop.readClock()

    let inbox: Inbox
    private let epoll: Int32
    private let thread = Atomic<UInt>(0)
    private var seats = SeatTable()
    private var timers = TimerHeap()
    private var errands: [Errand] = []
    private var running: [Errand] = []
    private var isStopping = false
    private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: EventLoop.eventsPerTurn)

    /// A turn's share: more are taken in the next one, so that jobs and timers get theirs in between.
    private static let eventsPerTurn = 256
    private static let wakeToken = UInt64.max

    package init() throws(SocketError) {
        inbox = try Inbox()
        epoll = epoll_create1(CLINUX_EPOLL_CLOEXEC)
        guard epoll >= 0 else { throw .last("epoll_create1") }
        var event = epoll_event(events: CLINUX_EPOLLIN | CLINUX_EPOLLET, data: epoll_data_t(u64: EventLoop.wakeToken))
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, inbox.wakeUp, &event) == 0 else { throw .last("epoll_ctl") }
    }

    deinit {
        if epoll >= 0 { close(epoll) }
        events.deallocate()
    }

    // MARK: Turning

    /// Turns until `stop()`. The calling thread is the loop's from then on.
    package func run() {
        thread.store(pthread_self(), ordering: .releasing)
        now = EventLoop.readClock()
        while !isStopping { turn() }
        for handler in seats.handlers { handler.stopped() }
        for errand in errands + inbox.close() { errand.runElsewhere() }
        errands = []
        thread.store(0, ordering: .releasing)
    }

    /// Ends `run()` after this turn. What is sent to the loop later runs on the global executor, so no task hangs.
    package func stop() { isStopping = true }

    /// Whether the caller is on the loop's thread.
    package var isCurrent: Bool { thread.load(ordering: .acquiring) == pthread_self() }

    private func turn() {
        let count = epoll_wait(epoll, events, Int32(EventLoop.eventsPerTurn), sleepMilliseconds())
        precondition(count >= 0 || errno == EINTR, "epoll_wait fails only when a signal comes between")
        now = EventLoop.readClock()
        inbox.take(into: &errands)
        for index in 0..<max(0, Int(count)) { deliver(events[index]) }
        while let index = timers.takeDue(at: now) { seats.handler(at: index)?.expired() }
        runErrands()
    }

    private func sleepMilliseconds() -> Int32 {
        guard errands.isEmpty, inbox.mayLoopSleep() else { return 0 }
        guard timers.next != TimerHeap.never else { return -1 }
        return timers.next <= now ? 0 : Int32(clamping: timers.next - now)
    }

    private func deliver(_ event: epoll_event) {
        guard event.data.u64 != EventLoop.wakeToken else { return inbox.clearWakeUp() }
        seats.handler(at: Seat(token: event.data.u64))?.ready(Readiness(bits: event.events))
    }

    /// Those that are there now; what they send in turn waits until the descriptors have had theirs.
    private func runErrands() {
        guard !errands.isEmpty else { return }
        swap(&errands, &running)
        for errand in running { errand.run(on: self) }
        running.removeAll(keepingCapacity: true)
    }

    private static func readClock() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
    }

    // MARK: Seats, on the loop's thread

    /// Seats `handler` for `descriptor`, which stays the handler's to close after `remove`.
    package func add(
        _ handler: any EventHandler,
        descriptor: Int32,
        interest: Interest
    ) throws(SocketError) -> Seat {
        let seat = add(handler)
        var event = epoll_event(events: interest.rawValue, data: epoll_data_t(u64: seat.token))
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            let error = SocketError.last("epoll_ctl")
            seats.leave(seat)
            throw error
        }
        return seat
    }

    /// Seats a handler that has deadlines only.
    package func add(_ handler: any EventHandler) -> Seat {
        let seat = seats.take(handler)
        timers.grow(to: seats.count)
        return seat
    }

    /// With `.edges`, what is already ready is told once more.
    package func setInterest(_ interest: Interest, of seat: Seat, descriptor: Int32) {
        var event = epoll_event(events: interest.rawValue, data: epoll_data_t(u64: seat.token))
        let result = epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event)
        precondition(result == 0, "a seated descriptor is open until its handler has left")
    }

    /// Calls `expired()` once, when `now` reaches `deadline`. It replaces the one before; nil takes it away.
    package func setDeadline(_ deadline: UInt64?, of seat: Seat) {
        timers.set(seat.index, to: deadline ?? TimerHeap.never)
    }

    /// Frees the seat. A descriptor leaves epoll when it is closed, or here.
    package func remove(_ seat: Seat, descriptor: Int32? = nil) {
        if let descriptor { epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil) }
        timers.set(seat.index, to: TimerHeap.never)
        seats.leave(seat)
    }

    // MARK: Errands

    /// Runs `work` on the loop, in order; from any thread. Dropped when the loop has stopped.
    package func execute(_ work: @escaping @Sendable () -> Void) { send(.call(work)) }

    func send(_ errand: Errand) {
        if isCurrent, !inbox.isClosed {
            errands.append(errand)
        } else if !inbox.put(errand) {
            errand.runElsewhere()
        }
    }
}

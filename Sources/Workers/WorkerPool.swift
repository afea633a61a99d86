// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A few threads for calls that block, each with a tool of its own that no other thread touches, such as a connection.
///
/// Work waits in a bounded queue, and its caller no longer than it says: whoever is answered that it took too long has
/// left, and work that nobody waits for any more is not begun.
package final class WorkerPool<Tool>: Sendable {
    private typealias Job = @Sendable (Tool) -> Void

    private let queue: BoundedQueue<Job>

    /// - Parameters:
    ///   - threads: how much work is done at once.
    ///   - queueMax: how much may wait besides.
    ///   - makeTool: called on each thread as it starts; the tool is dropped when the pool is.
    package init(threads: Int, queueMax: Int, makeTool: @escaping @Sendable () -> Tool) {
        let queue = BoundedQueue<Job>(capacity: queueMax)
        self.queue = queue
        for _ in 0..<threads {
            startThread {
                let tool = makeTool()
                while let job = queue.take(atMost: 1).first { job(tool) }
            }
        }
    }

    deinit { queue.close() }

    /// What `work` gives or throws; `late` when that takes longer than `span`, `full` when too much waits already.
    package func run<Value: Sendable, Failure: Error>(
        within span: Duration, late: Failure, full: Failure,
        _ work: @escaping @Sendable (Tool) throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let answer: Result<Value, Failure> = await withCheckedContinuation { continuation in
            let call = PatientCall<Result<Value, Failure>>(continuation)
            let offer = queue.offer { tool in
                guard call.isAwaited else { return }
                do throws(Failure) { call.answer(.success(try work(tool))) } catch { call.answer(.failure(error)) }
            }
            switch offer {
            case .taken: call.giveUp(after: span, with: .failure(late))
            case .full, .closed: call.answer(.failure(full))
            }
        }
        return try answer.get()
    }
}

/// A caller who is answered once, by whoever comes first.
private final class PatientCall<Answer: Sendable>: Sendable {
    private struct State {
        var caller: CheckedContinuation<Answer, Never>?
        var alarm: Task<Void, Never>?
    }

    private let state: Mutex<State>

    init(_ caller: CheckedContinuation<Answer, Never>) { state = Mutex(State(caller: caller)) }

    var isAwaited: Bool { state.withLock { $0.caller != nil } }

    func answer(_ answer: Answer) {
        let (caller, alarm) = state.withLock { state in
            defer { state = State() }
            return (state.caller, state.alarm)
        }
        alarm?.cancel()
        caller?.resume(returning: answer)
    }

    func giveUp(after span: Duration, with answer: Answer) {
        let alarm = Task {
            guard (try? await Task.sleep(for: span)) != nil else { return }
            self.answer(answer)
        }
        let isNeeded = state.withLock { state in
            guard state.caller != nil else { return false }
            state.alarm = alarm
            return true
        }
        if !isNeeded { alarm.cancel() }
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Sockets

/// One exchange that somebody awaits, from its coming to the loop until its result. Touched on the loop only.
final class Call: EventHandler, @unchecked Sendable {
    enum State {
        case coming
        case waiting
        case running(CurlTransfer)
        case done
    }

    let exchange: Exchange
    var state = State.coming
    /// Where its deadline sits.
    var seat: Seat?
    /// The caller's task was cancelled, perhaps before the call came to the loop.
    var isCancelled = false
    /// Where the body goes; nil gathers it.
    let stream: StreamBody?
    private let owner: ClientLoop
    private var continuation: CheckedContinuation<Result<HTTPClientResponse, HTTPClientError>, Never>?

    init(_ exchange: Exchange, into stream: StreamBody? = nil, owner: ClientLoop) {
        self.exchange = exchange
        self.stream = stream
        self.owner = owner
    }

    /// Before it comes to the loop.
    func awaited(by continuation: CheckedContinuation<Result<HTTPClientResponse, HTTPClientError>, Never>) {
        self.continuation = continuation
    }

    /// To be called once; the caller's task goes on in a later job.
    func answer(_ result: Result<HTTPClientResponse, HTTPClientError>) {
        state = .done
        answerHead(result)
        stream?.end(result)
    }

    /// A stream's caller goes on as soon as the head is there.
    func answerHead(_ result: Result<HTTPClientResponse, HTTPClientError>) {
        continuation?.resume(returning: result)
        continuation = nil
    }

    /// From any thread: nobody wants the rest.
    func giveUp() { owner.loop.execute { self.owner.cancel(self) } }

    /// From any thread: there is room for more.
    func goOn() { owner.loop.execute { self.owner.goOn(self) } }

    private var hasHead: Bool { stream != nil && continuation == nil }

    var phase: HTTPClientError.Phase {
        switch state {
        case .coming, .waiting, .done: .waiting
        case .running where hasHead && exchange.deadline > .now: .streaming
        case .running(let transfer): transfer.isConnected ? .answering : .connecting
        }
    }

    func ready(_ readiness: Readiness) {}

    func expired() { owner.expired(self) }
}

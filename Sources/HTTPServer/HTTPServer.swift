// SPDX-License-Identifier: Apache-2.0
package import Sockets
internal import Synchronization

/// An HTTP/1.1 server: some loops, each with a listener of its own and the connections that came by it.
package final class HTTPServer: Sendable {
    /// Where it listens; a port that was given as 0 is the real one here.
    package let addresses: [ListenAddress]
    /// The same of those that speak TLS.
    package let secureAddresses: [ListenAddress]
    /// For timers and tasks besides; they turn while `run()` does.
    package let loops: [EventLoop]

    private let opened: [OpenedAddress]
    private let workers: [HTTPWorker]
    private let open = ConnectionCount()
    private let hasRun = Atomic<Bool>(false)

    /// A server that listens at once, and answers as soon as it runs.
    ///
    /// - Throws: when an address cannot be had; then none is kept.
    package convenience init(
        addresses: [ListenAddress],
        secure: SecureListening? = nil,
        limits: HTTPLimits = HTTPLimits(),
        loops count: Int = 1,
        service: any HTTPService
    ) throws(SocketError) {
        var loops: [EventLoop] = []
        for _ in 0..<count { loops.append(try EventLoop()) }
        try self.init(addresses: addresses, secure: secure, limits: limits, on: loops, service: service)
    }

    /// The same on loops that were made before it, where the service needs them; they are the server's to run and stop.
    package init(
        addresses: [ListenAddress],
        secure: SecureListening? = nil,
        limits: HTTPLimits = HTTPLimits(),
        on loops: [EventLoop],
        service: any HTTPService
    ) throws(SocketError) {
        precondition(!loops.isEmpty, "a server without a loop serves nobody")
        SignalWatch.ignoreBrokenPipes()
        let open = self.open
        let workers = loops.map { HTTPWorker(loop: $0, service: service, limits: limits, open: open) }
        self.loops = loops
        self.workers = workers
        let plain = addresses.map { Listening(address: $0, tls: nil) }
        opened = try HTTPServer.listen(on: plain + (secure?.each ?? []), by: workers)
        self.addresses = opened.prefix(addresses.count).map(\.address)
        secureAddresses = opened.dropFirst(addresses.count).map(\.address)
    }

    private static func listen(
        on places: [Listening],
        by workers: [HTTPWorker]
    ) throws(SocketError) -> [OpenedAddress] {
        var opened: [OpenedAddress] = []
        do throws(SocketError) {
            for place in places {
                let sockets = try place.address.open(copies: workers.count)
                opened.append(sockets)
                for (worker, descriptor) in zip(workers, sockets.descriptors) {
                    try worker.listen(on: descriptor, shared: sockets.isShared, tls: place.tls)
                }
            }
        } catch {
            for worker in workers { worker.closeListeners() }
            for address in opened { address.removeFile() }
            throw error
        }
        return opened
    }

    /// A server that never ran gives up its addresses here.
    deinit {
        guard !hasRun.load(ordering: .relaxed) else { return }
        for worker in workers { worker.closeListeners() }
        for address in opened { address.removeFile() }
    }

    /// Open connections at this moment.
    package var connectionsOpen: Int { open.value }

    /// Serves until a drain has ended. Blocks the caller; to be called once.
    ///
    /// - Throws: when a thread cannot be started; then nothing is served.
    package func run() throws(SocketError) {
        hasRun.store(true, ordering: .relaxed)
        var threads: [LoopThread] = []
        var failure: SocketError?
        do throws(SocketError) {
            for (number, loop) in loops.enumerated() {
                threads.append(try LoopThread(named: "berth-loop-\(number)") { loop.run() })
            }
        } catch {
            failure = error
            drain(deadline: .zero)
        }
        for thread in threads { thread.join() }
        for worker in workers { worker.discard() }
        for address in opened { address.removeFile() }
        if let failure { throw failure }
    }

    /// Ends service from any thread, without waiting: no more connections are taken, idle ones are closed, requests at
    /// hand are answered with `Connection: close`, and what is left after `deadline` is cut off. Then `run()` returns.
    /// Again with another deadline: that one counts.
    package func drain(deadline: Duration) {
        for worker in workers {
            worker.loop.execute { worker.drain(within: deadline.milliseconds) }
        }
    }
}

/// Where a server listens for those who speak TLS, and what it shows them.
package struct SecureListening: Sendable {
    package let addresses: [ListenAddress]
    package let tls: TLSInForce

    package init(addresses: [ListenAddress], tls: TLSInForce) {
        self.addresses = addresses
        self.tls = tls
    }

    fileprivate var each: [Listening] { addresses.map { Listening(address: $0, tls: tls) } }
}

/// One address, and what is spoken there.
private struct Listening {
    let address: ListenAddress
    let tls: TLSInForce?
}

// SPDX-License-Identifier: Apache-2.0
import Glibc
import HTTPClient
import HTTPServer
import Logging
import Sidecars
import Sockets
import Telemetry

/// What the programs inside a pod have in common: one loop, a log, a client that asks Berth, an end by signal.
struct InPod {
    let loop: EventLoop
    let log: Logger
    let calls: BerthCalls
    private let sink: LogSink

    init(_ name: String) throws {
        let sink = LogSink()
        self.sink = sink
        log = Logger(label: name, factory: { JSONLogHandler(label: $0, level: .info, sink: sink) })
        loop = try EventLoop()
        let client = HTTPClient(loops: [loop], limits: BerthCalls.clientLimits)
        do throws(SidecarError) { calls = try BerthCalls(.own, asking: client, now: ClockReading.now) } catch {
            throw Failure("\(error)")
        }
    }

    /// Returns when `work` has, or a signal came and `stop` is done.
    func run(
        _ work: @escaping @Sendable () async -> Void, stop: @escaping @Sendable () async -> Void,
        serving server: HTTPServer? = nil
    ) throws {
        let end: @Sendable () -> Void = { [loop] in
            if let server { server.drain(deadline: .seconds(1)) } else { loop.execute { loop.stop() } }
        }
        try SignalWatch.start([SIGTERM, SIGINT], on: loop) { [loop] _ in
            Task(executorPreference: loop) {
                await stop()
                end()
            }
        }
        Task(executorPreference: loop) {
            await work()
            end()
        }
        StartUpPages.giveBack()
        if let server { try server.run() } else { loop.run() }
        log.notice("stopped")
        sink.close()
    }
}

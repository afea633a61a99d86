// SPDX-License-Identifier: Apache-2.0
import Foundation
import HTTPClient
import RawPeer
import Sockets
import SpawnModel
import Synchronization

@testable import MeasuredUse

let noon = Instant(unixSeconds: 1_764_331_200)

/// As `Sources/Configuration/Exporters` has them.
enum Exporters {
    static let dcgm: Exporter = {
        var labels = Exporter.Labels()
        labels.device = ["UUID"]
        labels.instance = ["GPU_I_ID"]
        labels.migDevice = ["dra_mig_device_uuid"]
        labels.pod = ["exported_pod", "pod", "pod_name"]
        labels.namespace = ["exported_namespace", "namespace", "pod_namespace"]
        labels.podUID = ["pod_uid"]
        labels.parts = ["container"]
        return Exporter(
            name: "dcgm", labels: labels,
            measures: [
                measure("DCGM_FI_DEV_GPU_UTIL", .percent, [.device, .pod]),
                measure("DCGM_FI_PROF_GR_ENGINE_ACTIVE", .ratio, [.device]),
                measure("DCGM_FI_DEV_FB_USED", .mebibytes, [.device, .pod]),
            ])
    }()

    static let metagpu: Exporter = {
        var labels = Exporter.Labels()
        labels.device = ["device_uuid", "uuid"]
        labels.pod = ["pod_name"]
        labels.namespace = ["pod_namespace"]
        labels.parts = ["pid"]
        return Exporter(
            name: "metagpu", labels: labels,
            measures: [
                measure("metagpu_device_memory_used", .mebibytes, [.device]),
                measure("metagpu_process_absolute_gpu_utilization", .percent, [.device, .pod], addsUp: true),
                measure("metagpu_process_memory_usage", .mebibytes, [.pod], addsUp: true),
            ])
    }()

    static let all = [metagpu, dcgm]

    private static func measure(
        _ metric: String, _ unit: Measure.Unit, _ targets: [Measure.Target], addsUp: Bool = false
    ) -> Measure {
        Measure(metric: metric, unit: unit, targets: targets, addsUp: addsUp)
    }
}

enum Pages {
    static func named(_ name: String) throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Pages")
        return try String(contentsOf: folder.appending(path: name + ".txt"), encoding: .utf8)
    }
}

func terms(
    _ sources: [UseSource], _ exporters: [Exporter] = Exporters.all, timeout: Duration = .seconds(5)
) -> MeasuredUseTerms {
    MeasuredUseTerms(
        sources: sources, exporters: exporters, interval: .seconds(30), timeout: timeout, staleAfter: .seconds(120))
}

func exporter(_ url: String, token: String? = nil) -> UseSource {
    UseSource(kind: .exporter, url: url, origin: url, token: token.map { SourceToken($0) })
}

/// What a page of the text format says, by the exporters that are known.
func sums(_ page: String, at now: Instant = noon) -> UseSums {
    let wanted = Set(Exporters.all.flatMap(\.measures).map(\.metric))
    return UseSums(TextExposition(Array(page.utf8), wanted: wanted, now: now).samples, Exporters.all)
}

func pod(_ name: String) -> PodName { PodName(namespace: "jupyter", name: name) }

/// A clock that a test moves.
final class Clock: Sendable {
    private let reading = Mutex(noon)
    var now: Instant { reading.withLock { $0 } }
    func pass(_ seconds: Int) { reading.withLock { $0 = $0 + .seconds(seconds) } }
}

/// What a watch has told of its sources: a code, or `ok`.
final class News: Sendable {
    private let all = Mutex<[String]>([])
    var told: [String] { all.withLock { $0 } }
    func take(_ error: MeasuredUseError?) { all.withLock { $0.append(error?.code ?? "ok") } }
}

/// A client and its loop, and a watch that asks by it, for the length of one test.
final class Lab: Sendable {
    let clock = Clock()
    let news = News()
    let watch: UseWatch
    private let client: HTTPClient
    private let loop: EventLoop
    private let thread: LoopThread

    init() throws {
        let loop = try EventLoop()
        var limits = HTTPClientLimits()
        limits.retries.attemptsMax = 1
        limits.breaker.failuresMax = .max
        // Whoever leaves the time-out to the client waits for an hour.
        limits.requestTimeout = .seconds(3600)
        client = HTTPClient(loops: [loop], limits: limits)
        self.loop = loop
        thread = try LoopThread(named: "test-client") { loop.run() }
        let (clock, news) = (clock, news)
        watch = UseWatch(asking: client, terms: { nil }, now: { clock.now }, news: { news.take($1) })
    }

    func device(_ id: String) -> Use { watch.board.use(ofDevice: id, now: clock.now) }

    deinit {
        let loop = loop
        loop.execute { loop.stop() }
        thread.join()
    }
}

/// An exporter whose page a test writes.
final class PageServer: Sendable {
    private final class State: Sendable {
        let page = Mutex("")
        let status = Mutex("200 OK")
    }

    private let state = State()
    let server: RawServer
    var url: String { server.url + "/metrics" }

    init(_ page: String = "") throws {
        let state = state
        state.page.withLock { $0 = page }
        server = try RawServer { connection in
            guard connection.readHead() else { return }
            let page = state.page.withLock { $0 }
            let status = state.status.withLock { $0 }
            connection.send(
                "HTTP/1.1 \(status)\r\nContent-Length: \(page.utf8.count)\r\nConnection: close\r\n\r\n\(page)")
        }
    }

    func say(_ page: String, status: String = "200 OK") {
        state.page.withLock { $0 = page }
        state.status.withLock { $0 = status }
    }
}

// SPDX-License-Identifier: Apache-2.0
import AdminAPI
import AdmissionAPI
import ArgumentParser
import Configuration
import CoreMetrics
import Directory
import GPULedger
import Glibc
import HTTPClient
import HTTPServer
import HubAPI
import Identity
import Kubernetes
import LastUse
import Logging
import MeasuredUse
import PodPatching
import SidecarAPI
import Sockets
import SpawnModel
import Telemetry

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer the hubs.",
        discussion: """
            The configuration is read again when a file of it changes, and at SIGHUP. SIGTERM and SIGINT answer what \
            is under way and exit 0, a second one \
            exits at once. The log goes to standard error, one JSON object a line.
            """
    )

    @OptionGroup var configurationFile: ConfigurationFile

    @Option(help: "Event loops; one a core is right for most.")
    var loops = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    @Option(help: "The longest that a stop waits for requests under way, in seconds.")
    var drainSeconds = 20

    func validate() throws {
        guard (1...256).contains(loops) else { throw ValidationError("--loops takes 1 to 256.") }
        guard (0...3600).contains(drainSeconds) else { throw ValidationError("--drain-seconds takes 0 to 3600.") }
    }

    func run() async throws {
        let loaded = try loadedSite()
        let site = loaded.site
        let sink = LogSink()
        let log = Logger(label: "berth", factory: { JSONLogHandler(label: $0, level: site.log.level, sink: sink) })
        let ledger = try openLedger(of: site)
        ledger.keepTime(by: { .steady() })
        let (server, hub, inForce) = try open(loaded, ledger, log)
        log.notice(
            "listening",
            metadata: [
                "addresses": .array(server.addresses.map { .string($0.description) }),
                "tls_addresses": .array(server.secureAddresses.map { .string($0.description) }),
                "version": .string(Version.number), "loops": .stringConvertible(loops),
            ])
        let expiry = Expiry.start(ledger, hub, log)
        let rollUp = Expiry.startRollUp(ledger, log, retention: { inForce.site.retention })
        defer {
            expiry.cancel()
            rollUp.cancel()
        }
        StartUpPages.giveBack()
        try server.run()
        await ledger.close()
        log.notice("stopped")
        sink.close()
    }

    private func loadedSite() throws -> LoadedSite {
        do { return try Site.load(path: configurationFile.path, secrets: .required) } catch {
            throw Failure(error.faults.map(\.description).joined(separator: "\n"))
        }
    }

    private func openLedger(of site: Site) throws -> Ledger {
        do { return try Ledger(site.ledger, inventory: site.inventory) } catch {
            throw Failure("\(error)")
        }
    }

    private func open(
        _ loaded: LoadedSite, _ ledger: Ledger, _ log: Logger
    ) throws -> (HTTPServer, HubRoutes, SiteInForce) {
        let site = loaded.site
        let metrics = MetricsRegistry(help: MetricHelp.words)
        MetricsSystem.bootstrap(metrics)
        let (client, clusterClient) = (OutboundClient(), OutboundClient())
        let cluster = site.cluster.map { Cluster($0, asking: clusterClient) }
        let issuers = Issuers(asking: client, now: { .now() })
        let sources = SubjectSources(
            issuers: issuers, directories: Directories(now: { .now() }),
            lookUps: LookUps(asking: client, now: { .now() }))
        let inForce = SiteInForce(
            loaded, path: configurationFile.path, ledger: ledger, sources: sources, log: log)
        let reloads = Reloads(of: inForce)
        let sync = cluster.map { ServedSync(in: $0, inForce, log) }
        let sweep = cluster.map { LedWork.sweep(in: $0, inForce, ledger, log) }
        let useWatch = UseWatch.serving(inForce, asking: client, log)
        let lastUses = LastUses.serving(ledger, useWatch.board, asking: client, inForce, log)
        let ends = ServedEnds(ledger, lastUses, asking: client, in: cluster, inForce, log)
        let view = cluster.map { ClusterView($0, site: { inForce.site }, log: log) }
        let hub = HubRoutes(
            ledger: ledger, sources: sources, asking: client, objects: cluster.map { ObjectMaking($0) }, log: log,
            now: { .now() }, siteInForce: { inForce.site }, clusterFacts: { view?.facts ?? .unknown },
            idle: { lastUses.standing(of: $0) })
        let watch = self.watch(cluster, inForce, ledger, hub, log)
        let service = Service(
            inForce: inForce, hub: hub,
            admission: AdmissionRoutes(hub: hub, ledger: ledger, log: log, now: { .now() }),
            admin: AdminRoutes(
                ledger: ledger, hub: hub, measured: useWatch.board, issuers: issuers, asking: client, log: log,
                now: { .now() },
                reload: { await reloads.report() }),
            sidecars: SidecarRoutes(
                hub: hub, ledger: ledger, asking: client, issuers: issuers, lastUses: lastUses, log: log,
                now: { .now() }),
            health: HealthRoutes(
                inForce: inForce, ledger: LedgerHealth(ledger), sources: sources, sync: sync, watch: watch,
                metrics: metrics, gauges: GPUGauges(ledger)),
            log: log)
        do throws(SocketError) {
            let server = try HTTPServer(
                addresses: site.listen, secure: inForce.secureListening, limits: site.limits, loops: loops,
                service: service)
            client.start(on: server.loops, trust: HTTPClientTrust(caFile: site.issuersCAFile))
            if let cluster {
                clusterClient.start(on: server.loops, trust: cluster.access.trust, limits: .forCluster)
                ClusterGreeting.send(to: cluster, log)
                _ = view?.start()
                sync?.work.start()
                sweep?.start()
                watch?.start()
            }
            ends.start()
            _ = useWatch.start()
            _ = lastUses.start()
            Task { await issuers.prepare(site.issuersInUse) }
            try watchSignals(server, reloads, [sync?.work, sweep, ends.work].compactMap(\.self), watch, log)
            return (server, hub, inForce)
        } catch {
            throw Failure("\(error)")
        }
    }

    /// Nil where the file lists the cards. Until the cluster is seen, no GPU is granted.
    private func watch(
        _ cluster: Cluster?, _ inForce: SiteInForce, _ ledger: Ledger, _ hub: HubRoutes, _ log: Logger
    ) -> ServedGPUWatch? {
        guard let cluster, let terms = inForce.site.clusterInventory?.terms else { return nil }
        ledger.expectCluster(terms, now: .now())
        let served = ServedGPUWatch(in: cluster, terms, inForce, ledger, hub, log)
        inForce.follow(served.watch)
        return served
    }

    private func watchSignals(
        _ server: HTTPServer, _ reloads: Reloads, _ led: [LedWork], _ watch: ServedGPUWatch?, _ log: Logger
    ) throws(SocketError) {
        let stops = StopCount()
        let deadline = Duration.seconds(drainSeconds)
        try SignalWatch.start([SIGTERM, SIGINT, SIGHUP], on: server.loops[0]) { signal in
            if signal == SIGHUP {
                reloads.ask(.signal)
            } else if stops.next() == 1 {
                log.notice("draining", metadata: ["deadline_s": .stringConvertible(Int(deadline.wholeSeconds))])
                Task {
                    // While the loops still turn.
                    await withTaskGroup { group in
                        for work in led { group.addTask { await work.stop() } }
                        group.addTask { await watch?.stop() }
                    }
                    if stops.isFirst { server.drain(deadline: deadline) }
                }
            } else {
                server.drain(deadline: .zero)
            }
        }
    }
}

/// Why `serve` cannot start: printed as it is, with exit status 1.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

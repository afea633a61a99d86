// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Configuration
import Directory
import JSONTree
import Kubernetes
import Sockets
import SpawnModel
import Upkeep

struct Sync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the cluster's passwd and group objects in line with the directory, once.",
        discussion: """
            Reads the whole directory, then makes, mends and deletes objects in each deployment's namespace. Safe beside \
            a `berth serve` that does the same, and to stop and run again. Exits 0 when all is done, 1 when something \
            could not be, 3 when so many people are gone that nothing was deleted (see --accept-shrink).
            """
    )

    @OptionGroup var configurationFile: ConfigurationFile

    @Flag(help: "Say what would be written, and write nothing.")
    var dryRun = false

    @Flag(help: "Delete what belonged to people who are gone, however many they are.")
    var acceptShrink = false

    @Flag(help: "Print the report as JSON.")
    var json = false

    func run() async throws {
        let start = ContinuousClock.now
        let site = try SyncSite(path: configurationFile.path)
        let read: PeopleRead
        do throws(UpkeepError) { read = try await PeopleRead(from: site.setting, now: { .now() }) } catch {
            throw Failure("Nothing was written: \(error)")
        }
        let sync = DirectorySync(site.cluster, limits: site.setting.limits, now: { .now() })
        let report = await sync.apply(read, as: site.setting.overlay, in: site.setting.namespaces, syncRun)
        let words = SyncWords(report: report, isDryRun: dryRun, took: .now - start, peakBytes: Process.peakBytes)
        print(json ? words.json.text : words.text)
        if words.exitCode != 0 { throw ExitCode(words.exitCode) }
    }

    private var syncRun: SyncRun {
        var run = SyncRun()
        run.acceptsShrink = acceptShrink
        run.isDryRun = dryRun
        // An operator who asks wants it right, not cheap.
        run.readsContents = true
        return run
    }
}

/// What a configuration says of the sync, and its cluster, over a loop of its own.
private struct SyncSite {
    let setting: SyncSetting
    let cluster: Cluster

    init(path: String) throws {
        let site: Site
        do { site = try Site.load(path: path, secrets: .required).site } catch {
            throw Failure(error.faults.map(\.description).joined(separator: "\n"))
        }
        guard let setting = site.syncSetting else {
            throw Failure("\(path): \(site.lackOfSync)")
        }
        guard let access = site.cluster else { throw Failure("\(path): \(site.lackOfSync)") }
        self.setting = setting
        let loop = try EventLoop()
        _ = try LoopThread(named: "berth-loop") { loop.run() }
        cluster = Cluster(access, loops: [loop])
    }
}

extension Site {
    /// Nil where no objects are made of the directory.
    var syncSetting: SyncSetting? {
        guard cluster != nil, let directory, let overlay = directory.overlay else { return nil }
        var namespaces: [String] = []
        for namespace in deployments.compactMap(\.namespace) where !namespaces.contains(namespace) {
            namespaces.append(namespace)
        }
        guard !namespaces.isEmpty else { return nil }
        return SyncSetting(
            directory: directory.terms, overlay: overlay, sync: directory.sync ?? SyncTerms(), namespaces: namespaces)
    }

    /// Why `syncSetting` is nil.
    fileprivate var lackOfSync: String {
        if directory?.overlay == nil { return "nothing to sync: write `directory` with `overlay: {}`." }
        if cluster == nil { return "no cluster to sync with: write `kubernetes`." }
        return "no namespace to sync with: give `deployments` their `namespace`."
    }
}

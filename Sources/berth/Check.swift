// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Configuration
import GPULedger
import SpawnPolicy

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what is wrong with a configuration, all of it at once.",
        discussion: """
            Each fault stands on a line of its own, as FILE:LINE:COLUMN: PATH: what is wrong and how to mend it. Exits \
            0 if there is none (warnings do not count), 1 if there is any.
            """
    )

    @Argument(help: "The configuration file.")
    var file: String

    @Flag(help: "Count a missing secret file as a fault, as `berth serve` does.")
    var secrets = false

    func run() throws {
        let loaded: LoadedSite
        do { loaded = try Site.load(path: file, secrets: secrets ? .required : .optional) } catch {
            for warning in error.warnings { print("warning: \(warning)") }
            for fault in error.faults { print(fault) }
            print("\(file): \(Count.of(error.faults.count, "fault"))")
            throw ExitCode(1)
        }
        for warning in loaded.warnings { print("warning: \(warning)") }
        print("\(file) is fine: \(summary(of: loaded.site))")
    }

    private func summary(of site: Site) -> String {
        let counts = [
            Count.of(site.deployments.count, "deployment"),
            Count.of(site.policy.profiles.count, "profile"),
            Count.of(site.inventory.pools.count, "GPU pool"),
            site.clusterInventory == nil
                ? Count.of(site.inventory.nodes.reduce(0) { $0 + $1.cards.count }, "card") : "cards of the cluster",
        ]
        return counts.joined(separator: ", ")
    }
}

/// `1 profile`, `2 profiles`.
enum Count {
    static func of(_ count: Int, _ noun: String) -> String { of(count, noun, noun + "s") }
    static func of(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }
}

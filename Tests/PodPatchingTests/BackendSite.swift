// SPDX-License-Identifier: Apache-2.0
import Configuration
import Foundation
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

/// A site with a pool of each backend, and one of a backend of its own.
enum BackendSite {
    static let text = """
        ledger: {path: ledger.sqlite}
        deployments: {hub: {hook_token_file: hub.token}}
        profiles: [{display_name: CPU}]
        backends:
          unit-memory:
            modes: [shared]
            resource: example.org/unit
            resources: {"${pool.resource}": "${gpu.units}"}
            annotations: {"example.org/limit-${pool.kind}": "${gpu.limit_mib}Mi of ${gpu.limit_units}"}
            environment: {UNIT_LIMIT: "${gpu.limit_mib}"}
        pools:
          nvidia: {mode: whole}
          mig: {mode: mig, mig_profile: 1g.10gb, backend: mig}
          mig-single: {mode: mig, mig_profile: 1g.10gb, backend: mig-single}
          time-slicing: {mode: shared, backend: time-slicing, units_per_device: 8}
          mps: {mode: shared, backend: mps, resource: example.org/mps, units_per_device: 8}
          mortalgpu:
            mode: shared
            backend: mortalgpu
            resource: mortalgpu/a100
            unit: 10Gi
            overcommit_percent: 200
            limit_annotation: {key: example.org/limit, value: "{limit_mib}Mi"}
          metagpu: {mode: shared, backend: metagpu, units_per_device: 100}
          hami: {mode: shared, backend: hami, unit: 1Mi}
          hami-mig:
            mode: mig
            mig_profile: 1g.10gb
            mig_layout: on_demand
            backend: hami-mig
            settings: {instance_mib: "9728"}
          kai: {mode: shared, backend: kai, unit: 1Mi, settings: {queue: team-a}}
          kai-fraction: {mode: shared, backend: kai-fraction, unit: 1Mi, settings: {queue: team-a}}
          kai-whole: {mode: whole, backend: [nvidia, kai-queue], settings: {queue: team-b}}
          volcano: {mode: shared, backend: volcano, unit: 1Mi}
          dra: {mode: whole, backend: [dra, kueue], settings: {claim_template: one-a100, queue: gpus}}
          own: {mode: shared, backend: unit-memory, unit: 1Gi, settings: {kind: soft}}
        inventory:
          nodes:
            n1:
              cards:
                - &card
                  uuid: GPU-1
                  product: A100
                  memory: 81920Mi
                  pools: [nvidia, kai-whole]
                - {<<: *card, uuid: GPU-2}
                - uuid: GPU-3
                  product: A100
                  memory: 81920Mi
                  mig: [{profile: 1g.10gb, memory: 9728Mi, count: 2, pools: [mig]}]
                - uuid: GPU-9
                  product: A100
                  memory: 81920Mi
                  mig: [{profile: 1g.10gb, memory: 9728Mi, count: 2, pools: [mig-single]}]
                - {<<: *card, uuid: GPU-10, pools: [dra]}
                - {<<: *card, uuid: GPU-11, pools: [dra]}
                - {<<: *card, uuid: GPU-12, pools: [mps]}
                - {<<: *card, uuid: GPU-4, pools: [time-slicing]}
                - {<<: *card, uuid: GPU-5, pools: [mortalgpu]}
                - {<<: *card, uuid: GPU-6, pools: [metagpu]}
                - {<<: *card, uuid: GPU-7, pools: [hami, kai, kai-fraction, volcano]}
                - {<<: *card, uuid: GPU-8, pools: [own]}
                - {<<: *card, uuid: GPU-13, pools: [hami-mig]}
        """

    static func terms() throws -> PodTerms {
        let folder = FileManager.default.temporaryDirectory.appending(path: "backends-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "berth.yaml")
        try Data(text.utf8).write(to: file)
        return try Configuration.Site.load(path: file.path(), secrets: .optional).site.pod
    }

    /// What a server gets of each pool.
    static func gpu(_ name: String, in terms: PodTerms) throws -> PodContext.GPU {
        let pool = try #require(terms.pools.first { $0.name == name })
        let part = Reservation.Placement(node: "n1", device: "GPU-7", units: 1)
        switch pool.mode {
        case .whole:
            return PodContext.GPU(pool: pool, amount: .cards(2))
        case .mig:
            let cut = Reservation.Placement(node: "n1", device: "GPU-13/1g.10gb@6", units: 1, onDemandCard: "GPU-13")
            let isMade = pool.migLayout == .onDemand
            return PodContext.GPU(pool: pool, amount: .migInstances(1), placement: isMade ? [cut] : [])
        case .shared(let terms):
            let request = pool.backend.isOneUnit ? terms.unit : MiB(20_480)
            let limit = pool.backend.isOneUnit ? request : MiB(40_960)
            return PodContext.GPU(pool: pool, amount: .share(request: request, limit: limit), placement: [part])
        }
    }

    static func context(_ gpu: PodContext.GPU?) -> PodContext {
        var context = PodPatchingTests.Site.context(gpu)
        context.walltime = .seconds(3600)
        return context
    }
}

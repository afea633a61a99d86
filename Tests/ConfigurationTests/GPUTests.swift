// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import JSONTree
import PodPatching
import SpawnModel
import SpawnPolicy
import Testing

@Suite struct GPUTests {
    @Test func `choices become the option gpu, each with its amount`() throws {
        let text = """
            profiles:
              - display_name: A
                gpu:
                  display_name: Card
                  choices:
                    - {id: s, pool: shared, request: 10Gi, limit: 20Gi}
                    - {id: t, pool: shared, size: {unit: GiB, min: 2, max: 40, step: 2, default: null}, allow: {user: a}}
                    - {id: w, display_name: Whole, pool: whole, cards: 2, default: true}
                    - {id: m, pool: mig, mig_instances: 3}
                    - {id: none, display_name: No GPU}

            """ + cluster
        let outcome = try Sample(text).load()
        expect(outcome.faults + outcome.warnings, are: [])
        let option = try #require(outcome.site).policy.profiles[0].options[0]
        #expect(option.key == "gpu" && option.displayName == "Card")
        #expect(
            option.choices.map(\.gpu) == [
                GPUOffer(pool: "shared", amount: .fixed(.share(request: MiB(10_240), limit: MiB(20_480)))),
                GPUOffer(pool: "shared", amount: .sized(ShareSizes(min: 2, max: 40, step: 2, standard: nil))),
                GPUOffer(pool: "whole", amount: .fixed(.cards(2))),
                GPUOffer(pool: "mig", amount: .fixed(.migInstances(3))), nil,
            ])
        #expect(option.choices.map(\.isDefault) == [false, false, true, false, false])
        #expect(option.choices.map(\.displayName) == ["s", "t", "Whole", "m", "No GPU"])
    }

    @Test func `of several a choice without a GPU is none`() throws {
        let any = "{choices: [{id: none}, {id: w, pool: whole, cards: 1}, {id: any, any_of: [none, w]}]}"
        expect(
            try faults(in: profile(any)),
            are: [
                "berth.yaml:1:109: profiles[0].gpu.choices[2].any_of[0]: \"none\" is not a choice with an offer of its own. "
                    + "Known: \"w\". Name one with `cards`, `mig_instances` or `request`."
            ])
    }

    @Test func `a single offer is an option with one choice`() throws {
        let site = try #require(try Sample(profile("{pool: whole, cards: 1}")).load().site)
        let choices = site.policy.profiles[0].options[0].choices
        #expect(choices.map(\.id) == ["whole"])
        #expect(choices.map(\.gpu) == [GPUOffer(pool: "whole", amount: .fixed(.cards(1)))])
    }

    @Test(arguments: [
        (
            "{cards: 1}",
            "1:30: profiles[0].gpu: says neither `pool` nor `choices`. Name the pool that the GPU comes from: `pool: …`."
        ),
        (
            "{choices: [{id: a, cards: 1}]}",
            "1:46: profiles[0].gpu.choices[0]: `pool` is missing. Name the pool that the GPU comes from: `pool: …`."
        ),
        (
            "{pool: shard, request: 1Gi}",
            "1:42: profiles[0].gpu.pool: \"shard\" is not a pool. Did you mean \"shared\"?"
        ),
        ("{pool: whole}", "1:30: profiles[0].gpu: does not say how much. From this pool: `cards: 1`."),
        (
            "{pool: whole, cards: 1, size: {min: 1, max: 2}}",
            "1:35: profiles[0].gpu: has `cards` and `size` side by side. Keep one."
        ),
        (
            "{pool: shared, cards: 1}",
            "1:50: profiles[0].gpu.cards: the pool \"shared\" is in mode `shared` and gives no `cards`. Write `request: 10Gi`, or name another pool."
        ),
        (
            "{pool: whole, mig_instances: 1}",
            "1:49: profiles[0].gpu.mig_instances: the pool \"whole\" is in mode `whole` and gives no `mig_instances`. Write `cards: 1`, or name another pool."
        ),
        (
            "{pool: mig, request: 1Gi}",
            "1:47: profiles[0].gpu.request: the pool \"mig\" is in mode `mig` and gives no `request`. Write `mig_instances: 1`, or name another pool."
        ),
        (
            "{pool: shared, request: 81Gi}",
            "1:59: profiles[0].gpu.request: 81Gi is more than any device of the pool \"shared\" has (81920Mi). A share lives on one device: write at most 81920Mi."
        ),
        (
            "{pool: shared, request: 10Gi, limit: 5Gi}",
            "1:72: profiles[0].gpu.limit: the limit (5Gi) is below the request (10Gi). Write at least the request."
        ),
        (
            "{pool: shared, request: 10Gi, limit: 81Gi}",
            "1:72: profiles[0].gpu.limit: 81Gi is more than any device of the pool \"shared\" has (81920Mi). A share lives on one device: write at most 81920Mi."
        ),
        ("{pool: whole, cards: 1, limit: 5Gi}", "1:59: profiles[0].gpu.limit: `limit` goes with `request`. Remove it."),
        (
            "{pool: whole, cards: 3}",
            "1:56: profiles[0].gpu.cards: 3 are more than any node has in this pool (2). All of them come from one node: ask for fewer."
        ),
        (
            "{pool: mig, mig_instances: 5}",
            "1:62: profiles[0].gpu.mig_instances: 5 are more than any node has in this pool (4). All of them come from one node: ask for fewer."
        ),
        (
            "{pool: shared, size: {min: 4, max: 2}}",
            "1:70: profiles[0].gpu.size.max: the largest size (2) is below the smallest (4). Swap them."
        ),
        (
            "{pool: shared, size: {min: 4, max: 100}}",
            "1:70: profiles[0].gpu.size.max: 100 GiB are more than any device of the pool \"shared\" has (81920Mi). Write at most 80."
        ),
        (
            "{pool: shared, size: {min: 2, max: 40, step: 2, default: 5}}",
            "1:92: profiles[0].gpu.size.default: 5 is not one of the sizes. Write 2, or a whole number of steps of 2 above it, up to 40."
        ),
        (
            "{pool: shared, size: {unit: GB, min: 2, max: 4}}",
            "1:63: profiles[0].gpu.size.unit: \"GB\" is not possible here. Did you mean `GiB`? Possible: `GiB`."
        ),
        ("{choices: [], pool: whole}", "1:45: profiles[0].gpu.choices: is an empty list. Give it at least one entry."),
        (
            "{choices: [{id: a, pool: whole, cards: 1}], pool: whole}",
            "1:79: profiles[0].gpu.pool: stands beside `choices`. Move it into one of the choices."
        ),
        (
            "{choices: [{id: a, pool: whole, cards: 1}, {id: a, pool: whole, cards: 2}]}",
            "1:83: profiles[0].gpu.choices[1].id: the choice \"a\" is taken already (berth.yaml:1:51). Give each its own."
        ),
    ])
    func `an offer that cannot be kept is refused with what to write`(gpu: String, fault: String) throws {
        let found = try faults(in: profile(gpu)).filter {
            !$0.contains("stands beside") || fault.contains("stands beside")
        }
        expect(found, are: ["berth.yaml:" + fault])
    }

    @Test func `a pool without a device is refused`() throws {
        expect(
            try faults(in: "pools:\n  a100:\n    mode: whole\n"),
            are: [
                "berth.yaml:2:3: pools.a100: no device of the inventory is in this pool. "
                    + "List it under `pools` of a card or MIG instance in `inventory`, or remove the pool."
            ])
    }

    @Test func `a device in a pool that is not defined is refused`() throws {
        let text = "inventory: {nodes: {n: {cards: [{uuid: g, product: x, memory: 1Gi, pools: [a10]}]}}}\npools: {}\n"
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:1:76: inventory.nodes.n.cards[0].pools[0]: \"a10\" is not a pool. Define it under `pools`."
            ])
    }

    @Test func `MIG instances of another shape than the pool's are refused`() throws {
        let text = """
            pools: {m: {mode: mig, mig_profile: 1g.10gb}, w: {mode: whole}}
            inventory:
              nodes:
                n:
                  cards:
                    - {uuid: a, product: x, memory: 80Gi, mig: [{profile: 2g.20gb, memory: 19968Mi, pools: [m, w]}]}
                    - {uuid: b, product: x, memory: 80Gi, pools: [m, w]}
            """
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:6:97: inventory.nodes.n.cards[0].mig[0].pools[0]: the pool is made of MIG instances 1g.10gb, and "
                    + "these are 2g.20gb. Name a pool with `mig_profile: 2g.20gb`.",
                "berth.yaml:6:100: inventory.nodes.n.cards[0].mig[0].pools[1]: the pool is made of whole cards, and these are "
                    + "MIG instances. Name a pool in mode `mig` or `shared`.",
                "berth.yaml:7:55: inventory.nodes.n.cards[1].pools[0]: the pool is made of MIG instances 1g.10gb, and this is "
                    + "a card. Put it under `mig` with `profile: 1g.10gb`, or name another pool.",
            ])
    }

    @Test func `a card that is split is in no pool itself, and its instances fit in it`() throws {
        let text = """
            pools: {m: {mode: mig, mig_profile: 3g.40gb}, w: {mode: whole}}
            inventory: {nodes: {n: {cards: [{uuid: a, product: x, memory: 80Gi, pools: [w],
              mig: [{profile: 3g.40gb, memory: 40Gi, pools: [m], count: 3}]}]}}}
            """
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:2:69: inventory.nodes.n.cards[0].pools: a card that is split into MIG instances is in no pool itself. "
                    + "Name the pools of its instances under `mig`.",
                "berth.yaml:3:3: inventory.nodes.n.cards[0].mig: the MIG instances have 122880Mi together, the card 81920Mi. "
                    + "Write the memory that `nvidia-smi` prints for each.",
            ])
    }

    @Test func `MIG instances without ids get ids of their card, shape and number`() throws {
        let site = try #require(try Sample(cluster).load().site)
        #expect(
            site.inventory.nodes[0].cards[2].migInstances.map(\.id) == [
                "c/1g.10gb/0", "c/1g.10gb/1", "c/1g.10gb/2", "d",
            ])
    }

    @Test func `two devices with one id are refused`() throws {
        let text = """
            pools: {w: {mode: whole}}
            inventory: {nodes: {n: {cards: [{uuid: a, product: x, memory: 1Gi, pools: [w]}]}, m: {cards: [{uuid: a, product: x, memory: 1Gi, pools: [w]}]}}}
            """
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:2:102: inventory.nodes.m.cards[0].uuid: the device id \"a\" is taken already (berth.yaml:2:40). "
                    + "Give each its own."
            ])
    }

    @Test func `E25: a shared pool needs one unit for all its devices`() throws {
        let text = """
            pools:
              none: {mode: shared, resource: x/none}
              both: {mode: shared, resource: x/both, unit: 1Gi, units_per_device: 10}
              mixed: {mode: shared, resource: x/mixed, units_per_device: 320}
              large: {mode: shared, resource: x/large, unit: 100Gi}
              nameless: {mode: shared, unit: 1Gi}
            inventory:
              nodes:
                n:
                  cards:
                    - {uuid: a, product: A100, memory: 81920Mi, pools: [none, both, mixed, large]}
                    - {uuid: b, product: V100, memory: 32768Mi, pools: [mixed, nameless]}
            """
        expect(
            try faults(in: text).filter { !$0.contains("shared pools with units") },
            are: [
                "berth.yaml:2:9: pools.none: says neither `unit` nor `units_per_device`. "
                    + "Write the memory behind one unit of the resource, such as `unit: 1Gi`.",
                "berth.yaml:3:9: pools.both: says `unit` and `units_per_device`. "
                    + "Keep the one that the device plugin is configured with.",
                "berth.yaml:4:62: pools.mixed.units_per_device: mixes units of different sizes in one pool (102Mi, 256Mi), as its "
                    + "devices differ in memory. Make one pool a size, each with its own resource name.",
                "berth.yaml:5:50: pools.large.unit: one unit (102400Mi) is more than the memory of any device in the pool (81920Mi). "
                    + "Write the memory of one unit.",
                "berth.yaml:6:13: pools.nameless: `resource` is missing. A shared pool has the resource name that its device plugin "
                    + "was given, such as `mortalgpu/a100-shared`.",
            ])
    }

    @Test func `E25: two shared pools on one card count it in one unit`() throws {
        let text = """
            pools: {a: {mode: shared, resource: x/a, unit: 1Gi}, b: {mode: shared, resource: x/b, unit: 100Mi}}
            inventory: {nodes: {n: {cards: [{uuid: g, product: x, memory: 8Gi, pools: [a, b]}]}}}
            """
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:2:68: inventory.nodes.n.cards[0].pools: the card is in shared pools with units of different sizes "
                    + "(100Mi, 1024Mi). Give these pools one unit, or the card one shared pool."
            ])
    }

    @Test func `units per device make the unit, and leave out what no unit covers`() throws {
        let text = """
            pools: {s: {mode: shared, resource: mortalgpu/a100-shared, units_per_device: 400, overcommit_percent: 150, sharers_max: 8}}
            inventory: {nodes: {n: {cards: [{uuid: g, product: x, memory: 81920Mi, mig: [{profile: 3g.40gb, memory: 40192Mi, pools: [s]}]}]}}}
            """
        let site = try #require(try Sample(text).load().site)
        #expect(site.inventory.pools[0].mode == .shared(.init(unit: MiB(100), overcommitPercent: 150, sharersMax: 8)))
        #expect(site.inventory.nodes[0].cards[0].migInstances[0].memory == MiB(40_000))
    }

    @Test func `a key of another mode is refused`() throws {
        let text = """
            pools: {w: {mode: whole, unit: 1Gi}, m: {mode: mig}}
            inventory: {nodes: {n: {cards: [{uuid: g, product: x, memory: 8Gi, pools: [w, m]}]}}}
            """
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:1:26: pools.w.unit: goes with `mode: shared`, and this pool has `mode: whole`. Remove it, or change the mode.",
                "berth.yaml:1:41: pools.m: `mig_profile` is missing. "
                    + "A pool in mode `mig` has one shape of slices: `mig_profile: 1g.10gb`.",
            ])
    }

    @Test func `resource names default to NVIDIA's, a plus in a shape written as a dot`() throws {
        let text = """
            pools: {w: {mode: whole}, m: {mode: mig, mig_profile: 1g.10gb+me}}
            inventory: {nodes: {n: {cards: [{uuid: g, product: x, memory: 80Gi, pools: [w]},
              {uuid: h, product: x, memory: 80Gi, mig: [{profile: 1g.10gb+me, memory: 9728Mi, pools: [m]}]}]}}}
            """
        let site = try #require(try Sample(text).load().site)
        #expect(site.inventory.pools.map(\.resourceName) == ["nvidia.com/gpu", "nvidia.com/mig-1g.10gb.me"])
        #expect(site.pod.gpuResourcePrefixes == ["nvidia.com/"])
        #expect(site.pod.pools.map(\.name) == ["w", "m"])
    }

    @Test func `a pool keeps what a pod needs to reach it`() throws {
        let text = """
            pools:
              s:
                {mode: shared, resource: x/s, unit: 1Gi, node_selector: {a: 1}, tolerations: [{key: gpu, operator: Exists}],
                runtime_class: nvidia, limit_annotation: {key: x/limit, value: "{limit_mib}"}, display_name: Shared}
            inventory: {nodes: {n: {cards: [{uuid: g, product: x, memory: 8Gi, pools: [s]}]}}}
            """
        let pool = try #require(try Sample(text).load().site).inventory.pools[0]
        #expect(pool.displayName == "Shared" && pool.runtimeClassName == "nvidia")
        #expect(pool.nodeSelector == ["a": "1"])
        #expect(pool.tolerations == [["key": "gpu", "operator": "Exists"]])
        #expect(pool.backend.annotations == [GPUBackend.Entry("x/limit", GPUTemplate(.limitMiB))])
        #expect(pool.backend.resources == [GPUBackend.Entry("x/s", GPUTemplate(.units))])
    }

    private func profile(_ gpu: String) -> String { "profiles: [{display_name: A, gpu: \(gpu)}]\n" + cluster }

    private let cluster = """
        pools:
          whole: {mode: whole}
          shared: {mode: shared, resource: mortalgpu/a100-shared, unit: 1Gi}
          mig: {mode: mig, mig_profile: 1g.10gb}
        inventory:
          nodes:
            n:
              cards:
                - {uuid: a, product: A100, memory: 81920Mi, pools: [whole, shared]}
                - {uuid: b, product: A100, memory: 81920Mi, pools: [whole, shared]}
                - uuid: c
                  product: A100
                  memory: 81920Mi
                  mig:
                    - {profile: 1g.10gb, memory: 9728Mi, pools: [mig], count: 3}
                    - {profile: 1g.10gb, memory: 9728Mi, pools: [mig], ids: [d]}
        """
}

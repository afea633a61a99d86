// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import PodPatching
import SpawnModel
import Testing

@Suite struct BackendSectionTests {
    private static let card = """
        inventory: {nodes: {n: {cards: [{uuid: g, product: x, memory: 80Gi, pools: [p]}]}}}
        """

    @Test(arguments: [
        (
            "pools: {p: {mode: whole, backend: nvidea}}",
            #"1:35: pools.p.backend: "nvidea" is not a backend. Did you mean "nvidia"?"#
        ),
        (
            "pools: {p: {mode: shared, backend: nvidia, resource: x/y, unit: 1Gi}}",
            #"1:36: pools.p.backend: "nvidia" gives nothing in mode `shared`. Write `mode: whole` or `mig`, or name another backend."#
        ),
        (
            "pools: {p: {mode: whole, backend: kueue, settings: {queue: a}}}",
            "1:35: pools.p.backend: names no backend that gives a GPU. Add one, such as `nvidia`."
        ),
        (
            "pools: {p: {mode: whole, backend: [nvidia, hami]}}",
            #"1:44: pools.p.backend[1]: "hami" gives GPUs, and "nvidia" does too. Keep one: only a queue stands beside another."#
        ),
        (
            "pools: {p: {mode: whole, backend: [nvidia, kueue]}}",
            #"1:35: pools.p.backend: "kueue": the backend needs `queue` from the pool. Write `settings: {queue: …}` in the pool."#
        ),
        (
            "pools: {p: {mode: whole, backend: nvidia, settings: {queue: a}}}",
            "1:54: pools.p.settings.queue: none of the pool's backends asks for it. Remove it."
        ),
        (
            "pools: {p: {mode: shared, backend: hami, unit: 1Mi, overcommit_percent: 200}}",
            "1:53: pools.p.overcommit_percent: lets limits be above requests, and the pool's backend tells no limit to "
                + "anybody. Remove it, or say the limit by `limit_annotation` or a backend of your own."
        ),
        (
            #"{backends: {b: {resources: {x/y: "${user.name}"}}}, pools: {p: {mode: whole, backend: b}},"#,
            "is no reference"
        ),
        (
            #"{backends: {b: {resources: {x/y: "${gpu.limit_mib}"}}}, pools: {p: {mode: whole, backend: b}},"#,
            "asks for no GPU in mode `whole`"
        ),
    ])
    func `a pool whose backends contradict it is refused with what to write`(text: String, fault: String) throws {
        let isFlow = text.hasPrefix("{")
        let whole = isFlow ? String(text.dropFirst().dropLast()).replacing(", pools:", with: "\npools:") : text
        let found = try faults(in: whole + "\n" + Self.card)
        #expect(found.contains { $0.contains(fault) }, "\(found)")
    }

    /// Pools of several profiles, and one of whole cards, over the same card.
    private static let cut = """
        backends: {own: {modes: [mig], mig_on_demand: true, resource: x/small, resources: {x/small: "${gpu.units}"}}}
        pools:
          half: {mode: mig, mig_profile: 3g.40gb, mig_layout: on_demand, backend: hami-mig, settings: {instance_mib: "40192"}}
          small: {mode: mig, mig_profile: 1g.10gb, mig_layout: on_demand, backend: own}
          p: {mode: whole, backend: hami}
        inventory: {nodes: {n: {cards: [{uuid: g, product: x, memory: 81920Mi, pools: [half, small, p]}]}}}
        profiles:
          - display_name: A
            gpu:
              choices:
                - {id: half, pool: half, mig_instances: 1}
                - {id: small, pool: small, mig_instances: 7}

        """

    @Test func `a card is in pools whose instances are made on demand, and in one of whole cards`() throws {
        let outcome = try Sample(Self.cut).load()
        expect(outcome.faults, are: [])
        let site = try #require(outcome.site)
        #expect(site.inventory.pools.map(\.migLayout) == [.onDemand, .onDemand, .fixed])
        #expect(site.inventory.nodes[0].cards[0].pools == ["half", "small", "p"])
    }

    @Test(arguments: [
        (
            "backend: hami-mig, settings: {instance_mib: \"40192\"}", "backend: nvidia",
            #"pools.half.mig_layout: "nvidia" makes no MIG instances on demand. Name a backend that does, such as "#
                + "`hami-mig` or `dra`, or one of your own with `mig_on_demand: true`; or write `mig_layout: static`."
        ),
        (
            "81920Mi", "40Gi",
            "cards[0].pools[0]: no card with 40960Mi can be cut into MIG instances 3g.40gb. Write the card's memory as "
                + "`nvidia-smi` prints it, or name a pool whose `mig_profile` the card has."
        ),
        (
            "pools: [half, small, p]",
            "mig: [{profile: 3g.40gb, memory: 40192Mi, pools: [half]}]",
            "mig[0].pools[0]: the pool's instances are made on demand, and these are there. Put the card itself into the "
                + "pool, without `mig`, or write `mig_layout: static` in the pool."
        ),
        ("mig_instances: 7", "mig_instances: 8", "8 are more than any node has in this pool (7)"),
        (
            "half, mig_instances: 1", "half, mig_instances: 2",
            #"a server gets one of the pool "half", whatever it asks for. Write `mig_instances: 1`."#
        ),
        ("p: {mode: whole", "p: {mode: whole, mig_layout: on_demand", "goes with `mode: mig`"),
    ])
    func `what cannot be made on demand is refused with what to write`(
        text: String, by other: String, fault: String
    ) throws {
        let found = try faults(in: Self.cut.replacing(text, with: other))
        #expect(found.contains { $0.contains(fault) }, "\(found)")
    }

    @Test(arguments: [
        ("mode: shared, backend: time-slicing, units_per_device: 8", "mode: whole", true),
        (
            "mode: shared, backend: time-slicing, units_per_device: 8",
            "mode: shared, backend: mps, units_per_device: 8", true
        ),
        ("mode: whole", "mode: whole, backend: dra, settings: {claim_template: t}", true),
        ("mode: whole", "mode: whole, backend: [nvidia, kai-queue], settings: {queue: q}", false),
        ("mode: whole", "mode: shared, resource: x/y, unit: 1Gi", false),
        ("mode: whole, backend: hami", "mode: shared, backend: hami, unit: 1Mi", false),
    ])
    func `a card is not in pools of two backends of which a node is set up for one`(
        first: String, second: String, isFault: Bool
    ) throws {
        let text = """
            pools: {a: {\(first)}, b: {\(second)}}
            inventory: {nodes: {n: {cards: [{uuid: g, product: x, memory: 80Gi, pools: [a, b]},
              {uuid: h, product: x, memory: 80Gi, pools: [a, b]}]}}}

            """
        let found = try faults(in: text)
        #expect(found.count == (isFault ? 1 : 0), "\(found)")
        #expect(found.allSatisfy { $0.contains("cards[0].pools[1]: the pool is given by") }, "\(found)")
    }

    @Test func `a site's backend says which others exclude it, and MIG instances may be shared by MortalGPU`() throws {
        let text = """
            backends: {own: {modes: [shared], resources: {x/z: "${gpu.units}"}, resource: x/z, excludes: [mortalgpu]}}
            pools: {m: {mode: mig, mig_profile: 1g.10gb}, s: {mode: shared, resource: x/y, unit: 1Gi},
              o: {mode: shared, backend: own, unit: 1Gi}}
            inventory: {nodes: {n: {cards: [{uuid: g, product: x, memory: 80Gi,
              mig: [{profile: 1g.10gb, memory: 10Gi, pools: [m, s]}, {profile: 1g.10gb, memory: 10Gi, pools: [s, o]}]}]}}}

            """
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:5:102: inventory.nodes.n.cards[0].mig[1].pools[1]: the pool is given by \"own\", and \"s\" by "
                    + "\"mortalgpu\": a card is set up for one of them. Leave one of the two pools here."
            ])
    }

    @Test func `a time-sliced pool gives no more than one unit`() throws {
        let text = """
            pools: {p: {mode: shared, backend: time-slicing, units_per_device: 8}}
            profiles: [{display_name: A, gpu: {pool: p, request: 20Gi}}]

            """ + Self.card
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:2:54: profiles[0].gpu.request: a server gets one unit of the pool \"p\", which is 10240Mi, "
                    + "whatever it asks for. Ask for at most 10240Mi."
            ])
    }

    @Test func `a site's backend stands in the place of one of the same name`() throws {
        let text = """
            backends: {nvidia: {resources: {amd.com/gpu: "${gpu.count}"}}}
            pools: {p: {mode: whole}}

            """ + Self.card
        let site = try #require(try Sample(text).load().site)
        #expect(site.inventory.pools[0].backend.resources == [GPUBackend.Entry("amd.com/gpu", GPUTemplate(.count))])
        #expect(site.pod.gpuResourcePrefixes.contains("amd.com/"))
    }
}

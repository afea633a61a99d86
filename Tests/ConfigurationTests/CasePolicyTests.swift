// SPDX-License-Identifier: Apache-2.0
import Configuration
import JSONTree
import PodPatching
import SpawnModel
import SpawnPolicy
import Testing

/// The policies of real sites' troubles, said in this language without a fault, and decided as they must be.
@Suite struct CasePolicyTests {
    @Test func `a profile for one group, with a free-text image behind its own gate`() throws {
        let policy = try policy(
            """
            profiles:
              - {display_name: Small, slug: cpu-small, default: true}
              - display_name: GPU slice
                slug: gpu-slice
                allow: {any: [{group: gpu-users}]}
                gpu: {pool: slice, mig_instances: 1}
                custom_image: {allow: {group: image-builders}}

            """ + slices)
        #expect(refusal(policy.decide(["profile": "gpu-slice"], for: user(groups: ["staff"]))) == .profileNotAllowed)
        #expect(refusal(policy.decide(["profile": "no-such-profile"], for: user(groups: ["staff"]))) == .unknownProfile)
        let grant = grant(policy.decide(["profile": "gpu-slice"], for: user(groups: ["gpu-users"])))
        #expect(grant?.gpu == GPURequest(pool: "slice", amount: .migInstances(1)))
        let typed: JSON = ["profile": "gpu-slice", "image--unlisted-choice": "registry.example.org/u/own:1"]
        #expect(refusal(policy.decide(typed, for: user(groups: ["gpu-users"]))) == .customImageNotAllowed)
        #expect(grant?.image == nil)
    }

    @Test func `sizes of which each role opens exactly one, the default among those that are closed`() throws {
        let policy = try policy(
            """
            identity: {issuers: [{issuer: "https://idp.example.org", roles: [roles]}]}
            deployments: {production: {hook_token_file: production.token, trust: auth_state}}
            profiles:
              - display_name: CPU
                default: true
                allow: [{role: size-xs}, {role: size-s}, {role: size-m}]
                profile_options:
                  size:
                    choices:
                      xs: {default: true, allow: {role: size-xs}, kubespawner_override: {mem_limit: 2G}}
                      s: {allow: {role: size-s}, kubespawner_override: {mem_limit: 8G}}
                      m: {allow: {role: size-m}, kubespawner_override: {mem_limit: 16G}}
            """)
        #expect(grant(policy.decide([:], for: user(roles: ["size-m", "size-s"])))?.overrides["mem_limit"] == "8G")
        #expect(grant(policy.decide([:], for: user(roles: ["size-m"])))?.overrides["mem_limit"] == "16G")
        #expect(refusal(policy.decide([:], for: user(roles: ["visitor"]))) == .nothingAllowed)
        #expect(
            refusal(policy.decide(["profile": "cpu", "size": "s"], for: user(roles: ["size-m"]))) == .choiceNotAllowed)
    }

    @Test func `two profiles of which one slug begins the other, with options of one name`() throws {
        let policy = try policy(
            """
            profiles:
              - {display_name: Large, slug: large, profile_options: {image: {choices: {base: {}, geo: {}}}}}
              - display_name: Large with GPU
                slug: large-gpu
                profile_options:
                  image: {choices: {torch: {}, jax: {}}}
                  gpus: {choices: {"1": {}, "2": {}}}
            """)
        #expect(
            grant(policy.decide(["profile": "large", "image": "geo"], for: user()))?.choices.map(\.value) == ["geo"])
        #expect(refusal(policy.decide(["profile": "large", "gpus": "2"], for: user())) == .unknownOption)
        #expect(refusal(policy.decide(["profile": "large", "image": "jax"], for: user())) == .unknownChoice)
    }

    @Test func `a base that keeps one start's settings out of the next`() throws {
        let policy = try policy(
            """
            base: {node_selector: {pool: user}, tolerations: [], environment: {}}
            profiles:
              - display_name: GPU
                gpu: {pool: whole, cards: 1}
                kubespawner_override:
                  node_selector: {pool: gpu}
                  tolerations: [{key: gpu, operator: Exists, effect: NoSchedule}]
                  environment: {CUDA_CACHE: /scratch/cuda}
                  mem_limit: null
                  image: registry.example.org/cuda:3
              - {display_name: CPU, default: true, kubespawner_override: {mem_limit: 4G, image: "registry.example.org/base:3"}}
            pools: {whole: {mode: whole}}
            inventory: {nodes: {n: {cards: [{uuid: a, product: x, memory: 80Gi, pools: [whole]}]}}}
            """)
        let cpu = grant(policy.decide(["profile": "cpu"], for: user()))
        #expect(cpu?.gpu == nil)
        #expect(cpu?.overrides["node_selector"]?["pool"] == "user" && cpu?.overrides["tolerations"] == [])
        #expect(cpu?.overrides["mem_limit"] == "4G" && cpu?.overrides["environment"]?["CUDA_CACHE"] ?? .null == .null)
        #expect(grant(policy.decide(["profile": "gpu"], for: user()))?.overrides["mem_limit"] == .null)
    }

    @Test func `a share whose size must be typed`() throws {
        let policy = try policy(
            """
            profiles:
              - display_name: Share
                gpu: {pool: cards, size: {unit: GiB, min: 2, max: 40, step: 2, default: null}}
            pools: {cards: {mode: shared, resource: gpu.example.org/memory-mib, unit: 1Mi}}
            inventory:
              nodes:
                n:
                  cards:
                    - {uuid: card-0, product: x, memory: 81559Mi, pools: [cards]}
                    - {uuid: card-1, product: x, memory: 81559Mi, pools: [cards]}
            """)
        func size(_ text: String) -> Decision {
            policy.decide(["profile": "share", "gpu-size": JSON(text)], for: user())
        }
        #expect(refusal(policy.decide(["profile": "share"], for: user())) == .sizeMissing)
        #expect(refusal(size("0")) == .sizeOutOfRange && refusal(size("20GB")) == .sizeFormat)
        #expect(grant(size("20"))?.gpu?.amount == .share(request: MiB(20_480), limit: MiB(20_480)))
    }

    @Test func `a walltime for each kind of profile, and a shorter one for a workshop`() throws {
        let policy = try policy(
            """
            profiles:
              - {display_name: GPU, gpu: {pool: slice, mig_instances: 1}, walltime: 8h}
              - {display_name: CPU, walltime: 7d}
            rules: [{when: {group: workshop}, set: {walltime: {$min: 4h}}}]

            """ + slices)
        func walltime(_ profile: String, _ groups: [String]) -> Duration? {
            grant(policy.decide(["profile": JSON(profile)], for: user(groups: groups)))?.walltime
        }
        #expect(walltime("gpu", ["staff"]) == .seconds(28_800))
        #expect(walltime("cpu", ["staff"]) == .seconds(604_800))
        #expect(walltime("gpu", ["staff", "workshop"]) == .seconds(14_400))
    }

    private let slices = """
        pools: {slice: {mode: mig, mig_profile: 1g.10gb}}
        inventory:
          nodes:
            n: {cards: [{uuid: a, product: x, memory: 80Gi, mig: [{profile: 1g.10gb, memory: 9728Mi, pools: [slice], count: 3}]}]}
        """

    private func policy(_ text: String) throws -> Policy {
        let outcome = try Sample(text).load()
        expect(outcome.faults + outcome.warnings, are: [])
        return try #require(outcome.site).policy
    }

    private func user(roles: [String] = [], groups: [String] = []) -> Subject {
        Subject(
            name: "ada", isAdmin: false, deployment: "production", roles: roles, groups: groups, entitlements: [],
            claims: .emptyObject, posix: nil)
    }

    private func refusal(_ decision: Decision) -> Refusal.Reason? {
        if case .refuse(let refusal) = decision { refusal.reason } else { nil }
    }

    private func grant(_ decision: Decision) -> Grant? {
        if case .allow(let grant) = decision { grant } else { nil }
    }
}

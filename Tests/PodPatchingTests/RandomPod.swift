// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

@testable import PodPatching

/// Pods that no hub would make, but each is valid, has members that nobody knows, and stands in nobody's way.
struct RandomPod {
    private var random: SplitMix

    init(seed: UInt64) { random = SplitMix(state: seed) }

    mutating func pod() -> JSON {
        var spec = object([
            ("nodeSelector", maybe { $0.pick([["pool": "gpu"], ["pool": "user"], ["disk": "ssd"], [:]]) }),
            ("tolerations", maybe { $0.some(of: Self.tolerations) }),
            ("runtimeClassName", maybe { $0.pick(["nvidia", nil]) }),
            ("activeDeadlineSeconds", maybe { $0.pick([60, 999_999]) }),
            ("securityContext", maybe { $0.podSecurity() }),
            ("affinity", maybe { $0.pick(Self.affinities) }),
            ("priorityClassName", maybe { $0.pick(["low", "notebooks"]) }),
        ])
        let names = ["notebook", "viewer", "mesh", "proxy"]
        spec["containers"] = list(names.prefix(1 + random.below(4)).map { $0 }.shuffled(using: &random))
        if random.below(2) == 0 { spec["initContainers"] = list(["setup", "chown"]) }
        spec["volumes"] = maybe { _ in [["name": "home", "emptyDir": [:], "x-kept": 1]] }
        var pod = object([("apiVersion", "v1"), ("kind", "Pod"), ("metadata", metadata())])
        pod["spec"] = JSON(spec)
        return JSON(pod)
    }

    mutating func context() -> PodContext {
        let gpu = pick([nil, Site.oneCard, Site.twoCards, Site.oneSlice, Site.share])
        return random.below(2) == 0 ? Site.context(gpu) : Site.fullContext(gpu)
    }

    /// Terms under which none of these pods is refused.
    mutating func terms() -> PodTerms {
        var terms = random.below(2) == 0 ? Site.full : Site.bare
        terms.security = pick([.asTheHubSays, .restricted])
        terms.fsGroup = pick([.keep, .remove])
        terms.supplementalGroups = pick([.keep, .replace])
        terms.sidecars?.areNative = random.below(2) == 0
        return terms
    }

    // MARK: - Parts

    private mutating func list(_ names: [String]) -> JSON {
        JSON(names.map { name in container(name) })
    }

    private mutating func container(_ name: String) -> JSON {
        JSON(
            object([
                ("name", JSON(name)), ("env", maybe { $0.some(of: Self.variables) }),
                ("resources", maybe { $0.resources() }),
                ("securityContext", maybe { $0.pick(Self.securityContexts) }),
                ("volumeMounts", maybe { $0.some(of: Self.mounts) }),
                ("restartPolicy", name == "setup" ? maybe { _ in "Always" } : nil),
            ])
        )
    }

    private mutating func metadata() -> JSON {
        JSON(
            object([
                ("name", "p"), ("labels", maybe { _ in ["app": "jupyterhub", "berth.io/profile": "forged"] }),
                (
                    "annotations",
                    maybe { _ in ["gpu.example.org/limit": "1Mi", "berth.io/gpu-pool": "a100", "k": "é\n"] }
                ),
            ])
        )
    }

    private mutating func resources() -> JSON {
        JSON(object([("limits", maybe { $0.amounts() }), ("requests", maybe { $0.amounts() })]))
    }

    private mutating func amounts() -> JSON {
        JSON(
            object(
                [
                    ("cpu", maybe { $0.pick([2, "500m", "3.5"]) }),
                    ("memory", maybe { $0.pick([2_147_483_648, "4Gi"]) }),
                    ("nvidia.com/gpu", maybe { $0.pick([0, "0", 1, "2", "1000m"]) }),
                    ("mortalgpu/v100", maybe { $0.pick([0, "16"]) }),
                ],
                unknown: false
            )
        )
    }

    private mutating func podSecurity() -> JSON {
        JSON(
            object([
                ("fsGroup", maybe { _ in 100 }), ("supplementalGroups", maybe { $0.some(of: [100, 30_001, 5]) }),
                ("runAsUser", maybe { _ in 1000 }),
            ])
        )
    }

    private static let tolerations: [JSON] = [
        ["key": "gpu", "operator": "Exists", "effect": "NoSchedule"], ["key": "mine", "operator": "Exists"],
        ["key": "hub.jupyter.org/dedicated", "operator": "Equal", "value": "user", "effect": "NoSchedule"],
    ]
    private static let affinities: [JSON] = [
        [:], ["podAffinity": [:]],
        [
            "nodeAffinity": [
                "requiredDuringSchedulingIgnoredDuringExecution": [
                    "nodeSelectorTerms": [["matchExpressions": [["key": "a", "operator": "Exists"]]], [:]]
                ]
            ]
        ],
    ]
    private static let variables: [JSON] = [
        ["name": "NVIDIA_VISIBLE_DEVICES", "value": "all"], ["name": "NVIDIA_VISIBLE_DEVICES", "value": "void"],
        ["name": "NVIDIA_VISIBLE_DEVICES", "valueFrom": ["fieldRef": ["fieldPath": "x"]]],
        ["name": "OMP_NUM_THREADS", "value": "7"], ["value": "1", "name": "A", "x-kept": 1],
        ["name": "SCRATCH", "value": "/scratch"], ["name": "CUDA_CACHE", "value": "c"],
        ["name": "BERTH_WALLTIME_S", "value": "1"], ["name": "JUPYTERHUB_API_TOKEN", "value": "put-back-later"],
    ]
    private static let securityContexts: [JSON] = [
        [:], ["runAsUser": 1000, "runAsNonRoot": false], ["privileged": true, "allowPrivilegeEscalation": true],
        ["capabilities": ["add": ["NET_ADMIN"], "drop": ["ALL"]]], ["seccompProfile": ["type": "Unconfined"]],
    ]
    private static let mounts: [JSON] = [
        ["name": "home", "mountPath": "/home/ana"], ["mountPath": "/proc/meminfo", "name": "home", "x-kept": 1],
        ["name": "home", "mountPath": "/proc/cpuinfo/"],
    ]

    // MARK: - Choices

    /// An object of the members that are there, with one that nobody knows somewhere among them.
    private mutating func object(_ members: [(String, JSON?)], unknown: Bool = true) -> JSONObject {
        var object = JSONObject()
        let place = random.below(members.count)
        for (index, member) in members.enumerated() {
            if unknown, index == place { object["x-unknown"] = JSON(numberSpelling: "1.50e1") }
            object[member.0] = member.1
        }
        return object
    }

    private mutating func maybe(_ make: (inout RandomPod) -> JSON?) -> JSON? {
        switch random.below(8) {
        case 0...4: make(&self)
        case 5: .some(.null)
        default: nil
        }
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value { values[random.below(values.count)] }

    private mutating func some(of values: [JSON]) -> JSON {
        JSON(values.shuffled(using: &random).prefix(random.below(values.count + 1)).map { $0 })
    }
}

/// Numbers that only a seed decides.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

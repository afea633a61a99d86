// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

@testable import PodPatching

/// A made-up facility: its pools, what it says for every pod, and the people who start servers there.
enum Site {
    static let card = Pool(
        name: "a100",
        displayName: "A100",
        mode: .whole,
        resourceName: "nvidia.com/gpu",
        nodeSelector: ["pool": "gpu"],
        tolerations: [["key": "gpu", "operator": "Exists", "effect": "NoSchedule"]],
        runtimeClassName: "nvidia"
    )
    static let slice = Pool(
        name: "a100-1g",
        displayName: "A100 slice",
        mode: .mig(MIGProfile("1g.10gb")),
        resourceName: "nvidia.com/mig-1g.10gb",
        nodeSelector: ["nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB-MIG-1g.10gb"],
        tolerations: [["key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"]],
        runtimeClassName: "nvidia"
    )
    static let shared = Pool(
        name: "a100-shared",
        displayName: "Shared A100",
        mode: .shared(Pool.SharedTerms(unit: MiB(512), overcommitPercent: 200, sharersMax: 8)),
        resourceName: "mortalgpu/a100-shared",
        backend: limited,
        nodeSelector: ["accelerator": "a100"]
    )

    /// Units, and the limit by annotation.
    private static var limited: GPUBackend {
        var backend = GPUBackend.units(of: "mortalgpu/a100-shared")
        backend.annotations = [
            GPUBackend.Entry("gpu.example.org/limit", GPUTemplate([.fact(.limitMiB), .literal("Mi")]))
        ]
        return backend
    }

    static let twoCards = PodContext.GPU(pool: card, amount: .cards(2))
    static let oneCard = PodContext.GPU(pool: card, amount: .cards(1))
    static let oneSlice = PodContext.GPU(
        pool: slice,
        amount: .migInstances(1),
        placement: [Reservation.Placement(node: "gpu-1", device: "MIG-0a", units: 1)]
    )
    static let share = PodContext.GPU(pool: shared, amount: .share(request: MiB(10_000), limit: MiB(20_480)))

    /// Nothing but the pools: what every site has.
    static var bare: PodTerms {
        var terms = PodTerms()
        terms.gpuResourcePrefixes = ["nvidia.com/", "mortalgpu/"]
        terms.pools = [card, slice, shared]
        return terms
    }

    /// Everything that can be said.
    static var full: PodTerms {
        var terms = bare
        terms.security = .restricted
        terms.strictSupplementalGroups = true
        terms.fsGroup = .remove
        terms.lxcfs = try? PodTerms.LXCFS(
            hostDirectory: "/var/lib/lxcfs",
            files: PodTerms.LXCFS.usualFiles,
            nodes: PodTerms.LXCFS.Nodes(label: .init(key: "site.example.org/lxcfs", value: "true"))
        )
        terms.environment = [
            PodTerms.EnvironmentVariable("SCRATCH", "/scratch"),
            PodTerms.EnvironmentVariable("NODE", valueFrom: ["fieldRef": ["fieldPath": "spec.nodeName"]]),
        ]
        terms.threadCountVariables = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]
        terms.volumes = [
            ["name": "site-data", "persistentVolumeClaim": ["claimName": "data"]],
            ["name": "site-accounts", "configMap": ["name": "accounts"]],
        ].compactMap(PodTerms.Volume.init)
        terms.volumeMounts = [["name": "site-data", "mountPath": "/site/data", "readOnly": true]]
            .compactMap(PodTerms.VolumeMount.init)
        terms.volumeMountsEverywhere = ["passwd", "group"].compactMap { file in
            PodTerms.VolumeMount([
                "name": "site-accounts", "mountPath": "/etc/\(file)", "subPath": "\(file)", "readOnly": true,
            ])
        }
        terms.nodeSelector = ["pool": "user"]
        terms.tolerations = [["key": "hub.jupyter.org/dedicated", "value": "user", "effect": "NoSchedule"]]
        terms.priorityClassName = "notebooks"
        terms.labels = ["site.example.org/kind": "notebook"]
        terms.annotations = ["site.example.org/contact": "scientific-computing"]
        terms.gpuEnvironment = ["CUDA_CACHE"]
        terms.sidecars = sidecars
        return terms
    }

    static var sidecars: PodTerms.Sidecars {
        var sidecars = PodTerms.Sidecars(image: "registry.example.org/berth:1", berthURL: "http://berth.hub:8080")
        sidecars.areNative = true
        return sidecars
    }

    /// A server of one user, without a GPU unless one is given.
    static func context(_ gpu: PodContext.GPU? = nil) -> PodContext {
        PodContext(
            server: ServerID(deployment: "prod", user: "ana", name: ""),
            reservationID: "r-0001",
            profile: gpu == nil ? "cpu" : "gpu",
            gpu: gpu
        )
    }

    /// The same with a walltime, a token and numbers of the user's own.
    static func fullContext(_ gpu: PodContext.GPU? = nil) -> PodContext {
        var context = context(gpu)
        context.walltime = .seconds(28_800)
        context.tokens = [TokenHandOff(audience: "https://arc.example.org", file: "/run/berth/token")]
        context.posix = PosixIdentity(uid: 10_010, gid: 20_000, supplementalGroups: [30_002, 30_001, 20_000])
        return context
    }
}

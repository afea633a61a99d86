// SPDX-License-Identifier: Apache-2.0
import Configuration
import JSONTree
import PodPatching
import SpawnModel
import SpawnPolicy
import Testing

@Suite struct PodSectionTests {
    @Test func `every key of the section reaches the pod's terms`() throws {
        let text = """
            pod:
              container: main
              security: as-the-hub-says
              supplemental_groups: keep
              strict_supplemental_groups: true
              fs_group: remove
              environment: {A: 1, B: {valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}}
              thread_count_variables: [OMP_NUM_THREADS]
              volumes: [{name: home, nfs: {server: s, path: /h}}]
              volume_mounts: [{name: home, mountPath: /home}]
              volume_mounts_everywhere: [{name: home, mountPath: /etc/passwd, subPath: p}]
              node_selector: {a: true-ish}
              tolerations: [{operator: Exists}]
              runtime_class: r
              priority_class: p
              labels: {x/y: z}
              annotations: {k: "5"}
              gpu_resource_prefixes: [amd.com/]
              gpu_environment: [CUDA_CACHE]
              deadline_grace: 10m
              lxcfs: {host_dir: /lxcfs, files: [proc/meminfo], node_label: l=yes, node_condition: C, otherwise: refuse}
              claims_are_nfs: true
              sidecars:
                image: r.io/berth:1
                berth_url: http://berth:8080
                image_pull_policy: Always
                native: false
                walltime_command: []
                token_command: [t]
                resources: {cpu_request: 1m, cpu_limit: 2m, memory_request: 3Mi, memory_limit: 4Mi}
                credential_secret: s
                credential_key: k
            """
        let outcome = try Sample(text).load()
        expect(outcome.faults + outcome.warnings, are: [])
        let pod = try #require(outcome.site).pod
        #expect(pod.container == "main" && pod.security == .asTheHubSays && pod.supplementalGroups == .keep)
        #expect(pod.strictSupplementalGroups && pod.fsGroup == .remove)
        #expect(
            pod.environment == [
                .init("A", "1"), .init("B", valueFrom: ["fieldRef": ["fieldPath": "spec.nodeName"]]),
            ])
        #expect(pod.threadCountVariables == ["OMP_NUM_THREADS"] && pod.gpuEnvironment == ["CUDA_CACHE"])
        #expect(pod.volumes.map(\.name) == ["home"])
        #expect(pod.volumeMounts.map(\.path) == ["/home"] && pod.volumeMountsEverywhere.map(\.path) == ["/etc/passwd"])
        #expect(pod.nodeSelector == ["a": "true-ish"] && pod.tolerations == [["operator": "Exists"]])
        #expect(pod.runtimeClassName == "r" && pod.priorityClassName == "p")
        #expect(pod.labels == ["x/y": "z"] && pod.annotations == ["k": "5"])
        #expect(pod.gpuResourcePrefixes == ["amd.com/"] && pod.deadlineGrace == .seconds(600))
        #expect(pod.lxcfs?.files.map(\.hostPath) == ["/lxcfs/proc/meminfo"])
        #expect(pod.lxcfs?.nodes.label == .init(key: "l", value: "yes"))
        #expect(pod.lxcfs?.nodes.condition == "C" && pod.lxcfs?.nodes.otherwise == .refuse && pod.claimsAreNFS)
        let sidecars = try #require(pod.sidecars)
        #expect(
            sidecars.image == "r.io/berth:1" && sidecars.berthURL == "http://berth:8080" && sidecars.areNative == false)
        #expect(
            sidecars.imagePullPolicy == "Always" && sidecars.walltimeCommand == [] && sidecars.tokenCommand == ["t"])
        #expect(sidecars.resources.memoryLimit == "4Mi" && sidecars.resources.cpuRequest == "1m")
        #expect(sidecars.credentialSecret == "s" && sidecars.credentialKey == "k")
    }

    @Test func `what nobody writes is left to what is known of users and cluster`() throws {
        let outcome = try Sample("pod: {sidecars: {image: i, berth_url: \"http://b\", native: auto}}").load()
        let pod = try #require(outcome.site).pod
        #expect(pod.fsGroup == nil && pod.sidecars?.areNative == nil && pod.lxcfs == nil && !pod.claimsAreNFS)
        #expect(try #require(Sample("pod: {security: restricted}").load().site).pod.security == .restricted)
    }

    @Test func `a profile's word on its pods stands beside the site's`() throws {
        let outcome = try Sample(
            """
            profiles:
              - {slug: a, display_name: A, security: restricted, lxcfs: false}
              - {slug: b, display_name: B}
            """
        ).load()
        let profiles = try #require(outcome.site).policy.profiles
        #expect(profiles[0].switches == PodSwitches(security: .restricted, lxcfs: false))
        #expect(profiles[1].switches == PodSwitches())
    }

    @Test func `LXCFS in restricted pods is warned of where they are restricted`() throws {
        func warnings(_ pod: String, _ profile: String = "{slug: a, display_name: A}") throws -> [String] {
            try Sample("profiles: [\(profile)]\npod: \(pod)").load().warnings
        }
        let forbidden =
            "forbids host paths, by which LXCFS comes: a namespace that enforces the standard refuses such pods"
        let site = try warnings("{security: restricted, lxcfs: {}}")
        #expect(site.count == 1 && site[0].contains("pod.security: " + forbidden))
        let profile = try warnings("{lxcfs: {}}", "{slug: a, display_name: A, security: restricted}")
        #expect(profile.count == 1 && profile[0].contains("profiles[0].security: " + forbidden))
        for (pod, profile) in [
            ("{security: restricted, lxcfs: {host_paths_allowed: true}}", "{slug: a, display_name: A}"),
            ("{security: restricted, lxcfs: {}}", "{slug: a, display_name: A, lxcfs: false}"),
            ("{security: restricted, lxcfs: {}}", "{slug: a, display_name: A, security: as-the-hub-says}"),
            ("{security: restricted}", "{slug: a, display_name: A}"), ("{lxcfs: {}}", "{slug: a, display_name: A}"),
        ] {
            #expect(try warnings(pod, profile) == [], "\(pod) \(profile)")
        }
    }

    @Test func `a volume of the site's own that the standard forbids is warned of by its type`() throws {
        let volumes = "[{name: home, nfs: {server: s, path: /h}}, {name: c, persistentVolumeClaim: {claimName: c}}]"
        let warnings = try Sample("pod: {security: restricted, volumes: \(volumes)}").load().warnings
        #expect(warnings.count == 1 && warnings[0].contains("pod.volumes[0].nfs: the restricted standard"))
        #expect(try Sample("pod: {volumes: \(volumes)}").load().warnings == [])
    }

    @Test func `sidecars in a cluster need a key that signs their credential`() throws {
        let sidecars = #"pod: {sidecars: {image: r.io/berth:1, berth_url: "http://berth:8080"}}"#
        let faults = try Sample(sidecars + "\nkubernetes: {kubeconfig: k.yaml}").load().faults
        #expect(faults.contains { $0.contains("seal") && $0.contains("pod.sidecars") }, "\(faults)")
        #expect(try Sample(sidecars).load().faults.isEmpty)
    }

    @Test func `a file that the runtime lets nobody mount over is refused, case 22a`() throws {
        let text = """
            pod:
              lxcfs:
                host_dir: /var/lib/lxcfs
                files: [proc/cpuinfo, proc/meminfo, proc/pressure, sys/devices/system/cpu/online]
                node_label: site.example.org/lxcfs
                runtime_allows: [proc/cpuinfo, proc/meminfo, sys/devices/system/cpu/online]
            """
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:4:41: pod.lxcfs.files[2]: the runtime does not allow a mount over \"proc/pressure\", and no pod would "
                    + "start. Remove it, or add it to `runtime_allows` once the container runtime allows it."
            ])
        expect(try faults(in: text.replacing("proc/pressure, ", with: "")), are: [])
    }

    @Test(arguments: [
        (
            "lxcfs: {files: [proc/cpuinfo]}",
            "pod.lxcfs.files[0]: \"proc/cpuinfo\" without \"sys/devices/system/cpu/online\" shows two different CPU counts. Add \"sys/devices/system/cpu/online\", or remove this one."
        ),
        (
            "lxcfs: {files: [/proc/meminfo]}",
            "pod.lxcfs.files[0]: \"/proc/meminfo\" is not a path below `host_dir`. Write it without a slash at its start and without `..`, such as `proc/meminfo`."
        ),
        (
            "lxcfs: {host_dir: lxcfs}",
            "pod.lxcfs.host_dir: \"lxcfs\" is not an absolute path. Write where LXCFS is mounted on nodes, such as `/var/lib/lxcfs`."
        ),
        ("lxcfs: {files: [proc/stat, proc/stat]}", "pod.lxcfs.files[0]: \"proc/stat\" stands here twice. Keep one."),
        (
            "environment: {A: {secret: b}}",
            "pod.environment.A: is no `valueFrom`. Write text, or `{valueFrom: {…}}` as in Kubernetes."
        ),
        (
            "environment: {API_TOKEN: abc}",
            "pod.environment.API_TOKEN: a secret may not stand in this file. Let the pod take it from a Kubernetes Secret: `{valueFrom: {secretKeyRef: …}}`."
        ),
        ("volumes: [{nfs: {}}]", "pod.volumes[0]: has no `name`. Write a Kubernetes volume: `{name: …, …}`."),
        (
            "volume_mounts: [{name: a}]",
            "pod.volume_mounts[0]: lacks `name` or `mountPath`. Write a Kubernetes volume mount: `{name: …, mountPath: …}`."
        ),
        (
            "volumes: [{name: a}, {name: a}]",
            "pod.volumes[1]: the volume name \"a\" is taken already (berth.yaml:1:17). Give each its own."
        ),
        (
            "sidecars: {image: a, berth_url: berth}",
            "pod.sidecars.berth_url: \"berth\" is not a URL. Write one such as `http://berth.jupyter:8090`."
        ),
    ])
    func `what no pod could start with is refused`(pod: String, fault: String) throws {
        let found = try faults(in: "pod: {\(pod)}\n").map { String($0.drop { $0 != " " }.dropFirst()) }
        expect(found, are: [fault])
    }
}

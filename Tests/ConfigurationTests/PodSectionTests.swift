// SPDX-License-Identifier: Apache-2.0
import Configuration
import JSONTree
import PodPatching
import Testing

@Suite struct PodSectionTests {
    @Test func `every key of the section reaches the pod's terms`() throws {
        let text = """
            pod:
              container: main
              security: restricted
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
              lxcfs: {host_dir: /lxcfs, files: [proc/meminfo], node_label: l=yes}
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
        #expect(pod.container == "main" && pod.security == .restricted && pod.supplementalGroups == .keep)
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
        #expect(pod.lxcfs?.nodeLabel == .init(key: "l", value: "yes"))
        let sidecars = try #require(pod.sidecars)
        #expect(sidecars.image == "r.io/berth:1" && sidecars.berthURL == "http://berth:8080" && !sidecars.areNative)
        #expect(
            sidecars.imagePullPolicy == "Always" && sidecars.walltimeCommand == [] && sidecars.tokenCommand == ["t"])
        #expect(sidecars.resources.memoryLimit == "4Mi" && sidecars.resources.cpuRequest == "1m")
        #expect(sidecars.credentialSecret == "s" && sidecars.credentialKey == "k")
    }

    @Test func `sidecars whose programs this version does not have are warned of`() throws {
        let text = """
            pod:
              sidecars: {image: r.io/berth:1, berth_url: "http://berth:8080", token_command: []}
            """
        let outcome = try Sample(text).load()
        #expect(outcome.faults.isEmpty && outcome.warnings.count == 1)
        #expect(outcome.warnings[0].contains("has no `berth walltime`"))
        #expect(outcome.warnings[0].contains("set `walltime_command` to"))
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

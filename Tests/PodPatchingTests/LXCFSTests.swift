// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

@testable import PodPatching

struct LXCFSTests {
    static func terms(
        _ files: [String] = PodTerms.LXCFS.usualFiles,
        value: String? = "true"
    ) throws -> PodTerms {
        var terms = PodTerms()
        terms.lxcfs = try PodTerms.LXCFS(
            hostDirectory: "/var/lib/lxcfs/",
            files: files,
            nodes: PodTerms.LXCFS.Nodes(label: .init(key: "site.example.org/lxcfs", value: value))
        )
        return terms
    }

    static let pod = """
        {"initContainers": [{"name": "setup"}], "containers": [{"name": "notebook",
        "volumeMounts": [{"name": "own", "mountPath": "/proc/meminfo"}]}], "volumes": [{"name": "own", "emptyDir": {}}]}
        """

    @Test func `every container has each file once, and a mount of its own is left alone and told`() throws {
        let terms = try Self.terms()
        let patched = try terms.patch(Pods.pod(Self.pod), for: Site.context())
        let paths = PodTerms.LXCFS.usualFiles.map { "/" + $0 }
        for container in patched.pod.containers {
            #expect(container.names("volumeMounts", "mountPath").sorted() == paths.sorted())
        }
        #expect(
            patched.pod.container("notebook")?.entries("volumeMounts", "mountPath", "/proc/meminfo").first?["name"]
                == "own"
        )
        #expect(patched.warnings == ["container notebook has its own mount at /proc/meminfo"])
    }

    @Test func `a file comes by host path of type File, read-only, and follows mounts of the host`() throws {
        let pod = try Self.terms().patch(Pods.pod(Self.pod), for: Site.context()).pod
        let path = "/sys/devices/system/cpu/online"
        let online = "berth-lxcfs-sys-devices-system-cpu-online"
        #expect(
            pod.at("/spec")?.entries("volumes", "name", online).first?.text
                == #"{"name":"\#(online)","hostPath":{"path":"/var/lib/lxcfs\#(path)","type":"File"}}"#
        )
        #expect(
            pod.container("setup")?.entries("volumeMounts", "name", online).first?.text
                == #"{"name":"\#(online)","mountPath":"\#(path)","readOnly":true,"mountPropagation":"HostToContainer"}"#
        )
    }

    @Test func `a container with a CPU file of its own gets neither of the two`() throws {
        let pod = try Pods.pod(
            """
            {"containers": [{"name": "notebook", "volumeMounts": [{"name": "own", "mountPath": "/proc/cpuinfo/"}]}],
            "volumes": [{"name": "own", "emptyDir": {}}]}
            """
        )
        let paths =
            try Self.terms().patch(pod, for: Site.context()).pod.container("notebook")?
            .names("volumeMounts", "mountPath") ?? []
        #expect(paths.contains("/proc/meminfo"))
        #expect(!paths.contains("/sys/devices/system/cpu/online"))
        #expect(paths.filter { $0.hasPrefix("/proc/cpuinfo") } == ["/proc/cpuinfo/"])
    }

    @Test func `the label is asked for in every alternative that could match a node`() throws {
        let required = "requiredDuringSchedulingIgnoredDuringExecution"
        let pod = try Pods.pod(
            """
            {"containers": [{"name": "notebook"}], "affinity": {"nodeAffinity": {"\(required)": {"nodeSelectorTerms": [
            {"matchExpressions": [{"key": "a", "operator": "Exists"}]},
            {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]},
            {}]}}}}
            """
        )
        let terms = try Self.terms().patch(pod, for: Site.context()).pod
            .at("/spec/affinity/nodeAffinity/\(required)/nodeSelectorTerms")
        let label: JSON = ["key": "site.example.org/lxcfs", "operator": "In", "values": ["true"]]
        #expect(terms?[0]?["matchExpressions"]?.array?.last == label)
        #expect(terms?[1]?["matchExpressions"] == [label])
        #expect(terms?[1]?["matchFields"]?.array?.count == 1)
        #expect(terms?[2]?.text == "{}")
    }

    @Test func `a label of any value is asked to exist`() throws {
        let pod = try Self.terms(value: nil).patch(Pods.pod(Self.pod), for: Site.context()).pod
        #expect(
            pod.at("/spec/affinity")?.text.contains(#"{"key":"site.example.org/lxcfs","operator":"Exists"}"#) == true
        )
    }

    @Test func `a volume of that name with another content is a conflict`() throws {
        let pod = try Pods.pod(
            """
            {"containers": [{"name": "notebook"}],
            "volumes": [{"name": "berth-lxcfs-proc-stat", "hostPath": {"path": "/etc"}}]}
            """
        )
        #expect(throws: PodPatchError.volumeNameTaken("berth-lxcfs-proc-stat")) {
            try Self.terms().patch(pod, for: Site.context())
        }
    }

    @Test func `a container that came later gets its files at the next patch`() throws {
        let terms = try Self.terms()
        var pod = try terms.patch(Pods.pod(Self.pod), for: Site.context()).pod
        let before = pod.container("notebook")?.text
        pod["spec"]?["containers"]?.append(["name": "mesh-proxy", "image": "mesh:1"])
        let patched = try terms.patch(pod, for: Site.context()).pod
        let proxy = try #require(patched.container("mesh-proxy"))
        #expect(proxy.names("volumeMounts", "mountPath").count == PodTerms.LXCFS.usualFiles.count)
        #expect(proxy.variable("NVIDIA_VISIBLE_DEVICES") == ["void"])
        #expect(patched.container("notebook")?.text == before)
    }

    @Test func `what cannot work on any node is refused before it is used`() {
        let faults: [([String], PodTerms.LXCFS.Fault)] = [
            ([], .noFiles), (["proc/stat", "proc/stat"], .fileRepeated("proc/stat")),
            (["/proc/stat"], .filePath("/proc/stat")), (["proc/../etc/shadow"], .filePath("proc/../etc/shadow")),
            (["proc/pressure"], .runtimeRefuses("proc/pressure")),
            (["proc/cpuinfo"], .cpuPairSplit(present: "proc/cpuinfo", missing: "sys/devices/system/cpu/online")),
            (
                ["sys/devices/system/cpu/online"],
                .cpuPairSplit(present: "sys/devices/system/cpu/online", missing: "proc/cpuinfo")
            ),
        ]
        for (files, fault) in faults {
            #expect(throws: fault) { try PodTerms.LXCFS(hostDirectory: "/var/lib/lxcfs", files: files) }
        }
        #expect(throws: PodTerms.LXCFS.Fault.hostDirectoryNotAbsolute("lxcfs")) {
            try PodTerms.LXCFS(hostDirectory: "lxcfs", files: ["proc/stat"])
        }
    }

    @Test func `volume names are DNS labels and differ, whatever the paths`() throws {
        let long = "sys/" + String(repeating: "Devices_x/", count: 8) + "end"
        let files = ["proc/net/dev", "proc/net-dev", "proc/net.dev", long, long + "2"]
        let lxcfs = try PodTerms.LXCFS(hostDirectory: "/l", files: files, runtimeAllows: files)
        let names = lxcfs.files.map(\.volume)
        #expect(Set(names).count == files.count)
        for name in names {
            #expect(name.wholeMatch(of: /[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/) != nil, "\(name)")
        }
    }
}

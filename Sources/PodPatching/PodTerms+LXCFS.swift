// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension PodTerms {
    /// Files of the host's LXCFS that stand in for the kernel's, so that a container sees its own limits.
    package struct LXCFS: Sendable, Hashable {
        package let files: [File]
        /// What all files together bring.
        let volumes: NamedEntries
        let mounts: NamedEntries
        package let nodes: Nodes

        /// One file, with the volume that carries it.
        package struct File: Sendable, Hashable {
            package let hostPath: String
            package let mountPath: String
            package let volume: String
            let volumeJSON: JSON
            let mountJSON: JSON

            /// With `File` a missing file stops the pod; without it an empty directory would be made in its place on
            /// the node, over which LXCFS cannot start again.
            fileprivate init(hostPath: String, mountPath: String, volume: String) {
                self.hostPath = hostPath
                self.mountPath = mountPath
                self.volume = volume
                let volumeJSON: JSON = ["name": JSON(volume), "hostPath": ["path": JSON(hostPath), "type": "File"]]
                let mountJSON: JSON = [
                    "name": JSON(volume), "mountPath": JSON(mountPath), "readOnly": true,
                    "mountPropagation": "HostToContainer",
                ]
                self.volumeJSON = volumeJSON.packed
                self.mountJSON = mountJSON.packed
            }
        }

        package enum Fault: Error, Hashable, Sendable {
            case hostDirectoryNotAbsolute(String)
            case noFiles
            case fileRepeated(String)
            /// A path that leads out of the directory, or is written in an unusual way.
            case filePath(String)
            /// The runtime lets nobody mount here, so that no pod would start.
            case runtimeRefuses(String)
            /// One of the two without the other shows two different CPU counts.
            case cpuPairSplit(present: String, missing: String)
        }

        /// The targets that runc 1.1 allows under /proc and LXCFS 5.0 offers, and the file of CPUs that are online.
        package static let usualFiles = [
            "proc/cpuinfo", "proc/diskstats", "proc/loadavg", "proc/meminfo", "proc/slabinfo", "proc/stat",
            "proc/swaps", "proc/uptime", onlineCPUs,
        ]
        static let cpuInfo = "proc/cpuinfo"
        static let onlineCPUs = "sys/devices/system/cpu/online"

        /// - Parameters:
        ///   - hostDirectory: where LXCFS is mounted on nodes, such as `/var/lib/lxcfs`.
        ///   - files: paths below it and, with a slash before them, in the container.
        ///   - runtimeAllows: what the container runtime lets a pod mount over.
        package init(
            hostDirectory: String,
            files: [String],
            nodes: Nodes = Nodes(),
            runtimeAllows: [String] = LXCFS.usualFiles
        ) throws(Fault) {
            guard hostDirectory.hasPrefix("/") else { throw .hostDirectoryNotAbsolute(hostDirectory) }
            try LXCFS.check(files, runtimeAllows: runtimeAllows)
            let root = hostDirectory.hasSuffix("/") ? String(hostDirectory.dropLast()) : hostDirectory
            var taken: Set<String> = []
            self.files = files.map { file in
                File(
                    hostPath: root + "/" + file,
                    mountPath: "/" + file,
                    volume: LXCFS.volume(for: file, taken: &taken)
                )
            }
            self.volumes = NamedEntries(self.files.map { ($0.volume, $0.volumeJSON) })
            self.mounts = NamedEntries(self.files.map { ($0.mountPath, $0.mountJSON) })
            self.nodes = nodes
        }

        private static func check(_ files: [String], runtimeAllows: [String]) throws(Fault) {
            guard !files.isEmpty else { throw .noFiles }
            var seen: Set<String> = []
            for file in files {
                let parts = file.split(separator: "/", omittingEmptySubsequences: false)
                guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else { throw .filePath(file) }
                guard seen.insert(file).inserted else { throw .fileRepeated(file) }
                guard runtimeAllows.contains(file) else { throw .runtimeRefuses(file) }
            }
            if seen.contains(cpuInfo) != seen.contains(onlineCPUs) {
                let present = seen.contains(cpuInfo) ? cpuInfo : onlineCPUs
                throw .cpuPairSplit(present: present, missing: present == cpuInfo ? onlineCPUs : cpuInfo)
            }
        }

        /// A volume name for `file`: a DNS label that no other file has.
        private static func volume(for file: String, taken: inout Set<String>) -> String {
            let name = "berth-lxcfs-" + dnsLabel(file, atMost: 45)
            var unique = name
            var number = 2
            while !taken.insert(unique).inserted {
                unique = "\(name)-\(number)"
                number += 1
            }
            return unique
        }
    }
}

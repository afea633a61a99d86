// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A process of this node, as /proc tells of it.
struct NodeProcess {
    let pid: Int
    let name: String
    let arguments: [String]

    /// Nil for one that is gone, or is the kernel's own.
    private init?(_ pid: Int) {
        guard let line = ProcFile.read("/proc/\(pid)/cmdline"), !line.isEmpty,
            let name = ProcFile.read("/proc/\(pid)/comm")
        else { return nil }
        self.pid = pid
        self.name = String(name.prefix { $0 != "\n" })
        arguments = line.split(separator: "\0").map(String.init)
    }

    static func all() -> [NodeProcess] {
        ProcFile.names(in: "/proc").compactMap { Int($0) }.sorted().compactMap(NodeProcess.init)
    }

    /// One process for each mount namespace but our own that has an LXCFS file over the kernel's, and cannot read it.
    static func withBrokenFiles(among all: [NodeProcess], patience: Duration) -> [NodeProcess] {
        var seen: Set<String?> = [namespace(of: "self")]
        return all.filter { process in
            guard seen.insert(namespace(of: String(process.pid))).inserted else { return false }
            return MountTable.of(String(process.pid)).lxcfsFiles.contains { path in
                FileState(of: "/proc/\(process.pid)/root\(path)", patience: patience) == .disconnected
            }
        }
    }

    private static func namespace(of process: String) -> String? { ProcFile.target(of: "/proc/\(process)/ns/mnt") }
}

/// The process behind LXCFS's mount.
struct LXCFSProcess {
    let pid: Int
    let hasCFS: Bool

    /// Nil unless `process` is LXCFS and serves `directory`.
    init?(_ process: NodeProcess, serving directory: String) {
        guard process.name == "lxcfs", let last = process.arguments.last else { return nil }
        guard last == directory || last == directory + "/" else { return nil }
        pid = process.pid
        hasCFS = process.arguments.contains("--enable-cfs")
    }

    /// As the program tells itself; nil where it cannot be asked.
    var version: String? {
        guard let output = Program.output(of: "/proc/\(pid)/exe", ["lxcfs", "--version"]) else { return nil }
        let version = output.filter { $0 != "\"" && !$0.isWhitespace }
        return version.isEmpty ? nil : version
    }
}

/// A process's mounts: proc(5), `mountinfo`.
struct MountTable {
    private let mounts: [(path: String, type: String)]

    static func of(_ process: String) -> MountTable { MountTable(ProcFile.read("/proc/\(process)/mountinfo") ?? "") }

    init(_ text: String) {
        mounts = text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 4, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count else { return nil }
            return (String(fields[4]), String(fields[dash + 1]))
        }
    }

    func hasLXCFS(at path: String) -> Bool { mounts.contains { $0.path == path && $0.type == "fuse.lxcfs" } }

    /// Where files of LXCFS stand in for the kernel's.
    var lxcfsFiles: [String] {
        mounts.filter { $0.type == "fuse.lxcfs" && ($0.path.hasPrefix("/proc/") || $0.path.hasPrefix("/sys/")) }
            .map(\.path)
    }
}

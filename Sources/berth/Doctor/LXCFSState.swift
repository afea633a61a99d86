// SPDX-License-Identifier: Apache-2.0
import PodPatching

/// What is to be seen of LXCFS on this node; `findings` judges it.
struct LXCFSState {
    let directory: String
    /// The kernel knows of a mount there, whether anybody still serves it or not.
    let isMounted: Bool
    /// Those that serve this directory.
    let processes: [LXCFSProcess]
    /// Each of the usual files, by its path below the directory.
    let files: [(path: String, state: FileState)]
    /// Processes of other mount namespaces, one for each, whose own LXCFS files are broken.
    let brokenContainers: [NodeProcess]

    init(at directory: String, patience: Duration) {
        let root = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        self.directory = root
        isMounted = MountTable.of("self").hasLXCFS(at: root)
        let all = NodeProcess.all()
        processes = all.compactMap { LXCFSProcess($0, serving: root) }
        // One that does not answer makes them all wait, so the first is enough to know.
        var isSilent = false
        files = PodTerms.LXCFS.usualFiles.map { path in
            let state = isSilent ? FileState.silent : FileState(of: "\(root)/\(path)", patience: patience)
            isSilent = state == .silent
            return (path, state)
        }
        brokenContainers = isSilent ? [] : NodeProcess.withBrokenFiles(among: all, patience: patience)
    }
}

extension LXCFSState {
    var findings: [Finding] {
        [mount, process, cfs].compactMap(\.self) + fileFindings + [containers].compactMap(\.self)
    }

    private var isDisconnected: Bool { files.contains { $0.state == .disconnected } }

    private var mount: Finding {
        if isMounted, isDisconnected {
            return .fault(
                "lxcfs mount", "nobody serves \(directory): Transport endpoint is not connected",
                "Run `umount -l \(directory)`, start LXCFS again, then restart the pods that had it: their files stay broken."
            )
        }
        if isMounted { return .ok("lxcfs mount", "LXCFS is mounted at \(directory)") }
        return .fault(
            "lxcfs mount", "LXCFS is not mounted at \(directory)",
            "Install and start it (`systemctl enable --now lxcfs`), or take the label that `pod.lxcfs.node_label` names "
                + "off this node.")
    }

    private var process: Finding {
        guard let process = processes.first else {
            return .fault(
                "lxcfs process", "no process serves \(directory)",
                "Start LXCFS; in a pod, `berth doctor` needs hostPID to see it.")
        }
        if processes.count > 1 {
            let pids = processes.map { String($0.pid) }.joined(separator: ", ")
            return .fault(
                "lxcfs process", "several processes serve \(directory): \(pids)",
                "Drain the node, end them all, unmount \(directory) until nothing is mounted there, and start one.")
        }
        return .ok("lxcfs process", "process \(process.pid)" + (process.version.map { ", version \($0)" } ?? ""))
    }

    private var cfs: Finding? {
        guard let process = processes.first else { return nil }
        if process.hasCFS { return .ok("lxcfs cpu view", "containers see as many CPUs as their quota, rounded up") }
        return .fault(
            "lxcfs cpu view", "LXCFS runs without --enable-cfs, so that containers see all CPUs of the node",
            "Add the option to its unit (ExecStart=/usr/bin/lxcfs --enable-cfs \(directory)), and restart it once the "
                + "node is drained.")
    }

    private var fileFindings: [Finding] {
        let faults = files.compactMap { file in file.state.fault(of: "\(directory)/\(file.path)") }
        // Without the mount there are none, and that is told already.
        guard isMounted || files.contains(where: { $0.state == .directory }) else { return [] }
        if isDisconnected { return [] }
        if files.contains(where: { $0.state == .silent }) {
            return [
                .fault(
                    "lxcfs files", "LXCFS does not answer",
                    "Look whether its process is stopped; `systemctl kill -s CONT lxcfs`, else drain the node and restart it."
                )
            ]
        }
        return faults.isEmpty ? [.ok("lxcfs files", "\(files.count) files can be read")] : faults
    }

    private var containers: Finding? {
        guard !brokenContainers.isEmpty else {
            return isMounted && !isDisconnected ? .ok("lxcfs containers", "none has a broken mount") : nil
        }
        let names = brokenContainers.prefix(5).map { "\($0.pid) (\($0.name))" }.joined(separator: ", ")
        return .fault(
            "lxcfs containers",
            "\(brokenContainers.count) containers hold mounts of an LXCFS that is gone, with processes \(names)",
            "Restart their pods: what is mounted over a file of /proc does not come back by itself.")
    }
}

extension FileState {
    fileprivate func fault(of path: String) -> Finding? {
        switch self {
        case .readable, .disconnected, .silent: nil
        case .directory:
            .fault(
                "lxcfs files", "\(path) is a directory, made in place of the file while LXCFS was away",
                "Stop LXCFS, unmount it, remove what stands in its directory, and start it again; mount with `type: File`."
            )
        case .absent:
            .fault(
                "lxcfs files", "\(path) is missing",
                "Take it off `pod.lxcfs.files`, or install an LXCFS that has it (5.0 or later).")
        case .unreadable(let why):
            .fault(
                "lxcfs files", "\(path) cannot be read: \(why)",
                "Run this as root; else restart LXCFS on a drained node.")
        }
    }
}

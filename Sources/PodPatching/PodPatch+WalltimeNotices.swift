// SPDX-License-Identifier: Apache-2.0
import JSONTree

extension PodDraft {
    /// The memory volume through which the walltime's sidecar reaches the user: JupyterLab and terminals read files in
    /// it, programs ask by a socket. It is for the sidecar to write, and for the server to read.
    ///
    /// Not below `/run/berth`, where tokens often lie: a mount inside another one's read-only volume has no place to be.
    mutating func prepareWalltimeNotices() throws(PodPatchError) {
        let directory = PodKeys.noticeDirectory
        try add(PodDraft.noticeVolume, named: PodKeys.noticeVolume)
        try server.mount(PodDraft.readOnlyNotices, at: directory)
        let warning = server.addJupyterPath(directory + "/jupyter")
        if let warning { report.warnings.append(warning) }
        server.environment.setWhereMissing("MAILPATH", to: PodDraft.mailPath(directory + "/notice.txt"))
        server.environment.setWhereMissing("MAILCHECK", to: "10")
        server.setOwn(PodKeys.walltimeSocket, to: directory + "/socket")
    }

    /// What bash tells at its prompt when the file has changed. In backquotes, since `$(` is Kubernetes' own in a variable.
    private static func mailPath(_ file: String) -> String { "\(file)?`cat \(file)`" }

    private static let noticeVolume = (["name": JSON(PodKeys.noticeVolume), "emptyDir": memory] as JSON).packed
    private static let memory: JSON = ["medium": "Memory", "sizeLimit": "1Mi"]
    private static let readOnlyNotices: JSON = {
        let mount: JSON = [
            "name": JSON(PodKeys.noticeVolume), "mountPath": JSON(PodKeys.noticeDirectory), "readOnly": true,
        ]
        return mount.packed
    }()

    /// Whoever shares the process namespace can read the sidecars' files by /proc, and so their credential.
    mutating func separateProcesses() {
        guard spec.present("shareProcessNamespace")?.bool == true else { return }
        report.removed(spec.remove("shareProcessNamespace"), "the pod's shareProcessNamespace")
    }
}

extension ContainerDraft {
    static let writableNotices: JSON = {
        (["name": JSON(PodKeys.noticeVolume), "mountPath": JSON(PodKeys.noticeDirectory)] as JSON).packed
    }()

    /// In front of what the pod has there, so that an extension of the same name does not hide ours; gives what to tell
    /// where that cannot be.
    fileprivate mutating func addJupyterPath(_ path: String) -> String? {
        let name = "JUPYTER_PATH"
        var paths = [path[...]]
        if let present = environment.first(name) {
            guard let value = present["value"]?.string else {
                return "\(name) comes from elsewhere, so JupyterLab does not show the walltime"
            }
            paths += value.split(separator: ":").filter { $0 != path }
        }
        setOwn(name, to: paths.joined(separator: ":"))
        return nil
    }
}

extension NamedList {
    fileprivate mutating func setWhereMissing(_ variable: String, to value: String) {
        guard !contains(variable) else { return }
        append(PodTerms.EnvironmentVariable(variable, value).json, named: variable)
    }
}

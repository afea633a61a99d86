// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// The files by which notices reach people, in the directory that the server's container sees too.
struct NoticeBoard: Sendable {
    let directory: String
    private let notice: ReplacedFile
    private let kept: ReplacedFile
    private let labState: ReplacedFile
    private let labFiles: [(file: ReplacedFile, content: [UInt8])]

    private static let labDirectory = "jupyter/labextensions/berth-walltime"

    init(_ directory: String) {
        self.directory = directory
        notice = ReplacedFile(path: directory + "/notice.txt", mode: 0o644)
        kept = ReplacedFile(path: directory + "/countdown.json", mode: 0o600)
        let lab = directory + "/" + NoticeBoard.labDirectory
        labState = ReplacedFile(path: lab + "/static/state.json", mode: 0o644)
        labFiles = [
            (ReplacedFile(path: lab + "/static/remoteEntry.js", mode: 0o644), PackageResources.remoteEntry_js),
            // The last, since JupyterLab loads what a package.json names.
            (ReplacedFile(path: lab + "/package.json", mode: 0o644), NoticeBoard.labPackage.bytes),
        ]
    }

    /// Puts there what does not change, and an empty notice where there is none.
    func prepare() throws(SidecarError) {
        try makeDirectories(NoticeBoard.labDirectory + "/static", below: directory)
        for (file, content) in labFiles { try file.replace(with: content) }
        if (try? readFile(notice.path, bytesMax: 65_536)) == nil { try notice.replace(with: []) }
    }

    func post(_ text: String) throws(SidecarError) {
        try notice.replace(with: Array((text + "\n").utf8), looksUnread: true)
    }

    /// What stood there no longer holds; nobody is told anew.
    func clear() throws(SidecarError) { try notice.replace(with: []) }

    func keep(_ state: JSON) throws(SidecarError) { try kept.replace(with: state.bytes) }

    /// What an earlier run kept; nil when there was none.
    func keptState() -> JSON? {
        (try? readFile(kept.path, bytesMax: 65_536)).flatMap { try? JSON(parsing: $0) }
    }

    func showInLab(_ state: JSON) throws(SidecarError) { try labState.replace(with: state.bytes) }

    func forget() { kept.remove() }

    /// What JupyterLab looks for in a prebuilt extension.
    private static let labPackage: JSON = [
        "name": "berth-walltime", "version": "1.0.0", "license": "Apache-2.0",
        "description": "Tells how long this server still runs.",
        "jupyterlab": [
            "extension": true, "_build": ["load": "static/remoteEntry.js", "extension": "./extension"],
        ],
    ]
}

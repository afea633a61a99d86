// SPDX-License-Identifier: Apache-2.0
import JSONTree

extension PodTerms {
    /// In every container, since each runs under ids that its image knows no names for.
    ///
    /// Each file is mounted by `subPath`, which leaves the rest of /etc the image's; such a mount is never renewed, and
    /// need not be, as the object never changes.
    func mountOverlay(in draft: inout PodDraft, for context: PodContext) throws(PodPatchError) {
        guard let overlay = context.overlay else { return }
        try draft.add(
            ["name": JSON(PodKeys.overlayVolume), "configMap": ["name": JSON(overlay.object)]],
            named: PodKeys.overlayVolume)
        let mounts = overlay.files.map { file in (path: "/etc/" + file, json: Self.mount(of: file)) }
        try draft.eachContainer { container, _ throws(PodPatchError) in
            for mount in mounts { try container.mount(mount.json, at: mount.path) }
        }
        for variable in overlay.variables {
            guard draft.server.setOwn(variable) else { continue }
            draft.report.corrected.append("container \(container)'s \(variable.name) replaced by the account's")
        }
    }

    private static func mount(of file: String) -> JSON {
        [
            "name": JSON(PodKeys.overlayVolume), "mountPath": JSON("/etc/" + file), "subPath": JSON(file),
            "readOnly": true,
        ]
    }
}

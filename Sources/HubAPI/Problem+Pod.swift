// SPDX-License-Identifier: Apache-2.0
import PodPatching

extension Problem {
    /// A pod that cannot be patched is the hub's or Berth's configuration at fault, never the user's choice.
    init(_ error: PodPatchError) {
        self.init(
            status: 422, code: Self.code(of: error), detail: "\(error)",
            userMessage: "Your server's pod could not be prepared. This is not your doing: please tell the hub's "
                + "operators.")
    }

    private static func code(of error: PodPatchError) -> String {
        switch error {
        case .malformed: "pod-malformed"
        case .containerMissing: "pod-container-missing"
        case .containerNameTwice, .containerNameTaken: "pod-container-conflict"
        case .volumeNameTaken: "pod-volume-conflict"
        case .volumeMissing: "pod-volume-missing"
        case .mountPathTaken: "pod-mount-conflict"
        case .environmentDiffers: "pod-environment-conflict"
        case .runtimeClassDiffers: "pod-runtime-class-conflict"
        case .runsAsRoot: "pod-runs-as-root"
        case .amountNotOfPool: "pod-gpu-amount-impossible"
        case .containerOfChangeMissing: "pod-container-missing"
        case .changeDoesNotFit: "pod-change-conflict"
        case .lxcfsNowhere: "pod-lxcfs-nowhere"
        case .tokenFile: "pod-token-file-invalid"
        }
    }
}

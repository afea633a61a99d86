// SPDX-License-Identifier: Apache-2.0
import PodPatching
import SpawnModel

extension Problem {
    /// A pod that cannot be patched is the hub's or Berth's configuration at fault, never the user's choice.
    init(_ error: PodPatchError) {
        self.init(
            status: 422, code: Self.code(of: error), detail: "\(error)",
            userMessage: "Your server's pod could not be prepared. This is not your doing: please tell the hub's "
                + "operators.")
    }

    /// - Parameter totals: of the whole pod, Berth's own containers among them.
    init(_ objection: NamespaceLimits.Objection, _ totals: PodTotals) {
        let detail =
            "\(objection); with Berth's containers the pod has limits of \(totals.limits.cpu.decimalText) CPUs and "
            + "\(totals.limits.memory.decimalText) bytes"
        switch objection.kind {
        case .quota:
            self.init(
                status: 409, code: "namespace-quota", detail: detail,
                userMessage: "Your hub's share of the cluster is in use. Stop a server that you do not need, choose a "
                    + "smaller one, or try again later.")
        case .quotaUnstated, .limitRange:
            self.init(
                status: 422, code: "namespace-limits", detail: detail,
                userMessage: "A server of this size is not allowed at your hub. Please tell the hub's operators.")
        }
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

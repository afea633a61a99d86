// SPDX-License-Identifier: Apache-2.0

/// Every name that Berth brings into a pod.
package enum PodKeys {
    /// Before each label and annotation of ours.
    package static let prefix = "berth.io/"
    /// The volume with a pod's passwd and group files.
    package static let overlayVolume = "berth-overlay"
    package static let reservationID = "berth.io/reservation-id"
    package static let profile = "berth.io/profile"
    package static let walltime = "berth.io/walltime-s"
    package static let gpuPool = "berth.io/gpu-pool"
    package static let gpuAmount = "berth.io/gpu-amount"
    package static let gpuPlacement = "berth.io/gpu-placement"
    /// Proves that Berth has patched this very pod, by its name, for this reservation.
    package static let seal = "berth.io/seal"
    /// Proves whose pod with a GPU it is and what it was given, should the ledger be lost.
    package static let ownerSeal = "berth.io/owner-seal"
    /// `mounted`, or `left-out:` and why.
    package static let lxcfs = "berth.io/lxcfs"
    /// All of them: one that a pod should not have is taken off.
    static let all = [reservationID, profile, walltime, gpuPool, gpuAmount, gpuPlacement, seal, ownerSeal, lxcfs]

    package static let walltimeContainer = "berth-walltime"
    package static let tokenContainer = "berth-token"
    /// The first; a second directory's has `-2` behind it.
    package static let tokenVolume = "berth-token"
    package static let noticeVolume = "berth-walltime"
    package static let noticeDirectory = "/run/berth-walltime"
    package static let credentialVolume = "berth-credential"
    package static let credentialDirectory = "/etc/berth/credential"

    static let berthURL = "BERTH_URL"
    static let reservationVariable = "BERTH_RESERVATION_ID"
    static let credentialFile = "BERTH_CREDENTIAL_FILE"
    static let walltimeVariable = "BERTH_WALLTIME_S"
    static let noticeVariable = "BERTH_NOTICE_DIR"
    /// Where the user's programs ask how long the server still runs.
    static let walltimeSocket = "BERTH_WALLTIME_SOCKET"
    /// A JSON list of `audience` and `file`.
    static let tokens = "BERTH_TOKENS"
    /// Where clients look for a token: WLCG bearer token discovery.
    static let bearerTokenFile = "BEARER_TOKEN_FILE"
    /// Comes before the file in the same discovery.
    static let bearerToken = "BEARER_TOKEN"
    /// What NVIDIA's container runtime reads; an image built on CUDA says `all`.
    static let visibleDevices = "NVIDIA_VISIBLE_DEVICES"
}

// SPDX-License-Identifier: Apache-2.0

/// The questions a hub asks, by path.
enum HubRoute: String, CaseIterable {
    case optionsForm = "/v1/hub/options-form"
    case options = "/v1/hub/options"
    case preSpawn = "/v1/hub/pre-spawn"
    case pod = "/v1/hub/pod"
    case postStop = "/v1/hub/post-stop"
    case walltime = "/v1/hub/walltime"
    case availability = "/v1/availability"

    /// Whether an answer changes who holds what; the others are asked far more often.
    var startsOrEnds: Bool {
        switch self {
        case .preSpawn, .postStop: true
        case .optionsForm, .options, .pod, .walltime, .availability: false
        }
    }

    var method: String {
        switch self {
        case .optionsForm, .options, .preSpawn, .pod, .postStop, .walltime: "POST"
        case .availability: "GET"
        }
    }
}

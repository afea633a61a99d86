// SPDX-License-Identifier: Apache-2.0

/// The questions a hub asks, by path.
enum HubRoute: String, CaseIterable {
    case optionsForm = "/v1/hub/options-form"
    case options = "/v1/hub/options"
    case preSpawn = "/v1/hub/pre-spawn"
    case pod = "/v1/hub/pod"
    case postStop = "/v1/hub/post-stop"
    case availability = "/v1/availability"

    var method: String {
        switch self {
        case .optionsForm, .options, .preSpawn, .pod, .postStop: "POST"
        case .availability: "GET"
        }
    }
}

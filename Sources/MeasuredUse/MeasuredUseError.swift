// SPDX-License-Identifier: Apache-2.0

/// Why a source told nothing this time. What it told last stays until it is stale.
package enum MeasuredUseError: Error, Hashable, Sendable {
    /// `reason` is the client's, and names the peer by its origin.
    case unreachable(origin: String, reason: String)
    case status(origin: String, Int)
    /// What came is not in the format that such a source speaks.
    case unreadable(origin: String, reason: String)
    /// It tells none of the metrics that the pools' backends name.
    case nothingTold(origin: String)

    /// For logs and counters; never renamed.
    package var code: String {
        switch self {
        case .unreachable: "source-unreachable"
        case .status: "source-status"
        case .unreadable: "source-unreadable"
        case .nothingTold: "source-tells-nothing"
        }
    }
}

extension MeasuredUseError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(_, let reason):
            reason
        case .status(let origin, let status):
            "\(origin) answered \(status). Look at `url` and `token_file` of this source under `measured_use`."
        case .unreadable(let origin, let reason):
            "What \(origin) sent cannot be read: \(reason). A Prometheus server goes under `prometheus`, an exporter "
                + "under `exporter`."
        case .nothingTold(let origin):
            "\(origin) tells none of the metrics that the pools' backends are measured by. Where its metrics are "
                + "called otherwise, write them under `measured_use.exporters`."
        }
    }
}

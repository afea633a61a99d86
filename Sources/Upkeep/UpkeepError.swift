// SPDX-License-Identifier: Apache-2.0
package import Directory
package import GPULedger
package import Kubernetes

/// Why a piece of upkeep was not done, or not to its end. What was done by then is whole, and the next run goes on.
package enum UpkeepError: Error, Sendable, Hashable {
    /// The directory could not be read as a whole; nothing was written.
    case directory(DirectoryError)
    case cluster(KubernetesError)
    /// The ledger could not be read; nothing was written.
    case ledger(LedgerError)
    /// Another replica leads, or nobody does for the moment.
    case notLeading
    /// Berth is stopping.
    case stopped
}

extension UpkeepError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .directory(let error): "\(error)"
        case .cluster(let error): "\(error)"
        case .ledger(let error): "\(error)"
        case .notLeading: "this replica does not lead any more; the one that does goes on."
        case .stopped: "Berth is stopping; the next run goes on."
        }
    }

    /// Stable names for logs and metrics.
    package var code: String {
        switch self {
        case .directory(let error): error.code
        case .cluster(let error): error.code
        case .ledger: "ledger"
        case .notLeading: "not-leading"
        case .stopped: "stopped"
        }
    }
}

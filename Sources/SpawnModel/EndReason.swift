// SPDX-License-Identifier: Apache-2.0

/// Why a server is ended; a label of metrics, and a word in logs.
package enum EndReason: String, Sendable, CaseIterable {
    /// Its walltime is over.
    case walltime
    /// It has been unused for too long.
    case idle
}

// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

package enum OperatorRelease: Sendable, Hashable {
    case released(Reservation)
    /// It had ended before; nothing was changed.
    case alreadyEnded(Reservation)
    /// Its pod is seen alive: what it uses is not free whatever the ledger says.
    case podAlive(Reservation)
    case unknown
}

package enum OperatorExtension: Sendable, Hashable {
    case extended(Reservation)
    case ended(Reservation)
    /// Its walltime has not begun, or it has none.
    case hasNoEnd(Reservation)
    /// It would end more than `Ledger.extensionMax` from now.
    case tooLong(Reservation)
    case unknown
}

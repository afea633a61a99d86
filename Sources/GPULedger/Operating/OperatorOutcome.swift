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

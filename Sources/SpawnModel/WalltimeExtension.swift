// SPDX-License-Identifier: Apache-2.0

/// How much longer than its walltime users may let a server run by themselves.
package struct WalltimeExtension: Sendable, Hashable {
    /// What one click adds.
    package let by: Duration
    /// All of them together.
    package let most: Duration

    package init(by: Duration, most: Duration) {
        self.by = by
        self.most = most
    }

    /// Under a limit that leaves `room` behind the walltime; nil where it leaves none.
    package func within(_ room: Duration) -> WalltimeExtension? {
        room > .zero ? WalltimeExtension(by: min(by, room), most: min(most, room)) : nil
    }
}

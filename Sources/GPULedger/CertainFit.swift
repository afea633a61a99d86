// SPDX-License-Identifier: Apache-2.0

/// Whether a share fits on a node whose plugin chooses the card, while it is not seen yet which card others have got.
///
/// Sound, not complete: what it says fits, fits wherever the unseen ones are.
enum CertainFit {
    /// - Parameters:
    ///   - free: units of each card that nobody is seen to have.
    ///   - unseen: units of each share that is on one card of the node, unknown which.
    static func fits(_ units: Int, free: [Int], unseen: [Int]) -> Bool {
        // Room beside all of them, or more cards with room than they can spoil.
        free.contains { $0 >= units + unseen.reduce(0, +) } || free.count { $0 >= units } > unseen.count
    }

    /// Where the plugin may split a share over cards, the node's sum decides.
    static func fitsSplit(_ units: Int, free: [Int], unseen: [Int]) -> Bool {
        free.reduce(0, +) - unseen.reduce(0, +) >= units
    }
}

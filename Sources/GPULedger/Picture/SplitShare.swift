// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// A share that the device plugin may take from several cards of one node: the node's sum decides.
struct SplitShare {
    let size: ShareSize
    let unit: MiB

    /// So many units of the share on each of some of `cards`, on as few as will do; nil where they are not enough.
    ///
    /// - Parameter openable: how many of those that could be given whole may be opened.
    func parts(on cards: [ShareCard], openable: Int) -> [(card: Int, units: Int)]? {
        let most = cards.map { $0.room.parts(of: self) }
        var (left, openable) = (size.units, openable)
        var parts: [(card: Int, units: Int)] = []
        for card in cards.indices.sorted(by: { (most[$1], $0) < (most[$0], $1) }) where left > 0 && most[card] > 0 {
            if cards[card].isWhole {
                guard openable > 0 else { continue }
                openable -= 1
            }
            parts.append((card, min(left, most[card])))
            left -= min(left, most[card])
        }
        return left == 0 ? parts : nil
    }

    /// A part, with its part of the limit.
    func part(_ units: Int) -> ShareSize {
        let (limit, whole) = (Int128(size.limit.count) * Int128(units), Int128(size.units))
        return ShareSize(
            units: units, memory: MiB(units * unit.count), limit: MiB(Int((limit + whole - 1) / whole)))
    }
}

/// A device as shares find it.
struct ShareCard {
    let device: Device
    var room: ShareRoom
    /// Empty, and could be given whole: whether it may be opened depends on how many such there are.
    var isWhole: Bool
}

extension ShareRoom {
    /// The most units of the share that find room here.
    fileprivate func parts(of share: SplitShare) -> Int {
        guard sharers > 0, limit.count > 0 else { return 0 }
        let byLimit = Int128(limit.count) * Int128(share.size.units) / Int128(share.size.limit.count)
        return max(0, min((memory - overhead).count / share.unit.count, Int(min(byLimit, Int128(share.size.units)))))
    }
}

// SPDX-License-Identifier: Apache-2.0

/// One pool's devices in the order in which placement wants to look at them.
struct PoolIndex: Sendable {
    enum List: Sendable, Hashable, CaseIterable {
        /// Of whole and MIG pools: the nodes with free devices.
        case nodes
        /// Of shared pools: the devices that have shares, or had some a moment ago, and room for more.
        case open
        /// Empty devices that no other pool gives as a whole.
        case closed
        /// Empty devices that could also be given whole.
        case whole
    }

    /// Compared by rank, then by tie, then by place.
    struct Key: Comparable, Hashable, Sendable {
        /// Of nodes: free devices (whole), or the memory that is held on the most used card, below zero (MIG). Of
        /// devices: MiB that are not yet guaranteed to anybody.
        let rank: Int
        /// Of nodes: 0 when in use. Of devices: sharers.
        let tie: Int
        /// The number of the node or device.
        let place: Int

        static func < (a: Key, b: Key) -> Bool { (a.rank, a.tie, a.place) < (b.rank, b.tie, b.place) }

        static func from(_ rank: Int) -> Key { Key(rank: rank, tie: .min, place: .min) }
        static let first = from(.min)
    }

    /// A key with its pool's number and its list.
    struct Entry: Hashable, Sendable {
        let pool: Int
        let list: List
        let key: Key
    }

    private(set) var nodes = SortedKeys<Key>()
    private(set) var open = SortedKeys<Key>()
    private(set) var closed = SortedKeys<Key>()
    private(set) var whole = SortedKeys<Key>()

    mutating func insert(_ key: Key, in list: List) {
        switch list {
        case .nodes: nodes.insert(key)
        case .open: open.insert(key)
        case .closed: closed.insert(key)
        case .whole: whole.insert(key)
        }
    }

    mutating func remove(_ key: Key, from list: List) {
        switch list {
        case .nodes: nodes.remove(key)
        case .open: open.remove(key)
        case .closed: closed.remove(key)
        case .whole: whole.remove(key)
        }
    }
}

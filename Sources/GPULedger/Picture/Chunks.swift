// SPDX-License-Identifier: Apache-2.0

/// A list of fixed length whose copies share what is the same: a change copies one chunk and not the list.
struct Chunks<Element: Sendable>: Sendable {
    let count: Int
    private var chunks: [[Element]]

    private static var chunkSize: Int { 128 }

    init(repeating element: Element, count: Int) {
        self.count = count
        let whole = [Element](repeating: element, count: Self.chunkSize)
        chunks = [[Element]](repeating: whole, count: (count + Self.chunkSize - 1) / Self.chunkSize)
    }

    subscript(index: Int) -> Element {
        get { chunks[index / Self.chunkSize][index % Self.chunkSize] }
        _modify { yield &chunks[index / Self.chunkSize][index % Self.chunkSize] }
    }
}

/// A dictionary whose copies share what is the same: a change copies one shard and not all of it.
struct Shards<Value: Sendable>: Sendable {
    private var shards = [[String: Value]](repeating: [:], count: 256)

    subscript(key: String) -> Value? {
        get { shards[Self.shard(of: key)][key] }
        _modify { yield &shards[Self.shard(of: key)][key] }
    }

    var values: [Value] { shards.flatMap(\.values) }

    private static func shard(of key: String) -> Int { key.hashValue & 255 }
}

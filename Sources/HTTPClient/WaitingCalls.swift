// SPDX-License-Identifier: Apache-2.0

/// Calls in the order of their coming, each for an origin; so many in all and for one origin.
struct WaitingCalls<Call: AnyObject> {
    private let most: Int
    private let mostPerOrigin: Int
    private var calls: [(origin: Origin, call: Call)] = []
    private var counts: [Origin: Int] = [:]

    init(most: Int, mostPerOrigin: Int) {
        self.most = most
        self.mostPerOrigin = mostPerOrigin
    }

    var count: Int { calls.count }

    func count(for origin: Origin) -> Int { counts[origin] ?? 0 }

    /// False when there is no room.
    mutating func add(_ call: Call, for origin: Origin) -> Bool {
        guard calls.count < most, count(for: origin) < mostPerOrigin else { return false }
        calls.append((origin, call))
        counts[origin, default: 0] += 1
        return true
    }

    mutating func remove(_ call: Call) {
        guard let place = calls.firstIndex(where: { $0.call === call }) else { return }
        remove(at: place)
    }

    /// The oldest call whose origin may be asked. It walks past the others, of which there are a bounded number.
    mutating func takeFirst(where mayAsk: (Origin) -> Bool) -> Call? {
        guard let place = calls.firstIndex(where: { mayAsk($0.origin) }) else { return nil }
        return remove(at: place)
    }

    mutating func takeAll() -> [Call] {
        defer { (calls, counts) = ([], [:]) }
        return calls.map(\.call)
    }

    @discardableResult
    private mutating func remove(at place: Int) -> Call {
        let (origin, call) = calls.remove(at: place)
        let left = count(for: origin) - 1
        counts[origin] = left > 0 ? left : nil
        return call
    }
}

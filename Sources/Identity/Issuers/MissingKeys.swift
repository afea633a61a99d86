// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// Names of keys that an issuer did not have when it was asked, so that it is not asked again for each token that
/// makes one up. Holds a bounded number: a name that was dropped costs one question more, no sooner than any other.
struct MissingKeys {
    static let most = 256

    private var noted: [KeyID: Instant] = [:]
    private var order: [KeyID] = []

    func holds(_ id: KeyID?, for span: Duration, at: Instant) -> Bool {
        guard let id, let since = noted[id] else { return false }
        return since <= at && at - since < span
    }

    mutating func note(_ id: KeyID?, at: Instant) {
        guard let id else { return }
        if noted.updateValue(at, forKey: id) == nil { order.append(id) }
        if order.count > Self.most { noted[order.removeFirst()] = nil }
    }
}

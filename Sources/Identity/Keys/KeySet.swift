// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// An issuer's signing keys as it publishes them (RFC 7517 section 5): those that Berth can use, and what was left out.
///
/// Never changed; a newer publication is another set. Keys keep the order of the document.
package struct KeySet: Sendable {
    package static let keysMost = 256
    package static let bytesMost = 1 << 20

    package let keys: [VerificationKey]
    package let skipped: [SkippedKey]

    package struct SkippedKey: Sendable, Hashable {
        /// Counted from 0 in the document.
        package let position: Int
        package let reason: KeyFault
    }

    /// - Throws: `KeySetError` when the document is no key set at all. A set without usable keys is no fault here: the
    ///   issuer may be about to publish its first.
    package init(parsing bytes: [UInt8]) throws(KeySetError) {
        let document: JSON
        do { document = try JSON(parsing: bytes, limits: JSONLimits(bytesMax: Self.bytesMost, depthMax: 16)) } catch {
            throw .notJSON(error)
        }
        try self.init(document)
    }

    package init(_ document: JSON) throws(KeySetError) {
        guard let published = document["keys"]?.array else { throw .noKeys }
        var keys: [VerificationKey] = []
        var skipped: [SkippedKey] = []
        for (position, jwk) in published.enumerated() {
            do throws(KeyFault) {
                guard position < Self.keysMost else { throw .tooMany }
                let key = try VerificationKey(jwk)
                guard !keys.contains(where: { $0.isRival(of: key) }) else { throw .keyIDRepeated }
                keys.append(key)
            } catch {
                skipped.append(SkippedKey(position: position, reason: error))
            }
            // What is beyond is counted as one, so that a hostile document does not fill the log.
            if position == Self.keysMost { break }
        }
        self.keys = keys
        self.skipped = skipped
    }
}

/// Why a document is no key set.
package enum KeySetError: Error, Sendable, Hashable, CustomStringConvertible {
    case notJSON(JSONError)
    /// No object with a list `keys`.
    case noKeys

    package var description: String {
        switch self {
        case .notJSON(let error): "the key set is \(error)"
        case .noKeys: "the key set has no list `keys`"
        }
    }
}

// MARK: - Finding

extension KeySet {
    /// The key that a token by `algorithm` has to be verified with.
    ///
    /// Without an id, the only key that such a token can have been made with; with several, nothing says which, and
    /// trying one after the other would make the weakest count.
    func key(_ id: KeyID?, for algorithm: SigningAlgorithm) throws(TokenError) -> VerificationKey {
        guard let id else { return try onlyKey(for: algorithm) }
        if let place = keys.firstIndex(where: { $0.id == id && $0.bears(algorithm) }) { return keys[place] }
        throw keys.contains { $0.id == id } ? .keyUnfit(algorithm) : .keyUnknown
    }

    private func onlyKey(for algorithm: SigningAlgorithm) throws(TokenError) -> VerificationKey {
        let fitting = keys.filter { $0.bears(algorithm) }
        guard fitting.count < 2 else { throw .keyIDMissing }
        guard let key = fitting.first else { throw .keyUnknown }
        return key
    }
}

extension VerificationKey {
    /// Keys of different types may share an id (RFC 7517 section 4.5): a token's algorithm tells them apart.
    fileprivate func isRival(of other: VerificationKey) -> Bool {
        id != nil && id == other.id && SigningAlgorithm.allCases.contains { bears($0) && other.bears($0) }
    }
}

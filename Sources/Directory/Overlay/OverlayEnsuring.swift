// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// What has to be asked of a cluster so that an overlay's object stands there. Time-outs, repetitions and errors are those
/// of whoever asks: a spawn has seconds, a sync minutes.
package protocol OverlayEnsuring {
    associatedtype Failure: Error

    /// Makes the object; nil where one of its name is there.
    func make(_ manifest: JSON) async throws(Failure) -> JSON?
    /// The object of its name; nil where there is none.
    func find(_ manifest: JSON) async throws(Failure) -> JSON?
    /// Puts all that the manifest says in its place, whoever owns it by now.
    func mend(_ manifest: JSON) async throws(Failure) -> JSON
    /// Deletes exactly `found`, as it was then, if it still is there.
    func remove(_ found: JSON, of manifest: JSON) async throws(Failure)
}

/// What came of an overlay's object; with the object as it stands.
package enum OverlayOutcome: Sendable, Hashable {
    case created(JSON)
    /// It was there with other contents or without its labels.
    case restored(JSON)
    case unchanged(JSON)
    /// One with other contents that is not Berth's is there, and stays.
    case foreign
    /// It is being deleted, and a finalizer holds it.
    case leaving
    /// Others change it again and again.
    case contested
}

/// Between looking and writing, others may change what stands there.
private let roundsMost = 4

extension OverlayEnsuring {
    /// Sees to it that an immutable object stands there as the manifest says, whoever else writes at the same time:
    /// another replica, a spawn, or somebody with an editor.
    ///
    /// - Parameter isLikelyThere: looks before it makes it.
    package func ensure(_ manifest: JSON, isLikelyThere: Bool = false) async throws(Failure) -> OverlayOutcome {
        var isRestoring = false
        for round in 0..<roundsMost {
            if round > 0 || !isLikelyThere, let made = try await make(manifest) {
                return isRestoring ? .restored(made) : .created(made)
            }
            guard let found = try await find(manifest) else { continue }
            guard found["metadata"]?["deletionTimestamp"]?.string == nil else { return .leaving }
            switch OverlayState(of: found, wanted: manifest) {
            case .asWanted: return .unchanged(found)
            case .withoutLabels: return .restored(try await mend(manifest))
            case .otherContents:
                try await remove(found, of: manifest)
                isRestoring = true
            case .foreign: return .foreign
            }
        }
        return .contested
    }
}

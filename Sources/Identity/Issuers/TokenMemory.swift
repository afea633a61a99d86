// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Synchronization

/// Claims of tokens that were proven or told lately, by the tokens' digests: the tokens themselves are not kept.
///
/// Bounded in number and bytes; what came first goes first. Only proven tokens get in, so nobody can push others out
/// without having as many of their own.
final class TokenMemory: Sendable {
    static let entriesMost = 4096
    static let bytesMost = 32 << 20

    fileprivate struct Entry {
        let claims: JSON
        let expiry: Instant
        let kind: TokenKind
        /// The keys that proved it, by number of their edition; others prove it anew.
        let edition: Int?
        let bytes: Int
        let place: Int
    }

    fileprivate struct State {
        var entries: [TokenDigest: Entry] = [:]
        /// Digests in the order of their coming; a place may be one whose entry was replaced.
        var order: [TokenDigest] = []
        /// How many came before the first that `order` holds, and how many of those that it holds are gone.
        var before = 0
        var gone = 0
        var bytes = 0
    }

    private let state = Mutex(State())

    /// - Parameter edition: the keys that count now; nil where there are none, which leaves only what issuers told.
    func claims(of digest: TokenDigest, as kind: TokenKind, edition: Int?, at: Instant) -> JSON? {
        let entry = state.withLock { $0.entries[digest] }
        guard let entry, entry.kind == kind, at < entry.expiry, entry.edition.map({ $0 == edition }) ?? true else {
            return nil
        }
        return entry.claims
    }

    func keep(
        _ claims: JSON, of digest: TokenDigest, as kind: TokenKind, until expiry: Instant, edition: Int?, bytes: Int
    ) {
        state.withLock { state in
            state.drop(digest)
            let place = state.before + state.order.count
            state.entries[digest] = Entry(
                claims: claims, expiry: expiry, kind: kind, edition: edition, bytes: bytes, place: place)
            state.order.append(digest)
            state.bytes += bytes
            state.makeRoom()
        }
    }

    var count: Int { state.withLock { $0.entries.count } }
}

extension TokenMemory.State {
    fileprivate mutating func drop(_ digest: TokenDigest) {
        if let entry = entries.removeValue(forKey: digest) { bytes -= entry.bytes }
    }

    fileprivate mutating func makeRoom() {
        while isFull, gone < order.count {
            // Its place may have been taken by a later coming of the same token.
            if entries[order[gone]]?.place == before + gone { drop(order[gone]) }
            gone += 1
        }
        // In lumps, so that dropping one does not move all the others.
        guard gone > 1024 else { return }
        order.removeFirst(gone)
        before += gone
        gone = 0
    }

    private var isFull: Bool {
        entries.count > TokenMemory.entriesMost || bytes > TokenMemory.bytesMost
            || order.count - gone > 2 * TokenMemory.entriesMost
    }
}

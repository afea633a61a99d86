// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage
import Synchronization

/// The picture in two copies that share what is the same: one as of the last commit, read by any, and one that runs
/// ahead of it in the transaction that is open, used by the writer's thread only.
final class SharedPicture: Sendable {
    private let committed: Mutex<Known>
    private let working: Mutex<Picture>

    private struct Known {
        var picture: Picture
        var outside: OutsideUse
    }

    init(_ picture: Picture, _ outside: OutsideUse) {
        committed = Mutex(Known(picture: picture, outside: outside))
        working = Mutex(picture)
    }

    var catalogue: DeviceCatalogue { committed.withLock(\.picture.catalogue) }

    /// As of the last commit, with what is over by `now` gone.
    func current(_ now: Instant) -> Picture {
        committed.withLock { known in
            known.picture.take(known.outside, now: now)
            known.picture.advance(to: now)
            return known.picture
        }
    }

    /// Forgets what a transaction that fell had written: the next one starts at what is committed.
    func begin() {
        let picture = committed.withLock(\.picture)
        working.withLock { $0 = picture }
    }

    /// The picture with all that the open transaction has written so far. What one decision writes is seen by the
    /// next, so a decision that is undone leaves nothing here.
    func working(_ rows: LedgerRows) throws(StorageError) -> Picture {
        try working.withLock { (picture) throws(StorageError) in
            try picture.follow(rows)
            return picture
        }
    }

    /// To be called after each commit. Should reading fail, the last picture stays, and the next commit renews it.
    func renew(from connection: any SQLConnection) {
        let rows = LedgerRows(connection)
        guard let picture = try? working(rows), let outside = try? rows.outside() else { return }
        committed.withLock { $0 = Known(picture: picture, outside: outside) }
    }

    /// In both copies.
    func replace(_ catalogue: DeviceCatalogue) {
        committed.withLock { $0.picture = $0.picture.with(catalogue) }
        working.withLock { $0 = $0.with(catalogue) }
    }
}

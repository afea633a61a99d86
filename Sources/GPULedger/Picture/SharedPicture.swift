// SPDX-License-Identifier: Apache-2.0
import Storage
import Synchronization

/// The picture in two copies that share what is the same: one as of the last commit, read by any, and one that runs
/// ahead of it in the transaction that is open, used by the writer's thread only.
final class SharedPicture: Sendable {
    private let committed: Mutex<Picture>
    private let working: Mutex<Picture>

    init(_ picture: Picture) {
        committed = Mutex(picture)
        working = Mutex(picture)
    }

    var current: Picture { committed.withLock { $0 } }
    var catalogue: DeviceCatalogue { current.catalogue }

    /// Forgets what a transaction that fell had written: the next one starts at what is committed.
    func begin() {
        let picture = current
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
        guard let picture = try? working(LedgerRows(connection)) else { return }
        committed.withLock { $0 = picture }
    }

    /// Changes what is known beside the journal, in both copies.
    func change(_ change: (inout Picture) -> Void) {
        committed.withLock { change(&$0) }
        working.withLock { change(&$0) }
    }
}

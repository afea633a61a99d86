// SPDX-License-Identifier: Apache-2.0
import Storage
import Synchronization

/// The picture as of the last commit: replaced by the writer's thread, read by any.
final class SharedPicture: Sendable {
    private let picture: Mutex<Picture>

    init(_ picture: Picture) { self.picture = Mutex(picture) }

    var current: Picture { picture.withLock { $0 } }
    var catalogue: DeviceCatalogue { current.catalogue }

    func replace(_ catalogue: DeviceCatalogue) {
        picture.withLock { $0 = Picture(catalogue.draining($0.catalogue.drained), $0.holds) }
    }

    /// Reads the live reservations and the marks on nodes anew. Should that fail, the last picture stays: decisions do not depend on it, and
    /// the next commit renews it.
    func renew(from connection: any SQLConnection) {
        let rows = LedgerRows(connection)
        guard let holds = try? rows.holds(), let drained = try? rows.drainedNodes() else { return }
        picture.withLock { $0 = Picture($0.catalogue.draining(drained), holds) }
    }
}

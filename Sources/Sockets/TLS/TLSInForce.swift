// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// The context that new connections get; those that are open keep theirs.
package final class TLSInForce: Sendable {
    private let context: Mutex<TLSContext>

    package init(_ context: TLSContext) { self.context = Mutex(context) }

    package var current: TLSContext { context.withLock { $0 } }

    package func replace(by context: TLSContext) { self.context.withLock { $0 = context } }
}

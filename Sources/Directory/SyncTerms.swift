// SPDX-License-Identifier: Apache-2.0

/// How a directory is read as a whole, and how often.
package struct SyncTerms: Sendable, Hashable {
    /// Between two whole reads.
    package var every: Duration
    /// A read with fewer people than the last by more than this is not taken for true until somebody says so.
    package var shrinkPercent: Int
    package var changes: Changes
    /// How often is asked whether anything changed.
    package var changesEvery: Duration
    /// Entries of one page (RFC 2696).
    package var pageSize: Int
    /// For the whole of a read.
    package var timeout: Duration
    /// For one page.
    package var pageTimeout: Duration

    /// How Berth hears of changes between whole reads. They only bring the next whole read forward.
    package enum Changes: String, Sendable, CaseIterable {
        case none
        /// By the directory's own account of what changed (RFC 4533); deletes and renames too.
        case syncrepl
        /// By the entries' times and their number; not always of a rename.
        case modifyTimestamp = "modify-timestamp"
    }

    package init(
        every: Duration = .seconds(300), shrinkPercent: Int = 20, changes: Changes = .none,
        changesEvery: Duration = .seconds(30), pageSize: Int = 500, timeout: Duration = .seconds(600),
        pageTimeout: Duration = .seconds(30)
    ) {
        self.every = every
        self.shrinkPercent = shrinkPercent
        self.changes = changes
        self.changesEvery = changesEvery
        self.pageSize = pageSize
        self.timeout = timeout
        self.pageTimeout = pageTimeout
    }
}

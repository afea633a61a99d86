// SPDX-License-Identifier: Apache-2.0
package import Directory

/// What the configuration in force says of the sync; read anew at each run.
package struct SyncSetting: Sendable {
    package let directory: DirectoryTerms
    package let overlay: OverlayTerms
    package let sync: SyncTerms
    /// Of the hubs' pods, each once, in the order of the file.
    package let namespaces: [String]

    package init(directory: DirectoryTerms, overlay: OverlayTerms, sync: SyncTerms, namespaces: [String]) {
        self.directory = directory
        self.overlay = overlay
        self.sync = sync
        self.namespaces = namespaces
    }

    package var limits: SyncLimits {
        var limits = SyncLimits()
        limits.shrinkPercent = sync.shrinkPercent
        return limits
    }
}

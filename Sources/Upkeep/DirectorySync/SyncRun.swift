// SPDX-License-Identifier: Apache-2.0

/// How one run is done.
package struct SyncRun: Sendable, Hashable {
    /// An operator has said that so many people did leave.
    package var acceptsShrink = false
    /// Whether objects are held against what they should hold, and not only what stands there: an object that somebody
    /// made anew by hand under the same name and with the same labels is found only so.
    package var readsContents = false
    /// Says what would be written, and writes nothing.
    package var isDryRun = false

    package init() {}
}

// SPDX-License-Identifier: Apache-2.0

/// How servers are ended whose time is over.
package struct EndLimits: Sendable, Hashable {
    /// From one look to the next.
    package var every = Duration.seconds(3)
    /// A hub that has not stopped a server is asked again after so long.
    package var askAgainAfter = Duration.seconds(15)
    /// Sessions that are looked at in one round; the rest waits for the next.
    package var sessionsMost = 500
    /// Questions to hubs and the API server that are under way at once.
    package var atOnce = 8

    package init() {}
}

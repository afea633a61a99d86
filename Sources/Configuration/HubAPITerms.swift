// SPDX-License-Identifier: Apache-2.0

/// Where a hub is asked, and as whom.
package struct HubAPITerms: Sendable {
    /// Of its REST API, without a slash at the end.
    package let url: String
    /// Berth's own there, as one of the hub's services; nil where it has none.
    package let token: Secret?
}

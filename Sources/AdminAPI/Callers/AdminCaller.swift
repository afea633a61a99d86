// SPDX-License-Identifier: Apache-2.0
import Configuration

/// Who asks, proven.
struct AdminCaller: Sendable, Hashable {
    /// `token/oncall`, `hub/production/ada`, `issuer/ada`: how it was proven, and whose it is.
    let name: String
    let role: AdminRole
}

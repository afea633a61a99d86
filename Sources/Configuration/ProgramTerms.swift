// SPDX-License-Identifier: Apache-2.0

/// How another program is asked that prepares something for servers.
package struct ProgramTerms: Sendable {
    package let name: String
    /// http or https.
    package let url: String
    /// Presented as a bearer token; nil for none.
    package let token: Secret?
    package let timeout: Duration
    /// Whether a start is refused that it does not answer.
    package let isRequired: Bool
}

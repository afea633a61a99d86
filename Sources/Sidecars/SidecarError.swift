// SPDX-License-Identifier: Apache-2.0

/// Why a sidecar could not do something. Nothing in it is secret.
package enum SidecarError: Error, Hashable, Sendable {
    /// The pod does not say what it must.
    case environment(variable: String, expected: String)
    case credentialUnreadable(path: String, reason: String)
    /// Berth gave no answer, or one that asks to come again.
    case away(reason: String, retryAfter: Duration?)
    /// The reservation is over.
    case ended
    /// Berth says no; asking again helps only where something else changes first.
    case refused(BerthRefusal)
    /// What answered does not speak as Berth does.
    case unexpected(String)
    case fileNotWritten(path: String, reason: String)
}

/// A problem (RFC 9457) that Berth answered with.
package struct BerthRefusal: Hashable, Sendable {
    package let status: Int
    package let code: String
    package let userMessage: String
}

extension SidecarError {
    /// What the one who was asked wants; nil when nobody says.
    package var retryAfter: Duration? {
        switch self {
        case .away(_, let span): span
        case .environment, .credentialUnreadable, .ended, .refused, .unexpected, .fileNotWritten: nil
        }
    }
}

extension SidecarError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .environment(let variable, let expected): "\(variable) should be \(expected)"
        case .credentialUnreadable(let path, let reason): "the credential \(path) cannot be read: \(reason)"
        case .away(let reason, _): "Berth cannot be asked: \(reason)"
        case .ended: "the reservation has ended"
        case .refused(let refusal): "Berth refuses (\(refusal.status) \(refusal.code)): \(refusal.userMessage)"
        case .unexpected(let reason): "Berth's URL answers with \(reason)"
        case .fileNotWritten(let path, let reason): "\(path) cannot be written: \(reason)"
        }
    }
}

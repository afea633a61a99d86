// SPDX-License-Identifier: Apache-2.0
import GPULedger

extension Problem {
    package static var noSession: Problem {
        Problem(
            status: 410, code: "session-ended", detail: "no reservation of this server is live",
            userMessage: "This server has ended.")
    }

    static var extensionNotAllowed: Problem {
        refused("its profile has no `walltime.extend`", "This server's time cannot be extended.")
    }

    static var extensionUsedUp: Problem {
        refused(
            "its user has added all that `walltime.extend.most` allows",
            "This server's time cannot be extended any more. Save your work before it ends; you can then start anew.")
    }

    static var extensionTooEarly: Problem {
        refused("its walltime has not begun", "This server is still being started. Ask again once it runs.")
    }

    /// Never who waits, or whose quota it is.
    static func extensionRefused(_ obstacles: [ExtensionObstacle]) -> Problem {
        let words = obstacles.map(\.usersWords).joined(separator: " ")
        let detail = obstacles.map { "\($0)" }.joined(separator: ", ")
        return refused(detail, "This server's time cannot be extended now. \(words)")
    }

    private static func refused(_ detail: String, _ userMessage: String) -> Problem {
        Problem(status: 409, code: "extension-refused", detail: detail, userMessage: userMessage)
    }
}

extension ExtensionObstacle {
    fileprivate var usersWords: String {
        switch self {
        case .waiting: "Others are waiting for its GPU."
        case .borrowed: "It runs on capacity that others have lent until then."
        case .quota: "The GPU-hours of this period would be used up."
        case .podDeadline: "Its pod was made to end then."
        }
    }
}

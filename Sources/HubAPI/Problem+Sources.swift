// SPDX-License-Identifier: Apache-2.0
import Directory
import Identity

extension Problem {
    /// 503 where the directory cannot be asked, 422 where this person's entry is not what it should be.
    init(_ error: DirectoryError) {
        let isOfEntry = error.isOfEntry
        self.init(
            status: isOfEntry ? 422 : 503, code: error.code, detail: "\(error)",
            userMessage: isOfEntry
                ? "What the user directory says about you cannot be used, so nothing can be started. "
                    + "Please tell the hub's operators."
                : "The user directory does not answer now, so nothing can be started. "
                    + "Try again in a minute; if it lasts, tell the hub's operators.",
            retryAfter: isOfEntry ? nil : .seconds(30))
    }

    static func unknownPerson(_ name: String) -> Problem {
        Problem(
            status: 403, code: "person-unknown", detail: "the directory knows nobody called \"\(name.prefix(255))\"",
            userMessage: "You are not in the user directory, so nothing can be started for you. "
                + "Ask the hub's operators for an account.")
    }

    /// 503 where the service cannot say, 403 where it does not know the user.
    init(_ error: LookUpError) {
        switch error {
        case .status(_, _, 404):
            self.init(
                status: 403, code: error.code, detail: "\(error)",
                userMessage: "A service that says what you may use does not know you, so nothing can be started. "
                    + "Please ask the hub's operators.")
        case .unreachable, .status, .unusable: self = .silent(error)
        case .tokenMissing, .tokenRefused:
            self.init(
                status: 403, code: error.code, detail: "\(error)",
                userMessage: "A service that says what you may use does not take your login. Log out of the hub and "
                    + "in again; if that does not help, tell the hub's operators.")
        case .claimUnfit:
            self.init(
                status: 403, code: error.code, detail: "\(error)",
                userMessage: "Your login does not say what is needed to find out what you may use. "
                    + "Please tell the hub's operators.")
        case .nameUnfit:
            self.init(
                status: 422, code: error.code, detail: "\(error)",
                userMessage: "Nothing can be started under your name. Please tell the hub's operators.")
        }
    }

    private static func silent(_ error: LookUpError) -> Problem {
        Problem(
            status: 503, code: error.code, detail: "\(error)",
            userMessage: "A service that says what you may use does not answer as it should, so nothing can be "
                + "started. Try again in a minute; if it lasts, tell the hub's operators.",
            retryAfter: .seconds(30))
    }
}

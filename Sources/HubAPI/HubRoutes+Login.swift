// SPDX-License-Identifier: Apache-2.0
import JupyterHub
import SpawnModel

extension HubRoutes {
    /// Refuses a server that is promised access tokens which never come, since its user's login has ended.
    ///
    /// A hub or provider that does not answer now refuses nothing: the server's sidecar asks again and again.
    ///
    /// - Returns: a sentence for the user where it is not known whether tokens come; nil where they do or none is wanted.
    func loginWarning(for grant: Grant, _ call: HubCall) async throws(Problem) -> String? {
        guard !grant.tokens.isEmpty, let address = call.deployment.hubAddress else { return nil }
        do throws(HubFault) {
            _ = try await Hub(address, asking: asking).accessToken(
                of: call.server.user, lasting: TokenHandOff.leastLeft, within: Self.loginAnswer)
            return nil
        } catch .loginExpired {
            throw .loginExpired
        } catch {
            diary.loginUnknown(call, "\(error)")
            return "Your access tokens cannot be had right now. Your server gets them as soon as they can."
        }
    }

    /// Shorter than hubs wait for the decision as a whole.
    private static let loginAnswer = Duration.seconds(3)
}

extension Problem {
    static let loginExpired = Problem(
        status: 403, code: "login-expired",
        detail: "the profile hands access tokens on, and the hub says that the user's login has ended",
        userMessage: "Your login has expired, and this server needs it for its access tokens. "
            + "Log out of the hub and in again, then start your server.")
}

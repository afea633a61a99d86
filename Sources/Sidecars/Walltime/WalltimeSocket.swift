// SPDX-License-Identifier: Apache-2.0
package import HTTPServer

/// What the user's own programs ask: `GET /` says what is left, `POST /extend` asks Berth for more.
package struct WalltimeSocket: HTTPService {
    private let sidecar: WalltimeSidecar

    package init(_ sidecar: WalltimeSidecar) { self.sidecar = sidecar }

    /// For a few clients, who have little to say.
    package static var limits: HTTPLimits {
        var limits = HTTPLimits()
        limits.bodyBytes = 4096
        limits.connectionsMax = 16
        limits.connectionsSurplusMax = 4
        limits.idleTimeout = .seconds(10)
        return limits
    }

    package func respond(to request: HTTPRequest) -> HTTPAnswer {
        switch (request.head.method, request.head.path) {
        case ("GET", "/"): .later { HTTPResponse(status: 200, text: await sidecar.standing() + "\n") }
        case ("POST", "/extend"): .later { await extended() }
        case (_, "/"): .now(HTTPResponse(notAllowedBut: "GET"))
        case (_, "/extend"): .now(HTTPResponse(notAllowedBut: "POST"))
        default: .now(HTTPResponse(status: 404, text: "GET / says what is left, POST /extend asks for more.\n"))
        }
    }

    private func extended() async -> HTTPResponse {
        do throws(SidecarError) {
            return HTTPResponse(status: 200, text: try await sidecar.extend() + "\n")
        } catch {
            return HTTPResponse(error)
        }
    }
}

extension HTTPResponse {
    fileprivate init(notAllowedBut method: String) {
        self.init(status: 405, text: "Only \(method) is answered here.\n")
        headers.append(("Allow", method))
    }

    fileprivate init(_ error: SidecarError) {
        switch error {
        case .refused(let refusal):
            let words = refusal.userMessage.isEmpty ? "Berth refuses it (\(refusal.code))." : refusal.userMessage
            self.init(status: refusal.status, text: words + "\n")
        case .ended:
            self.init(status: 410, text: WalltimeWords.ended + "\n")
        case .away, .unexpected, .credentialUnreadable, .environment, .fileNotWritten:
            self.init(status: 503, text: "Berth cannot be asked at the moment. Try again in a minute.\n")
        }
    }
}

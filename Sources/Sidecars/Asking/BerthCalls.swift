// SPDX-License-Identifier: Apache-2.0
package import HTTPClient
import JSONTree
import SpawnModel

/// Asks Berth, with a sidecar token that it gets for the pod's credential and keeps fresh.
///
/// One attempt a question: when to ask again is the asker's to say, since a countdown goes on meanwhile.
package actor BerthCalls {
    private let url: String
    private let credentialFile: String
    private let web: any WebAsking
    private let now: @Sendable () -> ClockReading
    private var session: Session?
    /// The session that is being asked for, which all who need one wait for.
    private var coming: Task<Result<Session, SidecarError>, Never>?

    private struct Session {
        let token: String
        let renewal: Duration
        let expiry: Duration
    }

    package init(
        _ environment: PodEnvironment, asking web: any WebAsking, now: @escaping @Sendable () -> ClockReading
    ) throws(SidecarError) {
        let url = try environment.required("BERTH_URL", expected: "the URL of Berth")
        guard (try? WebAddress(url)) != nil else {
            throw .environment(variable: "BERTH_URL", expected: "an http or https URL")
        }
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        credentialFile = try environment.required("BERTH_CREDENTIAL_FILE", expected: "the path of the credential")
        self.web = web
        self.now = now
    }

    /// A sidecar token that Berth no longer knows is replaced once: Berth may have another key by now.
    func ask(_ question: SidecarQuestion) async throws(SidecarError) -> JSON {
        do throws(SidecarError) {
            return try await send(question, bearing: try await token())
        } catch {
            guard case .refused(let refusal) = error, refusal.status == 401, session != nil else { throw error }
            session = nil
            return try await send(question, bearing: try await token())
        }
    }

    /// Renewed at half its life; while Berth does not give a new one, the old is good to its end.
    private func token() async throws(SidecarError) -> String {
        let time = now().sinceBoot
        if let session, time < session.renewal { return session.token }
        do throws(SidecarError) {
            let new = try await commonSession(at: time)
            session = new
            return new.token
        } catch {
            guard let session, time < session.expiry, error != .ended else {
                session = nil
                throw error
            }
            return session.token
        }
    }

    private func commonSession(at time: Duration) async throws(SidecarError) -> Session {
        if let coming { return try await coming.value.get() }
        let task = Task { () -> Result<Session, SidecarError> in
            do throws(SidecarError) { return .success(try await newSession(at: time)) } catch { return .failure(error) }
        }
        coming = task
        defer { coming = nil }
        return try await task.value.get()
    }

    private func newSession(at time: Duration) async throws(SidecarError) -> Session {
        let answer = try await send(
            SidecarQuestion(path: "/v1/sidecar/session", body: .emptyObject), bearing: try credential())
        guard let token = answer["token"]?.string, isBearerToken(token), let life = answer["expires_in_s"]?.int,
            (1...86_400).contains(life)
        else { throw .unexpected("a session that has no token") }
        return Session(token: token, renewal: time + .seconds(life) / 2, expiry: time + .seconds(life))
    }

    /// Read each time, since the kubelet writes a changed Secret anew.
    private func credential() throws(SidecarError) -> String {
        let bytes: [UInt8]
        do throws(FileFault) { bytes = try readFile(credentialFile, bytesMax: 16_384) } catch {
            throw .credentialUnreadable(path: credentialFile, reason: error.reason)
        }
        let credential = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        guard isBearerToken(credential) else {
            throw .credentialUnreadable(path: credentialFile, reason: "it holds no token")
        }
        return credential
    }

    private func send(_ question: SidecarQuestion, bearing token: String) async throws(SidecarError) -> JSON {
        var headers = [("Authorization", "Bearer " + token), ("Accept", "application/json, application/problem+json")]
        if question.body != nil { headers.append(("Content-Type", "application/json")) }
        var request = HTTPClientRequest(
            question.body == nil ? .get : .post, url + question.path, headers: headers,
            body: question.body?.bytes ?? [])
        request.isRepeatable = false
        request.timeout = .seconds(10)
        request.bodyBytesMax = 256 * 1024
        let answer: HTTPClientResponse
        do throws(HTTPClientError) { answer = try await web.send(request) } catch {
            throw .away(reason: error.description, retryAfter: error.retryAfter)
        }
        return try answer.sidecarAnswer().get()
    }
}

extension BerthCalls {
    /// A client for one peer, which is asked seldom.
    package static var clientLimits: HTTPClientLimits {
        var limits = HTTPClientLimits()
        limits.retries.attemptsMax = 1
        limits.connectionsMax = 4
        limits.connectionsPerOriginMax = 4
        limits.waitersMax = 16
        limits.waitersPerOriginMax = 16
        // Our own pauses are longer.
        limits.breaker.failuresMax = .max
        return limits
    }
}

// SPDX-License-Identifier: Apache-2.0
package import HTTPClient
internal import JSONTree
package import Sockets

/// A Kubernetes cluster, by the few verbs that Berth uses; from a task on any thread.
///
/// Each call ends by its deadline, with the server's whole answer or a `KubernetesError`. Who Berth is, and whom it
/// believes, is `ClusterAccess`'s to say; what it may do is the role's.
package final class Cluster: Sendable {
    /// Who owns the fields that Berth applies.
    package static let fieldManager = "berth"

    package let access: ClusterAccess
    package let limits: ClusterLimits
    let asking: any WebStreaming
    let token: TokenSource?

    /// - Parameter asking: a client with `access.trust`, for this cluster alone.
    package init(_ access: ClusterAccess, asking: any WebStreaming, limits: ClusterLimits = ClusterLimits()) {
        self.access = access
        self.asking = asking
        self.limits = limits
        token = TokenSource(access.credential)
    }

    /// By a client of its own on these loops, which must turn.
    package convenience init(_ access: ClusterAccess, loops: [EventLoop], limits: ClusterLimits = ClusterLimits()) {
        self.init(
            access, asking: HTTPClient(loops: loops, trust: access.trust, limits: .forCluster), limits: limits)
    }
}

extension HTTPClientLimits {
    /// A leader that is kept from asking for long loses its Lease, and an API server is back in seconds.
    package static var forCluster: HTTPClientLimits {
        var limits = HTTPClientLimits()
        limits.breaker.coolDown = .seconds(2)
        return limits
    }
}

/// What one call may cost.
package struct ClusterLimits: Hashable, Sendable {
    /// The whole of a call, with all waiting and repeating.
    package var timeout = Duration.seconds(20)
    /// One object.
    package var objectBytes = 8 << 20
    /// One page of a list.
    package var pageBytes = 32 << 20
    /// Objects that are asked for at a time.
    package var pageObjects = 250

    package init() {}
}

// MARK: - One call

extension Cluster {
    /// What is sent to do a call.
    struct Question {
        let call: ResourceCall
        let method: HTTPClientRequest.Method
        /// Nil is the call's own.
        var path: String?
        var query = Query()
        var accept = "application/json"
        var contentType: String?
        var body: [UInt8] = []
        var bodyBytesMax: Int
        /// May be sent again though it is no idempotent method of HTTP; then it can go over a connection that is there.
        var isRepeatable = false

        init(_ call: ResourceCall, _ method: HTTPClientRequest.Method, most bodyBytesMax: Int) {
            self.call = call
            self.method = method
            self.bodyBytesMax = bodyBytesMax
        }
    }

    /// The answer where it is a success, as JSON.
    func answer(to question: Question, timeout: Duration?) async throws(KubernetesError) -> JSON {
        try answer(try await response(to: question, timeout: timeout), to: question)
    }

    func answer(_ response: HTTPClientResponse, to question: Question) throws(KubernetesError) -> JSON {
        let call = question.call
        guard (200..<300).contains(response.status) else {
            throw ServerStatus(response).error(of: call, retryAfter: response.retryAfter)
        }
        do throws(JSONError) {
            return try JSON(parsing: response.body, limits: JSONLimits(bytesMax: question.bodyBytesMax))
        } catch {
            throw .unreadable(call, error.place)
        }
    }

    /// The answer of whatever status, once the server no longer says that it is too busy, or a token that is no longer
    /// good has been replaced.
    func response(to question: Question, timeout: Duration?) async throws(KubernetesError) -> HTTPClientResponse {
        let deadline = ContinuousClock.now + (timeout ?? limits.timeout)
        var tokenIsNew = false
        while true {
            let bearer = try token?.current()
            let response = try await attempt(question, bearer, deadline)
            if response.status == 401, !tokenIsNew, let bearer, try token?.replaced(bearer) == true {
                tokenIsNew = true
                continue
            }
            guard let pause = response.pauseAsked, .now + pause < deadline else { return response }
            do { try await Task.sleep(for: pause) } catch {
                throw .noAnswer(question.call, .cancelled(access.origin))
            }
        }
    }

    private func attempt(
        _ question: Question, _ bearer: ClusterToken?, _ deadline: ContinuousClock.Instant
    ) async throws(KubernetesError) -> HTTPClientResponse {
        let request = try request(for: question, bearer, timeout: deadline - .now)
        do throws(HTTPClientError) { return try await asking.send(request) } catch {
            throw .noAnswer(question.call, error)
        }
    }

    func request(
        for question: Question, _ bearer: ClusterToken?, timeout: Duration
    ) throws(KubernetesError) -> HTTPClientRequest {
        let path = if let path = question.path { path } else { try question.call.path }
        let url = access.server + path + question.query.suffix
        var headers = [(name: "Accept", value: question.accept)]
        if let bearer { headers.append((name: "Authorization", value: bearer.header)) }
        if let type = question.contentType { headers.append((name: "Content-Type", value: type)) }
        var request = HTTPClientRequest(question.method, url, headers: headers, body: question.body)
        request.timeout = timeout
        if question.isRepeatable { request.isRepeatable = true }
        request.bodyBytesMax = question.bodyBytesMax
        return request
    }
}

extension HTTPClientResponse {
    /// For how long a server that was too busy wants to be left alone. It has not done what it was asked then, so that
    /// anything may be asked again; a server that failed says so by the header only.
    fileprivate var pauseAsked: Duration? {
        switch status {
        case 429: retryAfter ?? .seconds(1)
        case 500...: retryAfter
        default: nil
        }
    }
}

extension JSONError {
    /// Where and why, without the text: it may be a secret's.
    var place: String {
        switch self {
        case .malformed(let offset, _): "no JSON at byte \(offset)"
        case .duplicateKey(let offset, _): "a member twice, at byte \(offset)"
        case .tooDeep, .tooLarge, .pointer, .patchMalformed, .patchFailed: description
        }
    }
}

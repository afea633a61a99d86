// SPDX-License-Identifier: Apache-2.0
package import HTTPClient

/// Asks issuers by Berth's HTTP client: its bounds, its breaker, its trust in certificates.
package struct HTTPIssuerAsking: IssuerAsking {
    private let client: HTTPClient

    package init(_ client: HTTPClient) { self.client = client }

    package func ask(_ question: IssuerQuestion) async throws(IssuerError) -> IssuerAnswer {
        var request = HTTPClientRequest(
            question.form == nil ? .get : .post, question.url, headers: question.headers, body: question.form ?? [])
        // Looking a token up changes nothing, so that a lost answer may be asked for again.
        request.isRepeatable = true
        request.timeout = question.timeout
        request.bodyBytesMax = question.bytesMax
        do {
            let response = try await client.send(request)
            return IssuerAnswer(status: response.status, body: response.body)
        } catch {
            throw .unreachable(question.endpoint, reason: "\(error)")
        }
    }
}

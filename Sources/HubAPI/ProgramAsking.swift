// SPDX-License-Identifier: Apache-2.0
package import HTTPClient

/// What asks other programs over HTTP.
package protocol ProgramAsking: Sendable {
    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse
}

extension HTTPClient: ProgramAsking {}

// SPDX-License-Identifier: Apache-2.0
package import HTTPClient
package import SpawnModel

/// One hub's own API (JupyterHub 5.3 and later): https://jupyterhub.readthedocs.io/en/stable/reference/rest-api.html
package struct Hub: Sendable {
    private let address: HubAddress
    private let asking: any WebAsking

    package init(_ address: HubAddress, asking: any WebAsking) {
        self.address = address
        self.asking = asking
    }

    /// How a hub takes the order to stop a server.
    package enum Stop: Sendable, Hashable {
        /// It stops now, is being stopped, or has stopped.
        case stopping
        /// It does not know the user or the server.
        case unknown
    }

    /// Has the hub stop a server as its user would: it then knows, starts nothing again and shows no failure.
    ///
    /// `DELETE /users/{name}/server`, or `/users/{name}/servers/{server}`; needs the scope `delete:servers`.
    package func stop(_ server: ServerID) async throws(HubFault) -> Stop {
        let user = "/users/" + server.user.percentEncoded
        let path = server.name.isEmpty ? user + "/server" : user + "/servers/" + server.name.percentEncoded
        let response = try await answer(to: .delete, path)
        switch response.status {
        case 202, 204: return .stopping
        case 404: return .unknown
        case 401, 403: throw .notAllowed(status: response.status, scope: "delete:servers")
        case let status: throw .away("it answers with status \(status)")
        }
    }

    func answer(
        to method: HTTPClientRequest.Method, _ path: String, body: [UInt8] = [],
        accepting type: String = "application/json", within timeout: Duration = .seconds(10), bytesMax: Int = 1 << 20
    ) async throws(HubFault) -> HTTPClientResponse {
        var request = HTTPClientRequest(
            method, address.url + path, headers: [("Authorization", address.authorization), ("Accept", type)],
            body: body)
        if !body.isEmpty { request.headers.append(("Content-Type", "application/json")) }
        // What is asked here has the effect of once, however often it comes.
        request.isRepeatable = true
        request.timeout = timeout
        request.bodyBytesMax = bytesMax
        do { return try await asking.send(request) } catch { throw .away("\(error)", retryAfter: error.retryAfter) }
    }
}

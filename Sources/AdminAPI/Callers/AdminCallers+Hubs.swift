// SPDX-License-Identifier: Apache-2.0
import Configuration
import HTTPClient
import HubAPI
import JSONTree
import SpawnModel

extension AdminCallers {
    /// The first hub that knows the token says whose it is and which scopes it has.
    ///
    /// - Throws: where none knows it and one could not be asked: it may be that one's.
    func caller(of token: String, _ hubs: [AdminTerms.Hub]) async throws(Problem) -> AdminCaller? {
        var away: Problem?
        for hub in hubs {
            do throws(Problem) {
                if let model = try await model(of: token, hub) { return AdminCaller(model, of: hub) }
            } catch {
                away = error
            }
        }
        if let away { throw away }
        return nil
    }

    /// JupyterHub's model of the token's owner, a user or a service; nil for a token that it does not know.
    private func model(of token: String, _ hub: AdminTerms.Hub) async throws(Problem) -> JSON? {
        var request = HTTPClientRequest(
            .get, hub.url + "/user", headers: [("Authorization", "Bearer \(token)"), ("Accept", "application/json")])
        request.timeout = .seconds(5)
        // A person's model lists their servers.
        request.bodyBytesMax = 1 << 20
        let response: HTTPClientResponse
        do { response = try await asking.send(request) } catch { throw .adminHubAway(hub.deployment, "\(error)") }
        switch response.status {
        case 200:
            guard let model = try? JSON(parsing: response.body), model.object != nil else {
                throw .adminHubAway(hub.deployment, "its answer is no JSON object")
            }
            return model
        case 401, 403, 404: return nil
        case let status: throw .adminHubAway(hub.deployment, "it answers with status \(status)")
        }
    }
}

extension AdminCaller {
    /// Nil where the token has no scope of ours. One that is narrowed to a user or group (`…!user=ada`) gives nothing:
    /// what an operator does concerns all.
    fileprivate init?(_ model: JSON, of hub: AdminTerms.Hub) {
        let scopes = model["scopes"]?.array?.compactMap(\.string) ?? []
        let role = AdminRole.allCases.last { scopes.contains("custom:berth:\($0.rawValue)") }
        guard let role, let name = model["name"]?.string else { return nil }
        self.init(name: "hub/\(hub.deployment)/\(name.prefix(255))", role: role)
    }
}

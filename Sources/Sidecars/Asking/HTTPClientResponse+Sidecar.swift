// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import JSONTree

extension HTTPClientResponse {
    /// Berth's answer, or what its status means. A body is never told: it may hold a token.
    func sidecarAnswer() -> Result<JSON, SidecarError> {
        let json = try? JSON(parsing: body, limits: JSONLimits(bytesMax: 256 * 1024, depthMax: 16))
        let code = json?["code"]?.string ?? ""
        switch status {
        case 200..<300:
            guard let json, json.kind == .object else { return .failure(.unexpected("\(status) and no JSON object")) }
            return .success(json)
        // Only Berth's own word ends a server's sidecar, not that of a proxy before it.
        case 410 where code == "session-ended":
            return .failure(.ended)
        case 408, 425, 429, 500...:
            return .failure(
                .away(reason: code.isEmpty ? "status \(status)" : "\(status) \(code)", retryAfter: asked(json)))
        case 400..<500 where !code.isEmpty:
            let words = json?["user_message"]?.string ?? ""
            return .failure(.refused(BerthRefusal(status: status, code: code, userMessage: words)))
        default:
            return .failure(.unexpected("status \(status) and no problem of Berth's"))
        }
    }

    private func asked(_ json: JSON?) -> Duration? {
        retryAfter ?? json?["retry_after_s"]?.int.flatMap { (0...86_400).contains($0) ? .seconds($0) : nil }
    }
}

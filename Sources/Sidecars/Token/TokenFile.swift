// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// Which token goes where, as the pod says it.
package struct TokenFile: Hashable, Sendable {
    package let audience: String
    private let token: ReplacedFile
    private let status: ReplacedFile

    package var path: String { token.path }

    private static let most = 16

    init(audience: String, path: String) {
        self.audience = audience
        token = ReplacedFile(path: path, mode: 0o600)
        status = ReplacedFile(path: path + ".status", mode: 0o644)
    }

    /// Those of `BERTH_TOKENS`, a JSON list of `{"audience", "file"}`.
    package static func all(of environment: PodEnvironment) throws(SidecarError) -> [TokenFile] {
        let text = try environment.required("BERTH_TOKENS", expected: "a JSON list of audiences and files")
        let entries = (try? JSON(parsing: text))?.array ?? []
        let files = entries.compactMap { TokenFile($0) }
        guard !files.isEmpty, files.count == entries.count, files.count <= most,
            Set(files.map(\.path)).count == files.count
        else {
            throw .environment(
                variable: "BERTH_TOKENS",
                expected: "a JSON list of up to \(most) objects with audience and file, each file once")
        }
        return files
    }

    private init?(_ json: JSON) {
        guard let audience = json["audience"]?.string, !audience.isEmpty, let path = json["file"]?.string, path.isOfFile
        else { return nil }
        self.init(audience: audience, path: path)
    }

    // MARK: Writing

    func write(_ text: String) throws(SidecarError) { try token.replace(with: Array(text.utf8)) }

    func empty() throws(SidecarError) { try token.empty() }

    func write(_ keeping: TokenKeeping) throws(SidecarError) {
        let told: JSON = [
            "audience": JSON(audience), "state": JSON(keeping.state.rawValue),
            "expires_at": keeping.expiresAt.map { JSON($0.description) } ?? .null,
            "renewed_at": keeping.renewedAt.map { JSON($0.description) } ?? .null,
            "detail": keeping.detail.map { JSON($0) } ?? .null,
        ]
        try status.replace(with: told.bytes)
    }

    /// Nothing of it is left, not even what a killed run had begun.
    func remove() {
        token.remove()
        status.remove()
    }

    /// What an earlier run left: its token, as long as its status says when that expires.
    func taken(over now: ClockReading) -> TokenKeeping {
        token.removeDraft()
        status.removeDraft()
        let told = (try? readFile(status.path, bytesMax: 65_536)).flatMap { try? JSON(parsing: $0) }
        guard let expiresAt = told?["expires_at"]?.string.flatMap({ Instant(rfc3339: $0) }), now.wall < expiresAt else {
            remove()
            return TokenKeeping()
        }
        return TokenKeeping(expiry: now.sinceBoot + (expiresAt - now.wall), expiresAt: expiresAt)
    }
}

extension String {
    /// Absolute, and with a name at its end.
    fileprivate var isOfFile: Bool { hasPrefix("/") && !hasSuffix("/") && utf8.count > 1 }
}

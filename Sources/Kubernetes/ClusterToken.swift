// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Synchronization

/// A token by which Berth proves itself to the API server. It never prints its value.
package struct ClusterToken: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let text: String

    /// Nil unless it is of visible ASCII; space and line ends around it don't count.
    package init?(_ bytes: some Collection<UInt8>) {
        let isMargin = { (byte: UInt8) in byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 }
        guard let first = bytes.firstIndex(where: { !isMargin($0) }) else { return nil }
        let text = Array(bytes[first...]).reversed().drop(while: isMargin).reversed()
        guard text.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
        self.text = String(decoding: text, as: UTF8.self)
    }

    /// For nothing but to be sent.
    var header: String { "Bearer \(text)" }

    package var description: String { "(token)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The token of the moment. One in a file is read again every few seconds, and at once when the server refuses it: a
/// kubelet replaces a pod's long before it expires, without telling.
final class TokenSource: Sendable {
    private let credential: TokenCredential
    private let last = Mutex<(token: ClusterToken, readAt: ContinuousClock.Instant)?>(nil)

    private static let readEvery = Duration.seconds(5)

    private enum TokenCredential {
        case fixed(ClusterToken)
        case file(String)
    }

    /// Nil where there is none: a certificate says who we are.
    init?(_ credential: ClusterAccess.Credential) {
        switch credential {
        case .certificate, .none: return nil
        case .token(let token): self.credential = .fixed(token)
        case .tokenFile(let path): self.credential = .file(path)
        }
    }

    func current() throws(KubernetesError) -> ClusterToken {
        switch credential {
        case .fixed(let token): return token
        case .file(let path):
            if let last = last.withLock({ $0 }), .now - last.readAt < Self.readEvery { return last.token }
            return try read(path)
        }
    }

    /// Whether another token has taken the place of one that the server has refused.
    func replaced(_ refused: ClusterToken) throws(KubernetesError) -> Bool {
        switch credential {
        case .fixed: false
        case .file(let path): try read(path) != refused
        }
    }

    private func read(_ path: String) throws(KubernetesError) -> ClusterToken {
        guard let bytes = SmallFile.bytes(of: path) else {
            throw .tokenUnreadable(path: path, reason: "cannot be read: \(String(cString: strerror(errno)))")
        }
        guard let token = ClusterToken(bytes) else { throw .tokenUnreadable(path: path, reason: "holds no token") }
        last.withLock { $0 = (token, .now) }
        return token
    }
}

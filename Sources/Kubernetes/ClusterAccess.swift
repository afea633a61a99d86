// SPDX-License-Identifier: Apache-2.0
package import HTTPClient

/// How a cluster is reached, whom we believe there and who we are.
package struct ClusterAccess: Hashable, Sendable {
    package enum Credential: Hashable, Sendable {
        /// Nobody in particular, or whom the client certificate in `trust` names.
        case none, certificate
        case token(ClusterToken)
        /// Read again as it rotates.
        case tokenFile(String)
    }

    /// Without a slash at its end: `https://10.0.0.1:443`, or with a path.
    package let server: String
    package let origin: Origin
    package let trust: HTTPClientTrust
    package let credential: Credential
    /// Where we are at home: the pod's own, or the context's.
    package let namespace: String

    /// - Parameter server: an https URL without query; http only to this machine, as `kubectl proxy` offers it.
    package init(
        server: String, trust: HTTPClientTrust, credential: Credential, namespace: String = "default"
    ) throws(ServerFault) {
        do throws(WebAddress.Fault) { origin = try WebAddress(server).origin } catch {
            throw error == .holdsCredentials ? .holdsCredentials : .malformed
        }
        guard !server.contains("?"), !server.contains("#") else { throw .malformed }
        guard origin.scheme == .https || ["127.0.0.1", "localhost", "[::1]"].contains(origin.host) else {
            throw .clearText
        }
        self.server = server.hasSuffix("/") ? String(server.dropLast()) : server
        self.trust = trust
        self.credential = credential
        self.namespace = namespace
    }

    /// Why a URL is no API server's for us.
    package enum ServerFault: Error, Hashable, Sendable {
        case malformed
        case holdsCredentials
        /// A token would go to whoever listens.
        case clearText
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import HTTPClient

extension ClusterAccess {
    /// Where a kubelet puts a pod's service account.
    package static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// As the service account of the pod that we run in.
    ///
    /// - Parameters:
    ///   - folder: with `token`, `ca.crt` and `namespace`.
    ///   - environment: gives `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`; nil where a name is not set.
    package static func serviceAccount(
        in folder: String = serviceAccountFolder, environment: (String) -> String?
    ) throws(ServiceAccountFault) -> ClusterAccess {
        guard let host = environment("KUBERNETES_SERVICE_HOST"), !host.isEmpty,
            let port = environment("KUBERNETES_SERVICE_PORT"), UInt16(port) != nil
        else { throw .notInPod }
        for name in ["token", "ca.crt"] where Glibc.access("\(folder)/\(name)", R_OK) != 0 {
            throw .fileMissing("\(folder)/\(name)", reason: String(cString: strerror(errno)))
        }
        do throws(ServerFault) {
            return try ClusterAccess(
                server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
                trust: HTTPClientTrust(caFile: "\(folder)/ca.crt"), credential: .tokenFile("\(folder)/token"),
                namespace: SmallFile.word(of: "\(folder)/namespace") ?? "default")
        } catch {
            throw .notInPod
        }
    }
}

/// Why there is no service account to be.
package enum ServiceAccountFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The environment does not name the cluster.
    case notInPod
    case fileMissing(String, reason: String)

    package var description: String {
        switch self {
        case .notInPod:
            "Berth does not run in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT do not name a cluster. "
                + "Write `kubernetes: {kubeconfig: …}`."
        case .fileMissing(let path, let reason):
            "\(path): \(reason). Leave `automountServiceAccountToken` of Berth's pod at `true`."
        }
    }
}

/// A file of at most 64 KiB that a kubelet keeps for us.
enum SmallFile {
    private static let bytesMost = 64 << 10

    /// Nil with `errno` set when it cannot be read.
    static func bytes(of path: String) -> [UInt8]? {
        // O_NONBLOCK: opening a named pipe must not wait for somebody to write.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: bytesMost)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count < 0 ? nil : Array(bytes[..<count])
    }

    /// What stands in it without line ends; nil when there is nothing.
    static func word(of path: String) -> String? {
        let text = String(decoding: (bytes(of: path) ?? []).filter { $0 > 0x20 }, as: UTF8.self)
        return text.isEmpty ? nil : text
    }
}

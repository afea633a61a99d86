// SPDX-License-Identifier: Apache-2.0
import Sealing

extension Reading {
    mutating func sealKeys(_ root: Item) -> SealKeys? {
        guard let item = root["seal"], item.isMapping, let written = item["key_file"] else { return nil }
        // Where the cluster is watched, this is a fault and told there.
        let deployments = Reading.isFromCluster(root) ? nil : root["deployments"]
        for (name, deployment) in deployments?.members ?? []
        where deployment.isMapping && deployment["namespace"] == nil {
            warn(
                deployment, "pods of the hub \(quoted(name)) get no seal, since it says no `namespace`",
                "Add the Kubernetes namespace of its servers.", atKey: true)
        }
        let previous = item["previous_key_file"].map { sealKey($0) }
        guard let key = sealKey(written), previous != .some(nil) else { return nil }
        return SealKeys(key, previous: previous ?? nil)
    }

    private mutating func sealKey(_ item: Item) -> [UInt8]? {
        let remedy = "Make one with `openssl rand -hex 32`, and keep it to Berth (`chmod 600`)."
        guard let bytes = secretBytes(item, remedy) else { return nil }
        guard bytes.count >= SealKeys.bytesLeast else {
            fault(
                item, "the file \(quoted(item.text ?? "")) holds fewer than \(SealKeys.bytesLeast) characters", remedy)
            return nil
        }
        return bytes
    }

    /// Somebody has to be believed, and something has to tell a reservation's pod from others.
    mutating func admission(_ item: Item?, tls: Item?, seal: Item?) -> AdmissionTerms? {
        guard let item, item.isMapping else { return nil }
        if seal == nil {
            fault(item, "cannot tell which pods have a reservation", "Add `seal: {key_file: …}`.", atKey: true)
        }
        let secret = item["path_secret_file"]
        let knowsClients = tls?["client_ca_file"] != nil
        if secret == nil, !knowsClients {
            fault(
                item, "says nobody who may ask",
                "Add `tls.client_ca_file` for certificates, or `path_secret_file` for a secret in the URL.", atKey: true
            )
        }
        if let names = item["client_names"], !knowsClients {
            fault(names, "are names in certificates that nobody vouches for", "Add `tls.client_ca_file`.", atKey: true)
        }
        if let secret, tls == nil {
            warn(secret, "travels without TLS", "Add `tls`: Kubernetes calls webhooks over TLS only.", atKey: true)
        }
        let range = Duration.milliseconds(100) ... .seconds(25)
        return AdmissionTerms(
            clientNames: item.texts("client_names") ?? [], pathSecret: secret.map { pathSecret($0) },
            unsealed: item.text("unsealed").flatMap(AdmissionTerms.Unsealed.init) ?? .refuse,
            timeout: span(item["timeout"], within: range, "at most 25s") ?? .seconds(5))
    }

    /// What can stand in a path as it is (RFC 3986 section 2.3).
    private mutating func pathSecret(_ item: Item) -> Secret {
        let remedy = "Make one with `openssl rand -hex 32`, and keep it to Berth and the webhook's configuration."
        guard let bytes = secretBytes(item, remedy) else { return .unknown }
        let isPath = bytes.allSatisfy { Unicode.Scalar($0).isLetterOrDigit || "-._~".utf8.contains($0) }
        guard isPath, bytes.count >= 16 else {
            fault(
                item,
                "the file \(quoted(item.text ?? "")) holds no 16 or more of letters, digits, `.`, `_`, `~` and `-`",
                remedy)
            return .unknown
        }
        return Secret(bytes)
    }
}

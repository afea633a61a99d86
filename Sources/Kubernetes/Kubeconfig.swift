// SPDX-License-Identifier: Apache-2.0
internal import HTTPClient
package import JSONTree

/// A kubeconfig's words, as far as Berth can do what they say; what it cannot is refused, never left out.
package struct Kubeconfig {
    /// What is wrong in it, and where.
    package struct Fault: Error, Hashable, Sendable {
        /// `/users/0/user/exec`
        package let place: JSONPointer
        /// What goes on behind the place's name: "runs a program".
        package let what: String
        package let remedy: String
    }

    /// A file that it names, for whoever checks that it is there and is kept from others.
    package struct NamedFile: Hashable, Sendable {
        package let place: JSONPointer
        package let path: String
        /// A key or a token.
        package let isSecret: Bool
    }

    package let access: ClusterAccess
    package let files: [NamedFile]

    /// - Parameters:
    ///   - json: the file's YAML, as JSON.
    ///   - folder: its own, from which relative paths count.
    ///   - context: the name of one; nil is its `current-context`.
    package init(_ json: JSON, folder: String, context: String? = nil) throws(Fault) {
        var reader = KubeconfigReader(json: json, folder: folder)
        access = try reader.access(context)
        files = reader.files
    }
}

private struct KubeconfigReader {
    let json: JSON
    let folder: String
    var files: [Kubeconfig.NamedFile] = []

    mutating func access(_ wanted: String?) throws(Kubeconfig.Fault) -> ClusterAccess {
        let context = try contextInUse(wanted)
        let cluster = try entry("clusters", "cluster", try text(context, "cluster", isNeeded: true))
        try refuse(cluster, Self.unfitOfCluster)
        let (credential, certificate) = try user(try text(context, "user"))
        let authorities = try pem(cluster, "certificate-authority", isSecret: false)
        let server = try text(cluster, "server", isNeeded: true)
        let namespace = try text(context, "namespace") ?? "default"
        do throws(ClusterAccess.ServerFault) {
            return try ClusterAccess(
                server: server ?? "",
                trust: HTTPClientTrust(authorities: authorities, clientCertificate: certificate),
                credential: credential, namespace: namespace)
        } catch {
            throw fault(cluster.place.appending("server"), error.words, error.remedy)
        }
    }

    // MARK: Entries

    private struct Entry {
        let json: JSON
        let place: JSONPointer
    }

    private func contextInUse(_ wanted: String?) throws(Kubeconfig.Fault) -> Entry {
        if let wanted { return try entry("contexts", "context", wanted) }
        let current = json["current-context"]?.string ?? ""
        guard !current.isEmpty else {
            throw fault(
                JSONPointer(tokens: []), "has no `current-context`", "Name one: `kubernetes: {context: …}`.")
        }
        return try entry("contexts", "context", current)
    }

    private func entry(_ list: String, _ noun: String, _ name: String?) throws(Kubeconfig.Fault) -> Entry {
        let place = JSONPointer(tokens: [list])
        let entries = json[list]?.array ?? []
        guard let number = entries.firstIndex(where: { $0["name"]?.string == name }),
            let value = entries[number][noun]
        else {
            let names = entries.compactMap { $0["name"]?.string }.prefix(12).map { "`\($0.shortened)`" }
            throw fault(
                place, "has no \(noun) `\((name ?? "").shortened)`",
                names.isEmpty ? "It is empty." : "There are: \(names.joined(separator: ", ")).")
        }
        return Entry(json: value, place: place.appending("\(number)").appending(noun))
    }

    // MARK: Who we are

    private mutating func user(
        _ name: String?
    ) throws(Kubeconfig.Fault) -> (ClusterAccess.Credential, HTTPClientTrust.ClientCertificate?) {
        guard let name, !name.isEmpty else { return (.none, nil) }
        let user = try entry("users", "user", name)
        try refuse(user, Self.unfitOfUser)
        let certificate = try pem(user, "client-certificate", isSecret: false)
        let key = try pem(user, "client-key", isSecret: true)
        if (certificate == nil) != (key == nil) {
            throw fault(
                user.place, "has one of `client-certificate` and `client-key` without the other", "Add the other.")
        }
        let shown = certificate.flatMap { certificate in
            key.map { HTTPClientTrust.ClientCertificate(certificate: certificate, key: $0) }
        }
        // kubectl prefers the token in a file, too.
        if let path = try text(user, "tokenFile") {
            return (.tokenFile(named(path, user.place.appending("tokenFile"), isSecret: true)), shown)
        }
        if let text = try text(user, "token") {
            guard let token = ClusterToken(text.utf8) else {
                throw fault(
                    user.place.appending("token"), "is no bearer token", "Write it on one line, or `tokenFile`.")
            }
            return (.token(token), shown)
        }
        return (shown == nil ? .none : .certificate, shown)
    }

    // MARK: Values

    private func text(_ entry: Entry, _ key: String, isNeeded: Bool = false) throws(Kubeconfig.Fault) -> String? {
        let value = entry.json[key]
        if let text = value?.string, !text.isEmpty { return text }
        guard !isNeeded, value == nil || value?.isNull == true || value?.string == "" else {
            throw fault(
                value == nil ? entry.place : entry.place.appending(key),
                value == nil ? "has no `\(key)`" : "is no text", "kubectl needs it too: see `kubectl config view`.")
        }
        return nil
    }

    /// By the key, a file; by the key with `-data` behind it, bytes, which count more.
    private mutating func pem(_ entry: Entry, _ key: String, isSecret: Bool) throws(Kubeconfig.Fault) -> PEM? {
        if let data = try text(entry, "\(key)-data") {
            guard let bytes = Base64.bytes(data), !bytes.isEmpty else {
                throw fault(entry.place.appending("\(key)-data"), "is no base64", "Write `base64 -w0` of the PEM file.")
            }
            return .bytes(bytes)
        }
        return try text(entry, key).map { .file(named($0, entry.place.appending(key), isSecret: isSecret)) }
    }

    private mutating func named(_ path: String, _ place: JSONPointer, isSecret: Bool) -> String {
        let path = path.hasPrefix("/") ? path : "\(folder)/\(path)"
        files.append(Kubeconfig.NamedFile(place: place, path: path, isSecret: isSecret))
        return path
    }

    // MARK: What is refused

    private typealias Unfit = (key: String, what: String, remedy: String)

    private static let unfitOfCluster: [Unfit] = [
        (
            "insecure-skip-tls-verify", "has Berth believe any server",
            "Leave it out and name the cluster's `certificate-authority`."
        ),
        ("proxy-url", "leads over a proxy", "Leave it out: Berth asks the API server itself."),
        (
            "tls-server-name", "takes another name's certificate for the server's",
            "Leave it out, and have the server's certificate name the host that `server` names."
        ),
    ]

    private static let useAToken = "Give Berth a service account, and its token by `tokenFile` or `token`."

    private static let unfitOfUser: [Unfit] = [
        ("exec", "runs a program to find out who you are, which Berth does not", useAToken),
        ("auth-provider", "needs a plugin of kubectl's, which Berth has not", useAToken),
        ("username", "is a password's, which clusters no longer take", useAToken),
        ("password", "is a password, which clusters no longer take", useAToken),
        ("as", "has Berth act for somebody else", "Leave it out, and bind the role to whom Berth is."),
    ]

    private func refuse(_ entry: Entry, _ unfit: [Unfit]) throws(Kubeconfig.Fault) {
        for (key, what, remedy) in unfit {
            guard let value = entry.json[key], !value.isNull, value.bool != false, value.string != "" else { continue }
            throw fault(entry.place.appending(key), what, remedy)
        }
    }

    private func fault(_ place: JSONPointer, _ what: String, _ remedy: String) -> Kubeconfig.Fault {
        Kubeconfig.Fault(place: place, what: what, remedy: remedy)
    }
}

extension ClusterAccess.ServerFault {
    var words: String {
        switch self {
        case .malformed: "is no URL of an API server"
        case .holdsCredentials: "holds a user or password"
        case .clearText: "would be asked in clear text"
        }
    }

    var remedy: String {
        switch self {
        case .malformed: "Write `https://host:6443`."
        case .holdsCredentials: "Leave them out of the URL. Give Berth a service account's token."
        case .clearText: "Write `https://…`: the token would go to whoever listens."
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Identity

extension Reading {
    /// How each issuer's tokens are read, in the order of the file.
    mutating func issuers(_ item: Item?, _ mappings: [ClaimsMapping]) -> [IssuerTerms] {
        (item?["issuers"]?.elements ?? []).compactMap { one in
            guard one.isMapping, let issuer = one.text("issuer") else { return nil }
            return terms(one, issuer, readsGroups: mappings.contains { $0.issuer == issuer && !$0.groups.isEmpty })
        }
    }

    private mutating func terms(_ item: Item, _ issuer: String, readsGroups: Bool) -> IssuerTerms {
        let algorithms = item["algorithms"]?.texts.compactMap(SigningAlgorithm.init(rawValue:)) ?? []
        let ways = ways(item)
        return IssuerTerms(
            issuer: issuer, algorithms: Set(algorithms.isEmpty ? SigningAlgorithm.all : algorithms),
            audiences: item.texts("audiences") ?? [], ways: ways, client: client(item, ways),
            exchange: exchangeClient(item["exchange"]), keyTimes: keyTimes(item["keys"]),
            skew: span(item["clock_skew"], within: .zero ... .seconds(300), "at most 5m") ?? .seconds(60),
            answersKept: span(item["answers_kept"], within: .zero ... .seconds(3600), "at most 1h") ?? .seconds(60),
            needsGroups: readsGroups)
    }

    /// One, or `verify` and then one that asks: whatever stands behind one that asks would never be reached.
    private mutating func ways(_ item: Item) -> [TokenWay] {
        guard let written = item["tokens"] else { return [.verify] }
        let ways = written.texts.compactMap(TokenWay.init(rawValue:))
        if ways.count > 1, ways.count > 2 || ways[0] != .verify || ways[1] == .verify {
            fault(
                written, "names ways that are never reached",
                "Write one way, or `verify` and one that asks about tokens that say too little: `[verify, introspect]`."
            )
        }
        return ways.isEmpty ? [.verify] : ways
    }

    private mutating func client(_ item: Item, _ ways: [TokenWay]) -> ClientCredentials? {
        let secretFile = item["client_secret_file"]
        guard let id = item.text("client_id") else {
            if ways.contains(.introspect) {
                fault(
                    item, "introspects tokens, and Berth is nobody to this issuer",
                    "Add the `client_id` and `client_secret_file` that the issuer knows Berth by.", atKey: true)
            } else if let secretFile {
                fault(secretFile, "needs `client_id` beside it", "A secret is somebody's.", atKey: true)
            }
            return nil
        }
        if ways.contains(.introspect), secretFile == nil {
            warn(
                item, "introspects tokens without a `client_secret_file`",
                "Most issuers answer 401 then, and no token is taken.", atKey: true)
        }
        return ClientCredentials(
            id: id, secret: secretFile.flatMap { clientSecret($0) },
            method: item.text("client_secret_by").flatMap(ClientCredentials.Method.init) ?? .basic)
    }

    private mutating func exchangeClient(_ item: Item?) -> ClientCredentials? {
        guard let item, item.isMapping, let id = item.text("client_id") else { return nil }
        return ClientCredentials(
            id: id, secret: item["client_secret_file"].flatMap { clientSecret($0) },
            method: item.text("client_secret_by").flatMap(ClientCredentials.Method.init) ?? .basic)
    }

    private mutating func clientSecret(_ item: Item) -> ClientSecret? {
        let remedy = "Copy the secret from the issuer's entry for this client, and keep it to Berth (`chmod 600`)."
        guard let path = item.text, let bytes = secretBytes(item, remedy) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            fault(item, "the file \(quoted(path)) is no text in UTF-8", remedy)
            return nil
        }
        return ClientSecret(text)
    }

    /// What stands in a file with a secret, without the line break at its end; never empty.
    mutating func secretBytes(_ item: Item, _ remedy: String) -> [UInt8]? {
        guard let path = item.text else { return nil }
        let place = item.resolved(path)
        switch SecretFile.read(place) {
        case .failure(let reason):
            stamps.append(FileStamp(at: place))
            missing(item, "the secret file \(quoted(path)) \(reason.words)", remedy)
            return nil
        case .success(let file):
            stamps.append(file.stamp)
            if file.isReadableByOthers {
                warn(item, "\(quoted(path)) can be read by every user of this machine", "Run `chmod o-r` on it.")
            }
            let bytes = file.bytes.trimmingLineEnd
            guard !bytes.isEmpty else {
                fault(item, "the file \(quoted(path)) is empty", remedy)
                return nil
            }
            return bytes
        }
    }

    private mutating func keyTimes(_ item: Item?) -> KeyTimes {
        let none = KeyTimes()
        let week = Duration.seconds(7 * 86_400)
        let times = KeyTimes(
            refresh: span(item?["refresh"], within: .seconds(60)...week, "1m to 7d") ?? none.refresh,
            keep: span(item?["keep"], within: .seconds(60)...week * 4, "1m to 28d") ?? none.keep,
            cooldown: span(item?["cooldown"], within: .seconds(5) ... .seconds(3600), "5s to 1h") ?? none.cooldown)
        if let item, times.keep < times.refresh {
            fault(
                item["keep"] ?? item, "ends before keys are read again",
                "Make `keep` longer than `refresh`; the difference is how long the issuer may be away.")
        }
        return times
    }

    mutating func span(_ item: Item?, within range: ClosedRange<Duration>, _ words: String) -> Duration? {
        guard let item, let span = item.span else { return nil }
        guard range.contains(span) else {
            fault(item, "is out of range", "Write \(words).")
            return nil
        }
        return span
    }
}

// MARK: - Authorities

extension Reading {
    /// The path of a file with certificates, which is held against being one before a request finds out.
    mutating func authorities(_ item: Item?, of whose: String = "issuers'") -> String? {
        guard let item, let text = item.text else { return nil }
        let path = item.resolved(text)
        let remedy = "Name a PEM file with the certificates of the authorities that sign the \(whose)."
        switch WholeFile.read(path, most: 8 << 20) {
        case .failure(let reason): missing(item, "the file \(quoted(text)) \(reason.words)", remedy)
        case .success(let file):
            guard String(decoding: file.bytes, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----") else {
                fault(item, "the file \(quoted(text)) holds no certificate", remedy)
                return nil
            }
        }
        return path
    }
}

// MARK: - Deployments that hand tokens on

extension Reading {
    /// `trust: token` needs to know whose tokens, and for whom they must be.
    mutating func checkTokens(_ item: Item?, of deployments: [Deployment], _ issuers: [IssuerTerms]) {
        for deployment in deployments where deployment.trust == .token {
            guard let written = item?[deployment.name] else { continue }
            guard let terms = issuers.first(where: { deployment.issuer == nil || $0.issuer == deployment.issuer })
            else {
                continue
            }
            if deployment.issuer == nil, issuers.count > 1 {
                fault(
                    written, "does not say which of the \(issuers.count) issuers its tokens come from",
                    "Add `issuer: \(terms.issuer)`.", atKey: true)
            }
            if terms.audiences.isEmpty {
                fault(
                    written, "takes tokens of \(terms.issuer), which has no `audiences`",
                    "Name whom the tokens must be for there: without it, what the issuer gave to any program would do.",
                    atKey: true)
            }
            if terms.issuer.hasPrefix("http://"), !terms.isOnThisMachine {
                warn(
                    written, "takes tokens of \(terms.issuer), whose keys come without TLS",
                    "Whoever stands between can put their own in: use `https://`.", atKey: true)
            }
        }
    }
}

extension IssuerTerms {
    fileprivate var isOnThisMachine: Bool {
        ["127.0.0.1", "localhost", "[::1]"].contains { host in
            issuer.hasPrefix("http://\(host):") || issuer.hasPrefix("http://\(host)/") || issuer == "http://\(host)"
        }
    }
}

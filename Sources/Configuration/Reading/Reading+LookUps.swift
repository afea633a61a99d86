// SPDX-License-Identifier: Apache-2.0
import Identity
import SpawnPolicy

extension Reading {
    mutating func lookUps(_ item: Item?, beside directory: DirectorySource?, _ root: Item) -> [LookUpSource] {
        let items = item?.elements ?? []
        var names = items.compactMap { one in one.text("name").map { ($0, one["name"] ?? one) } }
        if let directory, let written = root["directory"] {
            names.insert((directory.claim, written["claim"] ?? written), at: 0)
        }
        refuseRepeats(names.map { (key: $0.0, item: $0.1) }, "claim")
        for (name, item) in names where Reading.tokenClaims.contains(name) {
            fault(item, "\(quoted(name)) is a claim of every token", "Call it otherwise: it would be overwritten.")
        }
        return items.compactMap { lookUp($0) }
    }

    /// RFC 7519 section 4.1, and what says whose and for whom a token is.
    private static let tokenClaims = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "azp", "client_id", "scope"]

    private mutating func lookUp(_ item: Item) -> LookUpSource? {
        guard item.isMapping, let name = item.text("name"), let url = item["url"], let address = address(url, item)
        else { return nil }
        checkClaims(of: address, url)
        let upTo30s = Duration.seconds(1) ... .seconds(30)
        let upTo1h = Duration.seconds(1) ... .seconds(3600)
        let terms = LookUpTerms(
            name: name, address: address, method: item.text("method").flatMap(LookUpTerms.Method.init) ?? .get,
            token: item["token_file"].flatMap { lookUpToken($0) },
            usersToken: usersToken(item),
            timeout: span(item["timeout"], within: upTo30s, "1s to 30s") ?? .seconds(3),
            kept: span(item["kept"], within: upTo1h, "1s to 1h") ?? .seconds(60),
            onFailure: fallback(item["on_failure"]) ?? .refuse, onNotFound: fallback(item["on_not_found"]))
        return LookUpSource(terms: terms, when: item["when"].map { rule($0) } ?? .everyone)
    }

    private mutating func address(_ url: Item, _ item: Item) -> LookUpAddress? {
        guard let text = url.text else { return nil }
        let sendsUsersToken = item["user_token"] != nil
        do throws(LookUpAddress.Fault) {
            return try LookUpAddress(
                text, allowsClearText: !sendsUsersToken && item.flag("allow_http") ?? false)
        } catch {
            switch error {
            case .notSecure where sendsUsersToken:
                fault(
                    url, "would be sent users' tokens in clear text",
                    "Use `https://`: `allow_http` does not count beside `user_token`.")
            case .notSecure:
                fault(
                    url, "is asked in clear text",
                    "Use `https://`, or write `allow_http: true` where nobody can stand between.")
            case .malformed:
                fault(
                    url, "\(quoted(text)) is no URL with a path",
                    "Write one such as `https://hr.example.org/people/{user}`, without a user or password in it.")
            case .placeholderInHost:
                fault(url, "has a placeholder where the host is", "Put it behind the host: the name would choose it.")
            case .unknownPlaceholder(let placeholder):
                fault(
                    url, "\(quoted(placeholder)) is no placeholder",
                    "Possible are `{user}`, `{deployment}` and `{claims.…}`.")
            }
            return nil
        }
    }

    /// A claim in the address is one that the token or the hub says: the sources are all asked at one time.
    private mutating func checkClaims(of address: LookUpAddress, _ url: Item) {
        guard !address.claims.isEmpty else { return }
        usesClaims = true
        for path in address.claims where names.furtherSources.contains(path.names[0]) {
            fault(
                url, "asks by the claim \(quoted(path.names[0])), which a look-up or the directory fills",
                "They are all asked at one time: ask by what the hub or its tokens say.")
        }
    }

    private mutating func usersToken(_ item: Item) -> LookUpTerms.UsersToken? {
        guard let written = item["user_token"] else { return nil }
        if let file = item["token_file"] {
            fault(file, "stands beside `user_token`", "Only one of them can be sent: remove the other.", atKey: true)
        }
        return written.text.flatMap(LookUpTerms.UsersToken.init)
    }

    /// Somebody's token must come from somewhere.
    mutating func checkUsersTokens(_ item: Item?, of lookUps: [LookUpSource], _ deployments: [Deployment]) {
        for one in item?.elements ?? [] {
            let terms = lookUps.first { $0.terms.name == one.text("name") }?.terms
            guard let wanted = terms?.usersToken, let written = one["user_token"],
                !deployments.contains(where: { $0.presents(wanted) })
            else { continue }
            fault(
                written, "wants users' access tokens, and no hub sends any that it may have",
                "Write `trust: token` at a deployment, with `token_auth_state_key: access_token`.")
        }
    }

    private mutating func lookUpToken(_ item: Item) -> ClientSecret? {
        let remedy = "Write the token that the service knows Berth by into it, and keep it to Berth (`chmod 600`)."
        guard let bytes = secretBytes(item, remedy) else { return nil }
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            fault(item, "holds blanks, line breaks or characters that no HTTP header can carry", remedy)
            return nil
        }
        return ClientSecret(String(decoding: bytes, as: UTF8.self))
    }

    private func fallback(_ item: Item?) -> LookUpTerms.Fallback? {
        switch item?.text {
        case "refuse": .refuse
        case "unknown": .unknown
        default: item?["value"].map { .value($0.json) }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

extension Reading {
    mutating func deployments(_ item: Item?) -> [Deployment] {
        let members = item?.members ?? []
        if let item, item.isMapping, members.isEmpty {
            fault(item, "names no hub", "Write one such as `production: {hook_token_file: secrets/production.token}`.")
        }
        let deployments = members.compactMap { deployment($0.item, $0.key) }
        refuseSharedTokens(deployments, members)
        refuseHookTokens(deployments, members)
        return deployments
    }

    private mutating func deployment(_ item: Item, _ name: String) -> Deployment? {
        guard item.isMapping else { return nil }
        let trust = item.text("trust").flatMap(Deployment.Trust.init) ?? .none
        for (key, meant) in [("user_auth_state_key", Deployment.Trust.authState), ("token_auth_state_key", .token)]
        where trust != meant {
            guard let key = item[key], !(meant == .token && trust == .authState && names.sendsTokensUnread) else {
                continue
            }
            warn(
                key, "says nothing while `trust` is `\(trust.rawValue)`",
                "Write `trust: \(meant.rawValue)` if this hub's claims are to be used.", atKey: true)
        }
        return Deployment(
            name: name, hookToken: hookToken(item), trust: trust,
            userAuthStateKey: item.text("user_auth_state_key") ?? "oauth_user",
            tokenAuthStateKey: item.text("token_auth_state_key") ?? "access_token", issuer: issuer(item, trust),
            checksUsername: item.flag("check_username") ?? true, namespace: item.text("namespace"),
            startTimeout: item.span("start_timeout") ?? .seconds(600), hubAPI: hubAPI(item["hub_api"]))
    }

    private mutating func issuer(_ item: Item, _ trust: Deployment.Trust) -> String? {
        if let written = item["issuer"] {
            return reference(written, to: names.issuers, "issuer", "Define it under `identity.issuers`.")
        }
        if trust != .none, names.issuers.isEmpty {
            fault(
                item, "trusts its hub's claims, and `identity` says nothing about claims",
                "Add an issuer under `identity.issuers`.", atKey: true)
        }
        if trust == .authState, names.issuers.count > 1 {
            let what = "does not say which of the \(names.issuers.count) issuers its claims come from"
            warn(item, what, "Claims without `iss` are then refused: add `issuer: \(names.issuers[0])`.", atKey: true)
        }
        return nil
    }

    /// Whoever has one hub's token could speak for the other.
    private mutating func refuseSharedTokens(_ deployments: [Deployment], _ members: [(key: String, item: Item)]) {
        for (place, deployment) in deployments.enumerated() {
            guard let earlier = deployments[..<place].first(where: { $0.hookToken.isSame(as: deployment.hookToken) }),
                let item = members.first(where: { $0.key == deployment.name })?.item
            else { continue }
            let written = item["hook_token_file"] ?? item["hook_token_env"] ?? item
            fault(
                written, "has the same token as the deployment \(quoted(earlier.name))",
                "Give each hub its own: the token says which hub is asking.")
        }
    }

    /// Whoever has what a hub presents to Berth could be Berth at a hub, and have its users' access tokens.
    private mutating func refuseHookTokens(_ deployments: [Deployment], _ members: [(key: String, item: Item)]) {
        for deployment in deployments {
            guard let token = deployment.hubAPI?.token,
                let same = deployments.first(where: { $0.hookToken.isSame(as: token) }),
                let item = members.first(where: { $0.key == deployment.name })?.item["hub_api"]
            else { continue }
            fault(
                item["token_file"] ?? item["token_env"] ?? item,
                "has the token that the deployment \(quoted(same.name)) presents to Berth",
                "Give Berth one of its own at the hub.")
        }
    }
}

// MARK: - Tokens

extension Reading {
    private mutating func hookToken(_ item: Item) -> Secret {
        if let token = secret(of: item, inFile: "hook_token_file", inVariable: "hook_token_env") { return token }
        // A secret that is written out is told already.
        if !item.members.contains(where: { SecretWords.match($0.key) }) {
            fault(
                item, "says neither `hook_token_file` nor `hook_token_env`",
                "Name the file with the token that this hub presents.", atKey: true)
        }
        return .unknown
    }

    /// Nil where neither key is there.
    mutating func secret(of item: Item, inFile file: String, inVariable variable: String) -> Secret? {
        switch (item[file], item[variable]) {
        case (nil, nil): return nil
        case (let file?, nil): return secret(inFileOf: file)
        case (nil, let variable?): return secret(inVariableOf: variable)
        case (_?, _?):
            fault(item, "says `\(file)` and `\(variable)`", "Keep one.", atKey: true)
            return .unknown
        }
    }

    mutating func secret(inFileOf item: Item) -> Secret {
        guard let path = item.text else { return .unknown }
        let place = item.resolved(path)
        switch SecretFile.read(place) {
        case .success(let file):
            stamps.append(file.stamp)
            if file.isReadableByOthers {
                warn(item, "\(quoted(path)) can be read by every user of this machine", "Run `chmod o-r` on it.")
            }
            return checked(file.bytes, item, "the file \(quoted(path))")
        case .failure(let reason):
            stamps.append(FileStamp(at: place))
            missing(item, "the token file \(quoted(path)) \(reason.words)", Reading.howToMakeToken)
            return .unknown
        }
    }

    private mutating func secret(inVariableOf item: Item) -> Secret {
        guard let name = item.text else { return .unknown }
        guard let bytes = Environment.value(of: name) else {
            missing(item, "the environment variable \(quoted(name)) is not set", "Set it where Berth is started.")
            return .unknown
        }
        return checked(bytes, item, "the environment variable \(quoted(name))")
    }

    private static let howToMakeToken =
        "Make one with `openssl rand -hex 32`, give it to the hub, and keep it to Berth (`chmod 600`)."

    mutating func missing(_ item: Item, _ what: String, _ remedy: String) {
        switch secrets {
        case .required: fault(item, what, remedy)
        case .optional: warn(item, what, remedy)
        }
    }

    /// The token without the line break at its end, if it is fit for an HTTP header and hard to guess.
    private mutating func checked(_ bytes: [UInt8], _ item: Item, _ holder: String) -> Secret {
        let token = bytes.trimmingLineEnd
        guard !token.isEmpty else {
            fault(item, "\(holder) is empty", Reading.howToMakeToken)
            return .unknown
        }
        guard token.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            fault(
                item, "\(holder) holds blanks, line breaks or characters that no HTTP header can carry",
                Reading.howToMakeToken)
            return .unknown
        }
        guard token.count >= 16 else {
            fault(item, "\(holder) holds fewer than 16 characters", Reading.howToMakeToken)
            return .unknown
        }
        return Secret(token)
    }
}

extension [UInt8] {
    var trimmingLineEnd: [UInt8] {
        var rest = self[...]
        while rest.last == 0x0A || rest.last == 0x0D { rest.removeLast() }
        return Array(rest)
    }
}

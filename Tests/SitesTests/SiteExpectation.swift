// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// `expect.yaml`: who gets what at a site, as its operators describe it.
struct SiteExpectation: Sendable {
    let about: String
    /// Where the site's own configuration stands; empty for one that was composed from features.
    let sources: [String]
    let features: [String]
    /// What the language cannot say of this site.
    let cannot: [Shortcoming]
    /// Name to content, for files that the configuration names.
    let files: [String: String]
    /// The entries of the site's directory, as LDIF; nil where it has none.
    let directory: String?
    let people: [String: Person]
    /// Unless a case has its own.
    let hubPod: HubPodTerms
    let cases: [Case]

    struct Shortcoming: Sendable {
        let features: [String]
        let what: String
    }

    /// Features of the site that its configuration says.
    var featuresSaid: Set<String> {
        Set(features).subtracting(cannot.flatMap(\.features)).subtracting(cases.flatMap(\.cannotFeatures))
    }

    /// All that cannot be said, in sentences, each once; empty for a site that is expressed fully.
    var gaps: [String] {
        var gaps: [String] = []
        for gap in cannot.map(\.what) + cases.compactMap(\.cannot) where !gaps.contains(gap) { gaps.append(gap) }
        return gaps
    }
}

extension SiteExpectation {
    init(_ json: JSON, _ name: String) throws {
        var members = try Members(json, name)
        about = try members.text("about") ?? ""
        sources = try members.texts("source")
        features = try members.texts("features")
        cannot = try (members.take("cannot")?.array ?? []).map { try Shortcoming($0, name) }
        let files = try members.mapping("files").map { ($0.key, $0.value.string ?? "") }
        self.files = Dictionary(uniqueKeysWithValues: files)
        directory = try members.text("directory")
        let people = try members.mapping("people").map { ($0.key, try Person($0.value, named: $0.key, name)) }
        self.people = Dictionary(uniqueKeysWithValues: people)
        let hubPod = try members.take("hub_pod").map { try HubPodTerms($0, name) } ?? HubPodTerms()
        self.hubPod = hubPod
        cases = try (members.take("cases")?.array ?? []).map { try Case($0, pod: hubPod, name) }
        try members.finish()
        guard !about.isEmpty, !cases.isEmpty else { throw Slip("\(name): says no `about` or no `cases`") }
    }
}

extension SiteExpectation.Shortcoming {
    init(_ json: JSON, _ place: String) throws {
        var members = try Members(json, "\(place), cannot")
        features = try members.texts("features")
        what = try members.text("what") ?? ""
        try members.finish()
    }
}

/// Somebody who asks for a server, as the hub and the identity provider describe them.
struct Person: Sendable {
    let name: String
    let isAdmin: Bool
    let groups: [String]
    /// Nil: the hub has none.
    let claims: JSON?
    /// What else the hub keeps of the user, beside the claims.
    let authState: JSONObject
    let deployment: String?
    /// What services answer about this person, by address: see `Programs`.
    let lookUps: [(address: String, answer: JSON)]

    init(_ json: JSON, named key: String, _ place: String) throws {
        var members = try Members(json, "\(place), \(key)")
        name = try members.text("name") ?? key
        isAdmin = try members.flag("admin")
        groups = try members.texts("groups")
        claims = members.take("claims")
        let token = try members.text("token")
        var authState = members.take("auth_state")?.object ?? JSONObject()
        if let token { authState["access_token"] = JSON(token) }
        self.authState = authState
        deployment = try members.text("deployment")
        lookUps = try members.mapping("lookups").map { ($0.key + (token.map { " " + $0 } ?? ""), $0.value) }
        try members.finish()
    }
}

/// The pod that the hub sends: one of KubeSpawner's, with what this site's hub has otherwise.
struct HubPodTerms: Sendable {
    var base = "z2jh"
    /// By RFC 7396.
    var merge = JSON.emptyObject

    init() {}

    init(_ json: JSON, _ place: String) throws {
        var members = try Members(json, "\(place), hub_pod")
        base = try members.text("base") ?? base
        merge = members.take("merge") ?? merge
        try members.finish()
    }

    func pod() throws -> JSON { try HubPod.named(base).merged(with: merge) }
}

extension JSON {
    /// RFC 7396.
    func merged(with patch: JSON) -> JSON {
        guard let members = patch.object else { return patch }
        var merged = object ?? JSONObject()
        for (key, value) in members {
            merged[key] = value.isNull ? JSON?.none : (merged[key] ?? .emptyObject).merged(with: value)
        }
        return JSON(merged)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Configuration
import Directory
import Foundation
import GPULedger
import HTTPServer
import HubAPI
import Identity
import JSONTree
import Logging
import PodPatching
import Sockets
import SpawnModel

/// A hub and the Berth that it asks, in one process: the routes, the policy, the ledger and the pods are Berth's own.
struct Hub {
    static let token = "a-token-that-only-tests-have"

    private let site: Site
    /// What `berth check` warns of, such as parts that this version does not carry out.
    let warnings: [String]
    private let routes: HubRoutes
    let programs: Programs
    private let folder: URL
    /// Runs as long as this hub does; nil where the site asks none.
    private let directory: SiteDirectory?

    /// - Parameter deployment: which of the site's hubs it is; the first where nothing is said.
    /// - Throws: `Slip` with the configuration's faults.
    init(_ folder: SiteFolder, _ expectation: SiteExpectation, as deployment: String?) throws {
        self.folder = FileManager.default.temporaryDirectory.appending(path: "berth-site-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        directory = try expectation.directory.map { try SiteDirectory(holding: $0) }
        let written = try folder.text(of: "site.yaml")
        let text = directory?.moved(written) ?? written
        try Self.write(text, "site.yaml", in: self.folder)
        for (name, content) in expectation.files { try Self.write(content, name, in: self.folder) }
        for (place, name) in Self.tokenFiles(in: text).enumerated() {
            let isAsking = deployment.map { name == $0 + ".token" } ?? (place == 0)
            try Self.write(isAsking ? Self.token : "another-\(name)-\(UUID().uuidString)", name, in: self.folder)
        }
        let loaded = try Self.load(self.folder.appending(path: "site.yaml").path())
        site = loaded.site
        warnings = loaded.warnings.map(\.description)
        let ledger = try Ledger(site.ledger, inventory: site.inventory)
        let log = Logger(label: "sites", factory: { _ in SwiftLogNoOpLogHandler() })
        let now: @Sendable () -> Instant = { Instant(unixSeconds: 1_800_000_000) }
        programs = try Programs()
        let sources = SubjectSources(
            issuers: Issuers(asking: NobodyAsked(), now: now), directories: Directories(now: now),
            lookUps: LookUps(asking: programs, now: now))
        let site = site
        routes = HubRoutes(
            ledger: ledger, sources: sources, asking: programs, log: log, now: now, siteInForce: { site })
    }

    /// A site's token files are named after its deployments.
    private static func tokenFiles(in text: String) -> [String] {
        text.matches(of: /hook_token_file: *([A-Za-z0-9._-]+)/).map { String($0.output.1) }
    }

    private static func write(_ content: String, _ name: String, in folder: URL) throws {
        let file = folder.appending(path: name)
        try Data(content.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path())
    }

    private static func load(_ path: String) throws -> LoadedSite {
        do { return try Site.load(path: path, secrets: .required) } catch {
            let faults = error.faults.map { $0.description.split(separator: "/").last.map(String.init) ?? "" }
            throw Slip("the configuration has faults: " + faults.joined(separator: "; "))
        }
    }

    /// The name of the container that runs the server.
    var serverContainer: String { site.pod.container }

    func close() {
        programs.close()
        try? FileManager.default.removeItem(at: folder)
    }

    /// - Returns: the answer's status and its body.
    func ask(_ path: String, _ body: JSON) async throws -> (status: Int, body: JSON) {
        let head = try HTTPRequestHead(
            text: "POST \(path) HTTP/1.1\r\nHost: berth\r\nAuthorization: Bearer \(Self.token)\r\n\r\n")
        let request = HTTPRequest(head: head, body: body.bytes, peer: .unknown)
        let response: HTTPResponse
        switch routes.respond(to: request, site: site) {
        case .now(let answer): response = answer
        case .later(let work): response = await work()
        }
        return (response.status, try JSON(parsing: response.body))
    }
}

/// These hubs hand on claims, which need no issuer's word.
private struct NobodyAsked: IssuerAsking {
    func ask(_ question: IssuerQuestion) async throws(IssuerError) -> IssuerAnswer {
        throw .unreachable(question.endpoint, reason: "no site here has tokens proven")
    }
}

extension Person {
    /// The members that every question of a hub has.
    func question(server: String, start: String, _ more: JSONObject = [:]) -> JSON {
        var authState = authState
        if let claims { authState["oauth_user"] = claims }
        var body: JSONObject = [
            "user": [
                "name": JSON(name), "admin": JSON(isAdmin), "groups": JSON(groups.map { JSON($0) }),
            ],
            "server": ["name": JSON(server), "start": JSON(start)],
            "auth_state": authState.isEmpty ? .null : JSON(authState),
        ]
        for (key, value) in more { body[key] = value }
        return JSON(body)
    }
}

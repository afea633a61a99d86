// SPDX-License-Identifier: Apache-2.0
import Directory
import Foundation
import LabChild
import SpawnModel

/// A real slapd on loopback, made by scripts/lab/directory.py. It ends with the test, or with the test's process.
final class RealDirectory: Sendable {
    struct Facts: Decodable, Sendable {
        let pid: Int32
        let ldap: String
        let ldaps: String?
        let ldapi: String
        let port: Int
        let ca: String
        let otherCA: String
        let data: String
        let admin: String

        enum CodingKeys: String, CodingKey {
            case pid, ldap, ldaps, ldapi, port, ca, data, admin
            case otherCA = "other_ca"
        }
    }

    let facts: Facts
    private let folder: URL
    private let child: Child

    /// One after another and on a thread that may wait: what starts is a Python, an openssl and a slapd, and tests that
    /// are not about directories go on meanwhile.
    ///
    /// - Parameter ldif: further entries.
    static func start(_ options: [String] = [], ldif: String = "") async throws -> RealDirectory {
        try await withCheckedThrowingContinuation { started in
            starting.async { started.resume(with: Result { try RealDirectory(options, ldif) }) }
        }
    }

    private static let starting = DispatchQueue(label: "real directories")

    private init(_ options: [String], _ ldif: String) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "berth-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let extra = folder.appending(path: "extra.ldif")
        try Data(ldif.utf8).write(to: extra)
        child = try Child(
            [
                "/usr/bin/env", "python3", Self.script, folder.appending(path: "d").path, "--until-eof", "--ldif",
                extra.path,
            ]
                + options)
        facts = try JSONDecoder().decode(Facts.self, from: Data(child.line()))
    }

    deinit {
        let (child, folder) = (child, folder)
        Self.starting.async {
            child.finish()
            try? FileManager.default.removeItem(at: folder)
        }
    }

    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../scripts/lab/directory.py").standardizedFileURL.path

    /// Shared by the tests that only ask.
    static let plain = Task { try await start() }
    static let bis = Task { try await start(["--shape", "rfc2307bis", "--member-of"]) }

    func kill() { Glibc.kill(facts.pid, SIGKILL) }

    /// Stops slapd where it is, until SIGCONT; it keeps its connections. Its threads stop one by one, so that it is
    /// looked at until the kernel says that all have.
    func stall() {
        Glibc.kill(facts.pid, SIGSTOP)
        let threads = "/proc/\(facts.pid)/task"
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            let states = (try? FileManager.default.contentsOfDirectory(atPath: threads))?.map { thread in
                (try? String(contentsOfFile: "\(threads)/\(thread)/stat", encoding: .utf8))?
                    .split(separator: ")").last?.split(separator: " ").first ?? "T"
            }
            if let states, states.allSatisfy({ $0 == "T" }) { return }
            usleep(1000)
        }
    }

    /// Ends slapd in order, and starts it again at the same `ldap` address.
    func restart() {
        Glibc.kill(child.id, SIGHUP)
        _ = child.line()
    }

    /// Runs `ldapmodify` as the directory's master.
    func change(_ ldif: String) throws {
        let change = try Child(["/usr/bin/ldapmodify", "-x", "-H", facts.ldap, "-D", facts.admin, "-w", "secret"])
        change.write(ldif)
        guard change.finish() == 0 else { throw CocoaError(.featureUnsupported) }
    }
}

extension DirectoryTerms {
    static let suffix = "dc=example,dc=org"

    /// How the tests ask unless they say otherwise: StartTLS, nobody in particular.
    static func of(
        _ directory: RealDirectory, _ change: (inout Draft) -> Void = { _ in }
    ) -> DirectoryTerms {
        var draft = Draft(directory)
        change(&draft)
        return draft.terms
    }

    /// The terms while a test still changes them.
    struct Draft {
        var servers: [String]
        var startsTLS = true
        var caFile: String
        var bind = Bind.anonymous
        var people = People(base: "ou=People,\(suffix)")
        var groups: Groups? = Groups(base: "ou=Groups,\(suffix)")
        var ids = IDs()
        var accounts: Accounts?
        var costs = Costs(timeout: .seconds(20), connectTimeout: .seconds(10))

        init(_ directory: RealDirectory) {
            servers = [directory.facts.ldap]
            caFile = directory.facts.ca
        }

        var terms: DirectoryTerms {
            DirectoryTerms(
                servers: servers, startsTLS: startsTLS, caFile: caFile, bind: bind, people: people, groups: groups,
                ids: ids, accounts: accounts, costs: costs)
        }
    }
}

extension Directory.People {
    /// The clock stands still: what is remembered stays so.
    convenience init(_ terms: DirectoryTerms) { self.init(terms, now: { Instant(unixSeconds: 0) }) }

    /// The answer, or the error: either can be compared.
    func outcome(of name: String) async -> Outcome {
        do throws(DirectoryError) {
            switch try await answer(for: name) {
            case .person(let person): return .person(person)
            case .unknown: return .unknown
            }
        } catch {
            return .error(error)
        }
    }
}

enum Outcome: Equatable {
    case person(Person)
    case unknown
    case error(DirectoryError)

    var person: Person? { if case .person(let person) = self { person } else { nil } }
    var error: DirectoryError? { if case .error(let error) = self { error } else { nil } }
}

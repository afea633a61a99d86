// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Synchronization
import Testing

@testable import Directory

/// A directory that is gone, slow, or says only half: an error each, never "no such person" and never "no groups".
@Suite struct FaultTests {
    @Test func `a server that stops at its size limit has not said all`() async throws {
        let directory = try await RealDirectory.start(["--people", "40", "--groups", "60", "--size-limit", "3"])
        let outcome = await People(.of(directory)).outcome(of: "u00001")
        #expect(outcome == .error(.incomplete(server: directory.facts.ldap, .size)))
    }

    @Test func `a base that is not there is an error, not an absence`() async throws {
        let directory = try await RealDirectory.plain.value
        for part in ["people", "groups"] {
            let people = People(
                .of(directory) {
                    if part == "people" { $0.people.base = "ou=Peple,\(DirectoryTerms.suffix)" }
                    if part == "groups" { $0.groups?.base = "ou=Grups,\(DirectoryTerms.suffix)" }
                })
            let outcome = await people.outcome(of: "u00001")
            guard case .error(.baseMissing(directory.facts.ldap, _)) = outcome else {
                Issue.record("\(part): \(outcome)")
                continue
            }
        }
    }

    @Test func `a base on another server is not chased`() async throws {
        let elsewhere = try SilentListener()
        let ldif = """
            dn: ou=Away,dc=example,dc=org
            objectClass: referral
            objectClass: extensibleObject
            ou: Away
            ref: ldap://127.0.0.1:\(elsewhere.port)/ou=Away,dc=example,dc=org


            """
        let directory = try await RealDirectory.start(["--people", "3", "--groups", "0"], ldif: ldif)
        for base in ["ou=Away,\(DirectoryTerms.suffix)", DirectoryTerms.suffix] {
            let outcome = await People(.of(directory) { $0.people.base = base }).outcome(of: "u00001")
            #expect(outcome == .error(.referred(server: directory.facts.ldap, base: base)))
        }
        #expect(elsewhere.connections == 0)
    }

    @Test func `a filter that is no filter is refused by name`() async throws {
        let directory = try await RealDirectory.plain.value
        let outcome = await People(.of(directory) { $0.people.filter = "(uid=" }).outcome(of: "u00001")
        guard case .error(.refused(_, _, let reason)) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(reason.contains("is no filter"))
    }

    @Test func `a server that is killed while it is asked makes errors, and serves again when it is back`() async throws
    {
        let directory = try await RealDirectory.start(["--people", "200", "--groups", "100"])
        let people = People(.of(directory) { $0.costs.foundKept = .zero })
        let answered = Mutex(0)
        let outcomes = await withTaskGroup { group in
            for worker in 0..<4 {
                group.addTask { @Sendable in
                    var outcomes: [Outcome] = []
                    for number in 0..<150 {
                        outcomes.append(
                            await people.outcome(of: "u\(String(100_000 + (number * 7 + worker) % 200).dropFirst())"))
                        if answered.withLock({ count in
                            count += 1
                            return count
                        }) == 100 {
                            directory.kill()
                        }
                    }
                    return outcomes
                }
            }
            return await group.reduce(into: [Outcome]()) { $0 += $1 }
        }
        #expect(outcomes.contains { $0.person != nil } && outcomes.contains { $0.error != nil })
        #expect(!outcomes.contains(.unknown))
        for error in outcomes.compactMap(\.error) { #expect(!error.isOfEntry, "\(error)") }
        let back = try await RealDirectory.start([
            "--people", "200", "--groups", "100", "--port", "\(directory.facts.port)",
        ])
        let again = People(
            .of(back) {
                $0.servers = [directory.facts.ldap]
            })
        #expect(await again.outcome(of: "u00001").person?.name == "u00001")
    }

    @Test func `a connection that was lost between two questions is opened anew, unseen by who asks`() async throws {
        let first = try await RealDirectory.start(["--people", "3", "--groups", "0"])
        let people = People(
            .of(first) {
                $0.startsTLS = false
                $0.costs.connections = 1
                $0.costs.foundKept = .zero
            })
        #expect(await people.outcome(of: "u00001").person != nil)
        first.kill()
        let second = try await RealDirectory.start(["--people", "3", "--groups", "0", "--port", "\(first.facts.port)"])
        #expect(await people.outcome(of: "u00001").person != nil)
        withExtendedLifetime(second) {}
    }

    @Test func `a server that takes the connection and says nothing holds nobody longer than the look-up may take`()
        async throws
    {
        let listener = try SilentListener()
        for scheme in ["ldap", "ldaps"] {
            for startsTLS in [true, false] {
                let people = People(
                    .of(try await RealDirectory.plain.value) {
                        $0.servers = ["\(scheme)://127.0.0.1:\(listener.port)"]
                        $0.startsTLS = startsTLS
                        $0.costs = .init(
                            timeout: .milliseconds(400), connectTimeout: .milliseconds(200), connections: 2,
                            waitersMax: 4)
                    })
                let outcomes = await withTaskGroup { group in
                    for number in 0..<12 { group.addTask { await people.outcome(of: "u\(number)") } }
                    return await group.reduce(into: [Outcome]()) { $0.append($1) }
                }
                #expect(outcomes.allSatisfy { $0.error?.isOfEntry == false }, "\(outcomes)")
            }
        }
    }

    @Test func `where the first server cannot be reached the next one is asked`() async throws {
        let directory = try await RealDirectory.plain.value
        let people = People(
            .of(directory) {
                $0.servers = ["ldap://127.0.0.1:9", directory.facts.ldap]
            })
        #expect(await people.outcome(of: "u00001").person?.name == "u00001")
        let none = await People(.of(directory) { $0.servers = ["ldap://127.0.0.1:9"] }).outcome(of: "u00001")
        guard case .error(.unreachable(server: "ldap://127.0.0.1:9", _)) = none else {
            Issue.record("\(none)")
            return
        }
    }

    @Test func `after no server could be reached nobody tries again for a moment`() async throws {
        let listener = try SilentListener()
        let terms = DirectoryTerms.of(try await RealDirectory.plain.value) {
            $0.servers = ["ldap://127.0.0.1:\(listener.port)"]
            $0.costs.connectTimeout = .milliseconds(100)
        }
        for (pause, connections) in [(Duration.seconds(3600), 0...1), (.zero, 1...3)] {
            let order = ServerOrder(terms.servers, pause: pause)
            for _ in 0..<2 {
                let connected = (try? order.connect(terms, until: Deadline(in: .seconds(60)))) != nil
                #expect(!connected)
            }
            #expect(connections.contains(listener.connections))
        }
    }
}

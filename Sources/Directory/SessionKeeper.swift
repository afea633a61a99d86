// SPDX-License-Identifier: Apache-2.0

/// One thread's connection, opened when it is needed and again when it was lost.
final class SessionKeeper {
    /// Servers and firewalls drop connections that are silent for long, some without a word.
    private static let idleMost = Duration.seconds(60)

    private let terms: DirectoryTerms
    private let servers: ServerOrder
    private var connection: LDAPConnection?
    private var usedLast = ContinuousClock.now

    init(_ terms: DirectoryTerms, _ servers: ServerOrder) {
        self.terms = terms
        self.servers = servers
    }

    /// The answer, over the connection at hand or a new one. A question that a kept connection could not carry is asked
    /// once more: it changes nothing, and servers close what was silent.
    func answer(for name: String, until deadline: Deadline) throws(DirectoryError) -> PersonAnswer {
        if ContinuousClock.now - usedLast > Self.idleMost { connection = nil }
        if let kept = connection {
            do throws(DirectoryError) { return try ask(kept, name, deadline) } catch {
                guard error.isOfConnection else { throw error }
            }
        }
        let opened = try servers.connect(terms, until: deadline)
        connection = opened
        return try ask(opened, name, deadline)
    }

    private func ask(
        _ connection: LDAPConnection, _ name: String, _ deadline: Deadline
    ) throws(DirectoryError) -> PersonAnswer {
        defer { usedLast = .now }
        do throws(DirectoryError) {
            return try PersonReader(session: connection, terms: terms, deadline: deadline).answer(for: name)
        } catch {
            if error.spoilsConnection { self.connection = nil }
            throw error
        }
    }
}

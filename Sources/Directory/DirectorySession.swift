// SPDX-License-Identifier: Apache-2.0

/// A connection to a directory that can be asked one thing after another.
protocol DirectorySession {
    /// Whom errors name.
    var server: String { get }

    /// All entries that match, in the server's order; fewer where `search.enough` is reached.
    ///
    /// - Throws: where the answer is not whole, for whatever reason. No entries means that there are none.
    func search(_ search: DirectorySearch, until deadline: Deadline) throws(DirectoryError) -> [DirectoryEntry]
}

/// One question to a directory.
struct DirectorySearch: Hashable {
    enum Scope { case entry, subtree }

    var base: String
    var scope = Scope.subtree
    /// In RFC 4515's form; values in it are escaped.
    var filter: String
    var attributes: [String]
    /// Once so many entries have come, the rest is not waited for.
    var enough: Int?
}

/// When a look-up must be over.
struct Deadline {
    let at: ContinuousClock.Instant

    init(in span: Duration) { at = .now + span }

    /// Never negative.
    var left: Duration { max(.zero, at - .now) }
    var isOver: Bool { at <= .now }
}

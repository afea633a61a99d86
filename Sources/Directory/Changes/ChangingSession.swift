// SPDX-License-Identifier: Apache-2.0

/// A connection over which a server tells what changed (RFC 4533, refreshOnly).
protocol ChangingSession: PagedSession {
    /// - Parameter cookie: what the server gave the last time; nil has it tell everything.
    /// - Throws: where its account is not whole.
    func refresh(
        _ search: DirectorySearch, since cookie: [UInt8]?, until deadline: Deadline
    ) throws(DirectoryError) -> Refresh
}

enum Refresh: Equatable {
    /// The server says that nothing did. Nil where it gave no new cookie: the old one goes on.
    case unchanged(cookie: [UInt8]?)
    /// Something did, or may have: an entry, a deletion, or a list of what is still there, which a server sends that does
    /// not know what it lost. Nil where it gave no new cookie.
    case changed(cookie: [UInt8]?)
    /// It is of another server, or of a later time than the server's.
    case cookieRefused
}

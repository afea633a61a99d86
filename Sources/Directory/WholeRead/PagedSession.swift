// SPDX-License-Identifier: Apache-2.0

/// A connection that gives a large answer in pages (RFC 2696).
protocol PagedSession: DirectorySession {
    /// One page, entry by entry as it arrives: groups with all their members can be large.
    ///
    /// - Parameter cookie: what ended the page before; empty for the first. It goes with `search` alone, since servers
    ///   take it for any other and go on from the wrong place.
    /// - Throws: where the page is not whole, for whatever reason.
    func page(
        _ search: DirectorySearch, size: Int, after cookie: [UInt8], until deadline: Deadline,
        _ each: (DirectoryEntry) throws(DirectoryError) -> Void
    ) throws(DirectoryError) -> PageEnd
}

enum PageEnd: Equatable {
    /// Empty after the last.
    case cookie([UInt8])
    /// The server gives no page that large.
    case sizeRefused
    /// The server knows nothing of the pages before, such as one that took the place of another.
    case cookieRefused
}

extension PagedSession {
    /// All entries that match, in pages that get smaller until the server gives them.
    ///
    /// - Returns: whether the answer is whole; where not, the server has lost its place, and all has to be read again.
    func pages(
        _ search: DirectorySearch, size: inout Int, within span: Duration, until deadline: Deadline,
        _ each: (DirectoryEntry) throws(DirectoryError) -> Void
    ) throws(DirectoryError) -> Bool {
        var cookie: [UInt8] = []
        while true {
            guard !deadline.isOver else { throw .timedOut(server: server) }
            let pageDeadline = Deadline(in: min(span, deadline.left))
            switch try page(search, size: size, after: cookie, until: pageDeadline, each) {
            case .cookie([]): return true
            case .cookie(let next): cookie = next
            case .cookieRefused: return false
            case .sizeRefused:
                guard cookie.isEmpty, size > 1 else { throw .incomplete(server: server, .administrative) }
                size /= 2
            }
        }
    }
}

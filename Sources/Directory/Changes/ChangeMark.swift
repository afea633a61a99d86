// SPDX-License-Identifier: Apache-2.0

/// Where a directory stood, to be asked later whether anything changed since. Take it before a whole read, so that what
/// changes meanwhile is not missed.
package struct ChangeMark: Sendable, Hashable {
    enum Place: Sendable, Hashable {
        /// Nothing is known; the next question says "changed".
        case none
        /// What the server gave (RFC 4533), for people and for groups; nil where it gave none.
        case cookies([[UInt8]?])
        /// Of all entries and their times.
        case fingerprint([Fingerprint])
    }

    let place: Place

    /// Every entry's DN and time of change, whatever their order: an entry that is added, changed, renamed or gone makes
    /// another one. Where a server has times in whole seconds only, a second change within one is seen by the next whole
    /// read.
    struct Fingerprint: Sendable, Hashable {
        private(set) var count = 0
        private var sum: UInt64 = 0
        private var otherSum: UInt64 = 0

        mutating func add(_ entry: DirectoryEntry) {
            count += 1
            for salt in 0...1 {
                var hasher = Hasher()
                hasher.combine(salt)
                hasher.combine(entry.dn)
                for attribute in Self.attributes { hasher.combine(entry.bytes(of: attribute)) }
                let hash = UInt64(bitPattern: Int64(hasher.finalize()))
                if salt == 0 { sum &+= hash } else { otherSum &+= hash }
            }
        }

        /// RFC 4512 section 3.4.3; OpenLDAP's and Active Directory's own, which are finer.
        static let attributes = ["modifyTimestamp", "entryCSN", "uSNChanged"]
    }
}

/// Looks whether anything changed. It never says what: a whole read follows, and that one decides.
struct ChangeLook {
    let session: any ChangingSession
    let terms: DirectoryTerms
    let sync: SyncTerms
    let deadline: Deadline

    /// The mark for the next time, and whether anything changed since the last, or may have.
    func look(since mark: ChangeMark) throws(DirectoryError) -> (mark: ChangeMark, hasChanged: Bool) {
        switch sync.changes {
        case .none: return (ChangeMark(place: .none), false)
        case .syncrepl: return try lookByCookies(since: mark)
        case .modifyTimestamp:
            let now = ChangeMark(place: .fingerprint(try fingerprints()))
            return (now, now != mark)
        }
    }

    private var searches: [DirectorySearch] {
        let people = DirectorySearch(base: terms.people.base, filter: terms.people.filter, attributes: [])
        guard let groups = terms.groups else { return [people] }
        return [people, DirectorySearch(base: groups.base, filter: groups.filter, attributes: [])]
    }

    // MARK: By the server's own account

    private func lookByCookies(
        since mark: ChangeMark
    ) throws(DirectoryError) -> (mark: ChangeMark, hasChanged: Bool) {
        var cookies: [[UInt8]?] = searches.map { _ in nil }
        if case .cookies(let known) = mark.place, known.count == cookies.count { cookies = known }
        var hasChanged = false
        for (place, search) in searches.enumerated() {
            let refreshed = try refresh(search, since: cookies[place])
            hasChanged = hasChanged || refreshed.hasChanged
            cookies[place] = refreshed.cookie
        }
        return (ChangeMark(place: .cookies(cookies)), hasChanged)
    }

    /// A cookie that the server refuses or makes nothing of, since it was restored from a copy or is another server, is
    /// dropped.
    private func refresh(
        _ search: DirectorySearch, since cookie: [UInt8]?
    ) throws(DirectoryError) -> (cookie: [UInt8]?, hasChanged: Bool) {
        // RFC 4511 section 4.5.1.8: no attributes.
        var search = search
        search.attributes = ["1.1"]
        switch try session.refresh(search, since: cookie, until: deadline) {
        case .unchanged(let next): return (next ?? cookie, cookie == nil)
        case .changed(let next?): return (next, true)
        case .changed(nil) where cookie == nil: return (nil, true)
        case .cookieRefused where cookie == nil:
            throw .unreadable(server: session.server, reason: "it refuses a cookie that it was not given")
        case .changed, .cookieRefused: return (try refresh(search, since: nil).cookie, true)
        }
    }

    // MARK: By the entries' times

    private func fingerprints() throws(DirectoryError) -> [ChangeMark.Fingerprint] {
        var fingerprints: [ChangeMark.Fingerprint] = []
        var size = sync.pageSize
        for var search in searches {
            search.attributes = ChangeMark.Fingerprint.attributes
            var fingerprint = ChangeMark.Fingerprint()
            let isWhole = try session.pages(search, size: &size, within: sync.pageTimeout, until: deadline) {
                entry throws(DirectoryError) in fingerprint.add(entry)
            }
            guard isWhole else {
                throw .unreadable(server: session.server, reason: "it lost its place between pages")
            }
            fingerprints.append(fingerprint)
        }
        return fingerprints
    }
}

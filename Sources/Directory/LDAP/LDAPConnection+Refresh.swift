// SPDX-License-Identifier: Apache-2.0
internal import CLDAP

extension LDAPConnection: ChangingSession {
    /// RFC 4533 section 2.8: e-syncRefreshRequired.
    private static let refreshRequired: Int32 = 4096

    func refresh(
        _ search: DirectorySearch, since cookie: [UInt8]?, until deadline: Deadline
    ) throws(DirectoryError) -> Refresh {
        let message = try send(search, with: Self.request(cookie), until: deadline)
        var hasChanged = false
        var next: [UInt8]?
        while true {
            switch try self.next(of: message, search, until: deadline) {
            case .entry: hasChanged = true
            case .information(let value):
                guard let note = SyncInformation(value) else {
                    throw .unreadable(server: server, reason: "a word about changes that cannot be read")
                }
                next = note.cookie ?? next
                hasChanged = hasChanged || note.saysChanged
            case .end(let outcome):
                return try end(outcome, search, hadCookie: cookie != nil, hasChanged, next)
            }
        }
    }

    private func end(
        _ outcome: LDAPOutcome, _ search: DirectorySearch, hadCookie: Bool, _ hasChanged: Bool, _ noted: [UInt8]?
    ) throws(DirectoryError) -> Refresh {
        let isRefused = outcome.code == LDAP_UNWILLING_TO_PERFORM || outcome.code == Self.refreshRequired
        if hadCookie, isRefused { return .cookieRefused }
        try check(outcome, search)
        guard let value = outcome.controls[LDAPControls.syncDone], let done = SyncDone(value) else {
            throw .unreadable(server: server, reason: "an account of changes without an end")
        }
        // slapd answers a cookie that it cannot read with an empty one.
        let cookie = (done.cookie ?? noted).flatMap { $0.isEmpty ? nil : $0 }
        // Without a new cookie nothing happened. With one, whatever was not listed as still there may be gone, unless
        // the server says that it told all deletions.
        let isUnchanged = !hasChanged && (cookie == nil || done.refreshDeletes)
        return isUnchanged ? .unchanged(cookie: cookie) : .changed(cookie: cookie)
    }

    /// `SEQUENCE { mode ENUMERATED { refreshOnly (1) }, cookie OCTET STRING OPTIONAL }`
    private static func request(_ cookie: [UInt8]?) -> LDAPControls.Request {
        let mode = BER.element(BER.enumerated, [1])
        let content = mode + (cookie.map { BER.element(BER.octets, $0) } ?? [])
        return LDAPControls.Request(oid: LDAPControls.sync, value: BER.element(BER.sequence, content))
    }
}

/// RFC 4533 section 2.5, as much of it as matters here.
struct SyncInformation: Equatable {
    let cookie: [UInt8]?
    let saysChanged: Bool

    init?(_ value: [UInt8]) {
        guard let outer = BER.elements(value[...]), outer.count == 1 else { return nil }
        switch outer[0].tag {
        case 0x80:
            cookie = Array(outer[0].content)
            saysChanged = false
        // The end of the deletions, which were told before; the end of a list of what is still there; such a list, or
        // one of deletions.
        case 0xA1, 0xA2, 0xA3:
            guard let parts = BER.elements(outer[0].content) else { return nil }
            cookie = parts.first { $0.tag == BER.octets }.map { Array($0.content) }
            saysChanged = outer[0].tag != 0xA1
        default: return nil
        }
    }
}

/// RFC 4533 section 2.4: `SEQUENCE { cookie OCTET STRING OPTIONAL, refreshDeletes BOOLEAN DEFAULT FALSE }`
struct SyncDone: Equatable {
    let cookie: [UInt8]?
    let refreshDeletes: Bool

    init?(_ value: [UInt8]) {
        guard let outer = BER.elements(value[...]), outer.first?.tag == BER.sequence,
            let parts = BER.elements(outer[0].content)
        else { return nil }
        cookie = parts.first { $0.tag == BER.octets }.map { Array($0.content) }
        refreshDeletes = parts.contains { $0.tag == BER.boolean && $0.content.first ?? 0 != 0 }
    }
}

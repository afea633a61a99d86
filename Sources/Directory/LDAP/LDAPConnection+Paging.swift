// SPDX-License-Identifier: Apache-2.0
internal import CLDAP

extension LDAPConnection: PagedSession {
    func page(
        _ search: DirectorySearch, size: Int, after cookie: [UInt8], until deadline: Deadline,
        _ each: (DirectoryEntry) throws(DirectoryError) -> Void
    ) throws(DirectoryError) -> PageEnd {
        let control = LDAPControls.Request(
            oid: LDAPControls.paging,
            value: BER.element(BER.sequence, BER.integer(size) + BER.element(BER.octets, cookie)))
        let message = try send(search, with: control, until: deadline)
        var isFirst = cookie.isEmpty
        while true {
            switch try next(of: message, search, until: deadline) {
            case .entry(let entry):
                try each(entry)
                isFirst = false
            case .information: throw .unreadable(server: server, reason: "a message that nobody asked for")
            case .end(let outcome): return try end(outcome, search, isFirst: isFirst)
            }
        }
    }

    /// - Parameter isFirst: whether nothing has come before, on this page or others.
    ///
    /// slapd says "protocol error" of a cookie that it does not know, others that they are unwilling.
    private func end(
        _ outcome: LDAPOutcome, _ search: DirectorySearch, isFirst: Bool
    ) throws(DirectoryError) -> PageEnd {
        switch outcome.code {
        case LDAP_ADMINLIMIT_EXCEEDED where isFirst: return .sizeRefused
        case LDAP_PROTOCOL_ERROR where !isFirst, LDAP_UNWILLING_TO_PERFORM where !isFirst: return .cookieRefused
        default: try check(outcome, search)
        }
        // A server that does not know of pages would have refused the control: it gave all there is.
        guard let value = outcome.controls[LDAPControls.paging] else { return .cookie([]) }
        guard let cookie = Self.cookie(in: value) else {
            throw .unreadable(server: server, reason: "a page whose end cannot be read")
        }
        return .cookie(cookie)
    }

    /// `SEQUENCE { size INTEGER, cookie OCTET STRING }`
    private static func cookie(in value: [UInt8]) -> [UInt8]? {
        guard let outer = BER.elements(value[...]), outer.count == 1, outer[0].tag == BER.sequence,
            let inner = BER.elements(outer[0].content), inner.count == 2, inner[1].tag == BER.octets
        else { return nil }
        return Array(inner[1].content)
    }
}

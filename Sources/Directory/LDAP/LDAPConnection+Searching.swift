// SPDX-License-Identifier: Apache-2.0
internal import CLDAP
import Glibc

extension LDAPConnection {
    /// Of one search; a group's members are never among what is asked for.
    private static let entriesMost = 5000
    private static let bytesMost = 8 << 20

    func search(_ search: DirectorySearch, until deadline: Deadline) throws(DirectoryError) -> [DirectoryEntry] {
        let message = try send(search, until: deadline)
        var entries: [DirectoryEntry] = []
        var bytes = 0
        while true {
            switch try next(of: message, search, until: deadline) {
            case .entry(let entry):
                entries.append(entry)
                bytes += entry.size
                if let enough = search.enough, entries.count >= enough {
                    ldap_abandon_ext(handle, message, nil, nil)
                    return entries
                }
                guard entries.count <= Self.entriesMost, bytes <= Self.bytesMost else {
                    throw .unreadable(server: server, reason: "it is larger than any that was asked for")
                }
            case .information: throw .unreadable(server: server, reason: "a message that nobody asked for")
            case .end(let outcome):
                try check(outcome, search)
                return entries
            }
        }
    }

    enum Step {
        case entry(DirectoryEntry)
        /// RFC 4511 section 4.13, with its value.
        case information([UInt8])
        case end(LDAPOutcome)
    }

    func send(
        _ search: DirectorySearch, with control: LDAPControls.Request? = nil, until deadline: Deadline
    ) throws(DirectoryError) -> Int32 {
        var attributes = search.attributes.map { strdup($0) } + [nil]
        defer { for attribute in attributes { free(attribute) } }
        // Told to the server too, which counts whole seconds; ours ends before.
        var span = CLDAP_timeval(Int(deadline.left.components.seconds) + 1, 0)
        var message: Int32 = 0
        let scope = search.scope == .entry ? CLDAP_SCOPE_BASE : CLDAP_SCOPE_SUBTREE
        let code = LDAPControls.withPointer(to: control) { controls in
            ldap_search_ext(
                handle, search.base, scope, search.filter, &attributes, 0, controls, nil, &span, LDAP_NO_LIMIT,
                &message)
        }
        switch code {
        case LDAP_SUCCESS: return message
        case LDAP_FILTER_ERROR:
            throw .refused(server: server, code: Int(code), reason: "the filter \(quoted(search.filter)) is no filter")
        default: throw .lost(server: server, reason: reason(code))
        }
    }

    func next(
        of message: Int32, _ search: DirectorySearch, until deadline: Deadline
    ) throws(DirectoryError) -> Step {
        var result: OpaquePointer?
        var span = deadline.left.timeval
        let kind = ldap_result(handle, message, LDAP_MSG_ONE, &span, &result)
        switch kind {
        case 0:
            ldap_abandon_ext(handle, message, nil, nil)
            throw .timedOut(server: server)
        case -1: throw .lost(server: server, reason: reason(lastCode))
        case CLDAP_SEARCH_ENTRY:
            defer { ldap_msgfree(result) }
            return .entry(try entry(result))
        case CLDAP_SEARCH_REFERENCE:
            ldap_msgfree(result)
            throw .referred(server: server, base: search.base)
        case CLDAP_INTERMEDIATE: return .information(LDAPControls.information(handle, result))
        case CLDAP_SEARCH_RESULT: return .end(outcome(of: result))
        default:
            ldap_msgfree(result)
            throw .unreadable(server: server, reason: "a message of the kind \(kind)")
        }
    }

    /// Only "success" is an answer: entries that came before anything else may be some of many.
    func check(_ outcome: LDAPOutcome, _ search: DirectorySearch) throws(DirectoryError) {
        switch outcome.code {
        case LDAP_SUCCESS: return
        case LDAP_SIZELIMIT_EXCEEDED: throw .incomplete(server: server, .size)
        case LDAP_TIMELIMIT_EXCEEDED: throw .incomplete(server: server, .time)
        case LDAP_ADMINLIMIT_EXCEEDED: throw .incomplete(server: server, .administrative)
        case LDAP_REFERRAL: throw .referred(server: server, base: search.base)
        case LDAP_NO_SUCH_OBJECT: throw .baseMissing(server: server, base: search.base)
        default: throw .refused(server: server, code: Int(outcome.code), reason: Self.words(outcome.code, outcome.text))
        }
    }
}

// MARK: - Entries

extension LDAPConnection {
    private func entry(_ message: OpaquePointer?) throws(DirectoryError) -> DirectoryEntry {
        guard let dn = ldap_get_dn(handle, message) else {
            throw .unreadable(server: server, reason: "an entry without a name")
        }
        defer { ldap_memfree(dn) }
        guard let name = String(validatingCString: dn) else {
            throw .unreadable(server: server, reason: "an entry whose name is no UTF-8")
        }
        return DirectoryEntry(dn: name, values: allValues(message))
    }

    private func allValues(_ message: OpaquePointer?) -> [String: [[UInt8]]] {
        var values: [String: [[UInt8]]] = [:]
        var place: OpaquePointer?
        var attribute = ldap_first_attribute(handle, message, &place)
        while let name = attribute {
            values[String(cString: name).lowercased()] = self.values(of: name, in: message)
            ldap_memfree(name)
            attribute = ldap_next_attribute(handle, message, place)
        }
        ber_free(place, 0)
        return values
    }

    private func values(of name: UnsafePointer<CChar>, in message: OpaquePointer?) -> [[UInt8]] {
        guard let found = ldap_get_values_len(handle, message, name) else { return [] }
        defer { ldap_value_free_len(found) }
        var values: [[UInt8]] = []
        while let value = found[values.count] { values.append(LDAPText.bytes(value.pointee)) }
        return values
    }
}

extension DirectoryEntry {
    fileprivate var size: Int {
        values.reduce(dn.utf8.count) { $0 + $1.key.utf8.count + $1.value.reduce(0) { $0 + $1.count } }
    }
}

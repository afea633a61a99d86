// SPDX-License-Identifier: Apache-2.0
internal import CLDAP

/// Filters of RFC 4515 and names of RFC 4514, as libldap reads and writes them.
enum LDAPText {
    /// `(attribute=value)`, with all that has a meaning in a filter escaped.
    static func equality(_ attribute: String, _ value: String) -> String {
        "(\(attribute)=\(escaped(Array(value.utf8))))"
    }

    /// One of them; itself where there is one.
    static func any(_ filters: [String]) -> String {
        filters.count == 1 ? filters[0] : "(|\(filters.joined()))"
    }

    static func all(_ filters: String...) -> String { "(&\(filters.joined()))" }

    /// RFC 4515 section 3: `*`, parentheses, backslash, NUL and what is no ASCII, as backslash and two digits.
    static func escaped(_ bytes: [UInt8]) -> String {
        var copy = bytes.map { CChar(bitPattern: $0) }
        return copy.withUnsafeMutableBufferPointer { buffer in
            var value = berval(bv_len: ber_len_t(buffer.count), bv_val: buffer.baseAddress)
            var escaped = berval()
            let code = ldap_bv2escaped_filter_value(&value, &escaped)
            precondition(code == 0, "libldap has no memory left to escape a value")
            guard let text = escaped.bv_val else { return "" }
            defer { ber_memfree(text) }
            return String(decoding: UnsafeRawBufferPointer(start: text, count: Int(escaped.bv_len)), as: UTF8.self)
        }
    }

    /// What two spellings of one DN have in common, for telling whether something was seen already.
    ///
    /// libldap's normal form keeps capitals, and the naming attributes in use do not tell them apart.
    static func key(ofDN dn: String) -> String {
        var normal: UnsafeMutablePointer<CChar>?
        guard ldap_dn_normalize(dn, CLDAP_DN_FORMAT_LDAPV3, &normal, CLDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS,
            let normal
        else { return dn.lowercased() }
        defer { ldap_memfree(normal) }
        return String(cString: normal).lowercased()
    }

    /// The value of `attribute` in the first part of a DN, `cn=staff,ou=groups`; nil where that is another attribute's.
    static func firstValue(of attribute: String, inDN text: String) -> [UInt8]? {
        var dn: LDAPDN?
        guard ldap_str2dn(text, &dn, CLDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS, let dn else { return nil }
        defer { ldap_dnfree(dn) }
        guard let first = dn[0] else { return nil }
        var place = 0
        while let part = first[place] {
            if bytes(part.pointee.la_attr).elementsEqual(attribute.utf8, by: { $0 | 0x20 == $1 | 0x20 }) {
                return bytes(part.pointee.la_value)
            }
            place += 1
        }
        return nil
    }

    static func bytes(_ value: berval) -> [UInt8] {
        guard let start = value.bv_val else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(value.bv_len)))
    }
}

extension LDAPText {
    /// The same key as bytes. Most DNs have nothing that could be spelled otherwise but capitals.
    static func key(ofDN bytes: [UInt8]) -> [UInt8] {
        guard isPlain(bytes) else { return Array(key(ofDN: String(decoding: bytes, as: UTF8.self)).utf8) }
        return bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }

    /// No escapes, no quotes, no parts side by side, and no blanks that mean nothing.
    private static func isPlain(_ bytes: [UInt8]) -> Bool {
        var isAfterSign = true
        var isInValue = false
        for byte in bytes {
            switch byte {
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "-"): isAfterSign = false
            case UInt8(ascii: "="), UInt8(ascii: ","):
                if isAfterSign || isInValue == (byte == UInt8(ascii: "=")) { return false }
                isInValue.toggle()
                isAfterSign = true
            case UInt8(ascii: " "), UInt8(ascii: "."), UInt8(ascii: "@"), UInt8(ascii: "_"):
                if isAfterSign || !isInValue { return false }
                isAfterSign = true
            default: return false
            }
        }
        return isInValue && !isAfterSign
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import CLDAP

/// What a server says at the end of an operation.
struct LDAPOutcome {
    var code: Int32
    var text: String
    /// Values by object identifier.
    var controls: [String: [UInt8]]
}

/// Controls of RFC 4511 section 4.1.11, to libldap and back.
enum LDAPControls {
    static let paging = "1.2.840.113556.1.4.319"
    static let sync = "1.3.6.1.4.1.4203.1.9.1.1"
    static let syncDone = "1.3.6.1.4.1.4203.1.9.1.3"

    /// One that the server has to know, or refuse the question.
    struct Request {
        let oid: String
        let value: [UInt8]
    }

    typealias List = UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>

    static func withPointer(to request: Request?, _ body: (List?) -> Int32) -> Int32 {
        guard let request else { return body(nil) }
        var oid = request.oid.utf8CString
        var value = request.value.map { CChar(bitPattern: $0) }
        return oid.withUnsafeMutableBufferPointer { oid in
            value.withUnsafeMutableBufferPointer { value in
                var control = LDAPControl(
                    ldctl_oid: oid.baseAddress,
                    ldctl_value: berval(bv_len: ber_len_t(value.count), bv_val: value.baseAddress),
                    ldctl_iscritical: 1)
                return withUnsafeMutablePointer(to: &control) { control in
                    var list: [UnsafeMutablePointer<LDAPControl>?] = [control, nil]
                    return list.withUnsafeMutableBufferPointer { body($0.baseAddress) }
                }
            }
        }
    }

    static func values(_ list: List?) -> [String: [UInt8]] {
        var values: [String: [UInt8]] = [:]
        var place = 0
        while let control = list?[place]?.pointee {
            if let oid = control.ldctl_oid { values[String(cString: oid)] = LDAPText.bytes(control.ldctl_value) }
            place += 1
        }
        return values
    }

    /// An intermediate message's value; frees the message.
    static func information(_ handle: OpaquePointer, _ message: OpaquePointer?) -> [UInt8] {
        var value: UnsafeMutablePointer<berval>?
        let code = ldap_parse_intermediate(handle, message, nil, &value, nil, 1)
        guard code == LDAP_SUCCESS, let value else { return [] }
        defer { ber_bvfree(value) }
        return LDAPText.bytes(value.pointee)
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import CLDAP
import Glibc

/// A connection to one server, bound. It belongs to one thread.
final class LDAPConnection: DirectorySession {
    let server: String
    let handle: OpaquePointer

    /// Connects, makes the connection safe, and binds. Whatever fails, nothing is said in clear that was to be safe:
    /// StartTLS comes before anything else, and its failure ends the connection.
    init(to server: String, _ terms: DirectoryTerms, until deadline: Deadline) throws(DirectoryError) {
        Self.refuseSignals()
        var handle: OpaquePointer?
        guard ldap_initialize(&handle, server) == LDAP_SUCCESS, let handle else {
            throw .unreachable(server: server, reason: "it is no LDAP URL")
        }
        self.server = server
        self.handle = handle
        let options = LDAPOptions(handle)
        options.setManners(connectTimeout: min(terms.costs.connectTimeout, deadline.left))
        if server.mayUseTLS(terms), !options.setTrust(caFile: terms.caFile) {
            throw .notSecure(server: server, reason: "the CA file \(quoted(terms.caFile)) cannot be used")
        }
        if server.isClearLDAP, terms.startsTLS { try startTLS() }
        try bind(terms.bind, until: deadline)
    }

    deinit { ldap_unbind_ext_s(handle, nil, nil) }

    /// libldap writes to a connection that the server has closed, and by default the process would end by it.
    private static func refuseSignals() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    private func startTLS() throws(DirectoryError) {
        let code = ldap_start_tls_s(handle, nil, nil)
        switch code {
        case LDAP_SUCCESS: return
        case LDAP_SERVER_DOWN, LDAP_TIMEOUT: throw .unreachable(server: server, reason: reason(code))
        default: throw .notSecure(server: server, reason: reason(code))
        }
    }

    private func bind(_ bind: DirectoryTerms.Bind, until deadline: Deadline) throws(DirectoryError) {
        var message: Int32 = 0
        let code =
            switch bind {
            case .anonymous: sendBind("", nil, [], &message)
            case .password(let dn, let password): sendBind(dn, nil, password.bytes, &message)
            case .external: sendBind(nil, "EXTERNAL", [], &message)
            }
        guard code == LDAP_SUCCESS else { throw unreached(code) }
        var result: OpaquePointer?
        var span = deadline.left.timeval
        switch ldap_result(handle, message, LDAP_MSG_ALL, &span, &result) {
        case 0: throw .timedOut(server: server)
        case -1: throw unreached(lastCode)
        default: break
        }
        let outcome = outcome(of: result)
        guard outcome.code == LDAP_SUCCESS else {
            throw .bindRefused(server: server, who: bind.who, reason: Self.words(outcome.code, outcome.text))
        }
    }

    private func sendBind(_ dn: String?, _ mechanism: String?, _ password: [UInt8], _ message: inout Int32) -> Int32 {
        var bytes = password.map { CChar(bitPattern: $0) }
        return bytes.withUnsafeMutableBufferPointer { buffer in
            var credentials = berval(bv_len: ber_len_t(buffer.count), bv_val: buffer.baseAddress)
            return ldap_sasl_bind(handle, dn, mechanism, &credentials, nil, nil, &message)
        }
    }

    /// The first thing that goes out opens the connection, so that this is about the way there. With `ldaps://`, libldap
    /// says "can't contact" of a certificate that it does not trust, too.
    private func unreached(_ code: Int32) -> DirectoryError {
        let isTLS = server.hasPrefix("ldaps:") && (code == LDAP_CONNECT_ERROR || hasDiagnostics)
        return isTLS
            ? .notSecure(server: server, reason: reason(code)) : .unreachable(server: server, reason: reason(code))
    }
}

// MARK: - Results

extension LDAPConnection {
    var lastCode: Int32 {
        var code: Int32 = 0
        ldap_get_option(handle, LDAP_OPT_RESULT_CODE, &code)
        return code
    }

    private var hasDiagnostics: Bool { !diagnostics.isEmpty }

    private var diagnostics: String {
        var text: UnsafeMutablePointer<CChar>?
        ldap_get_option(handle, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text)
        guard let text else { return "" }
        defer { ldap_memfree(text) }
        return String(cString: text)
    }

    /// In libldap's words, with what it or the server says besides.
    func reason(_ code: Int32) -> String { Self.words(code, diagnostics) }

    /// What the server says at the end; frees the message.
    func outcome(of result: OpaquePointer?) -> LDAPOutcome {
        var code: Int32 = 0
        var text: UnsafeMutablePointer<CChar>?
        var controls: UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>?
        let parsed = ldap_parse_result(handle, result, &code, nil, &text, nil, &controls, 1)
        defer {
            ldap_memfree(text)
            ldap_controls_free(controls)
        }
        return LDAPOutcome(
            code: parsed == LDAP_SUCCESS ? code : parsed, text: text.map { String(cString: $0) } ?? "",
            controls: LDAPControls.values(controls))
    }

    static func words(_ code: Int32, _ text: String) -> String {
        let name = String(cString: ldap_err2string(code))
        let shown = String(
            text.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }.prefix(200).map(Character.init))
        return shown.isEmpty ? name : "\(name) (\(shown))"
    }
}

extension DirectoryTerms.Bind {
    /// Whom errors name.
    fileprivate var who: String {
        switch self {
        case .anonymous: "nobody in particular"
        case .password(let dn, _): dn
        case .external: "whom the socket says (SASL EXTERNAL)"
        }
    }
}

extension String {
    fileprivate var isClearLDAP: Bool { hasPrefix("ldap:") }

    fileprivate func mayUseTLS(_ terms: DirectoryTerms) -> Bool {
        hasPrefix("ldaps:") || isClearLDAP && terms.startsTLS
    }
}

extension Duration {
    var timeval: timeval {
        CLDAP_timeval(Int(components.seconds), Int(components.attoseconds / 1_000_000_000_000))
    }
}

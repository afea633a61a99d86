// SPDX-License-Identifier: Apache-2.0
internal import CLDAP
import Glibc

/// The options of a connection. Each is taken, or the process stops: a check that libldap does not know of would be a
/// check that is not made. All that matters is set here, whatever `ldap.conf` and the environment say.
struct LDAPOptions {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    func setManners(connectTimeout: Duration) {
        set(LDAP_OPT_PROTOCOL_VERSION, LDAP_VERSION3)
        // Another server would be told who we are, by a name that nobody configured.
        set(LDAP_OPT_REFERRALS, nil)
        set(LDAP_OPT_DEREF, LDAP_DEREF_NEVER)
        set(LDAP_OPT_SIZELIMIT, LDAP_NO_LIMIT)
        set(LDAP_OPT_TIMELIMIT, LDAP_NO_LIMIT)
        set(LDAP_OPT_RESTART, nil)
        // Never zero, which libldap takes for "do not wait at all".
        var span = max(connectTimeout, .milliseconds(1)).timeval
        set(LDAP_OPT_NETWORK_TIMEOUT, &span)
        set(LDAP_OPT_TIMEOUT, &span)
        set(LDAP_OPT_X_KEEPALIVE_IDLE, 60)
        set(LDAP_OPT_X_KEEPALIVE_PROBES, 3)
        set(LDAP_OPT_X_KEEPALIVE_INTERVAL, 10)
    }

    /// - Returns: whether the CA file could be used; where not, no TLS connection can be made.
    func setTrust(caFile: String) -> Bool {
        set(LDAP_OPT_X_TLS_REQUIRE_CERT, LDAP_OPT_X_TLS_HARD)
        set(LDAP_OPT_X_TLS_PROTOCOL_MIN, CLDAP_TLS_1_2)
        set(LDAP_OPT_X_TLS_CACERTDIR, nil)
        check(caFile.withCString { ldap_set_option(handle, LDAP_OPT_X_TLS_CACERTFILE, $0) }, LDAP_OPT_X_TLS_CACERTFILE)
        // Without it the process's own context would be used, and nothing of the above.
        var isServer: Int32 = 0
        return ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &isServer) == LDAP_OPT_SUCCESS
    }

    private func set(_ option: Int32, _ value: Int32) {
        var value = value
        check(ldap_set_option(handle, option, &value), option)
    }

    /// A pointer of its own kind, or none: off.
    private func set(_ option: Int32, _ value: UnsafeRawPointer?) {
        check(ldap_set_option(handle, option, value), option)
    }

    private func check(_ code: Int32, _ option: Int32) {
        precondition(code == LDAP_OPT_SUCCESS, "libldap takes option \(option): OpenLDAP 2.5 or newer is needed")
    }
}

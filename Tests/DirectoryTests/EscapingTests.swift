// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Directory

/// A name is a name, whatever signs are in it.
@Suite struct EscapingTests {
    @Test(arguments: [
        "u1)(uid=*", "*", "u0000*", "u00001)(objectClass=*", "u00001))(|(uid=*", "\\", "\\2a", "u00001\0", "(", ")",
        "u00001)", "&", "|", "u00001,ou=People", "",
    ])
    func `a name with signs of the filter's grammar is nobody`(name: String) async throws {
        let people = People(.of(try await RealDirectory.plain.value))
        #expect(await people.outcome(of: name) == .unknown, "\(name)")
    }

    @Test func `blanks that the directory passes over are not passed over by us`() async throws {
        let people = People(.of(try await RealDirectory.plain.value))
        for name in [" u00001", "u00001 ", "  u00001  "] {
            #expect(
                await people.outcome(of: name).error
                    == .otherName(asked: name, entry: "uid=u00001,ou=People,dc=example,dc=org"))
        }
    }

    @Test func `values are escaped as RFC 4515 has it`() {
        #expect(LDAPText.equality("uid", "u1)(uid=*") == "(uid=u1\\29\\28uid=\\2A)")
        #expect(LDAPText.escaped([0x61, 0, 0x5C, 0xC3, 0xA5]) == "a\\00\\5C\\C3\\A5")
        #expect(LDAPText.escaped([]) == "")
        #expect(LDAPText.all("(a=b)", LDAPText.any(["(c=d)", "(e=f)"])) == "(&(a=b)(|(c=d)(e=f)))")
    }

    @Test func `a DN is known again in another spelling`() {
        #expect(LDAPText.key(ofDN: "CN=Staff , OU=Groups,DC=x") == LDAPText.key(ofDN: "cn=staff,ou=groups,dc=x"))
        #expect(LDAPText.key(ofDN: "cn=a\\2Cb,dc=x") == LDAPText.key(ofDN: "cn=a\\,b,dc=x"))
        #expect(LDAPText.key(ofDN: "cn=a,cn=b,dc=x") != LDAPText.key(ofDN: "cn=a\\,cn=b,dc=x"))
        #expect(LDAPText.firstValue(of: "CN", inDN: "cn=we\\2Cird\\2Bgr #p\\22x,ou=g") == Array("we,ird+gr #p\"x".utf8))
        #expect(LDAPText.firstValue(of: "uid", inDN: "cn=a,uid=b") == nil)
    }
}

// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Testing

@testable import HubAPI

struct SessionTermsTests {
    @Test func `terms of before there could be several tokens are read`() throws {
        let old = #"{"profile":"gpu","token":{"audience":"https://arc.example.org","file":"/run/berth/token"}}"#
        let terms = try #require(SessionTerms(old))
        #expect(terms.tokens == [TokenHandOff(audience: "https://arc.example.org", file: "/run/berth/token")])
        #expect(SessionTerms(terms.text) == terms)
    }

    @Test func `several tokens come back as they went in`() throws {
        let text = """
            {"profile":"gpu","tokens":[{"audience":"a","file":"/run/a/t","scope":"x y","on_login_end":"stop"},\
            {"audience":"b","file":"/run/b/t"}]}
            """
        let terms = try #require(SessionTerms(text))
        #expect(terms.tokens.map(\.scope) == ["x y", nil] && terms.tokens.map(\.onLoginEnd) == [.stop, .keep])
        #expect(terms.text == text)
    }
}

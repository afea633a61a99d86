// SPDX-License-Identifier: Apache-2.0
import SpawnPolicy
import Testing

struct PatternTests {
    @Test(arguments: [
        ("^pangeo/.+:.+$", "pangeo/x:1"), ("", ""), ("a|b|", ""), ("a|ab", "ab"), ("a{2,}", "aaaa"),
        ("x{y}", "x{y}"), ("[]a]+", "a]"), (#"\d{4}-\d\d"#, "2026-11"), (#"\w+"#, "naïve_1"), (#"\Aab\Z"#, "ab"),
        ("(?P<n>a)b", "ab"), ("(?i)AbC", "aBc"), (#"\x41"#, "A"), (".", "é"), ("..", "e\u{301}"),
        ("^(?!.*latest).*$", "img:1"), ("(?=.*[0-9])(?=.*[a-z]).+", "a1"), ("(?<=a)?b", "b"), (#"(a)\1"#, "aa"),
    ]) func `a whole text that the pattern describes matches`(pattern: String, text: String) throws {
        #expect(try Pattern(pattern).matches(whole: text))
    }

    @Test(arguments: [
        ("^pangeo/.+:.+$", "pangeo/x:1\n"), ("^pangeo/.+:.+", "evil/pangeo/x:1"), ("pangeo/", "pangeo/x"),
        ("a{2}", "aaa"), ("[^a]", "a"), (#"\d"#, "a"), (".", "\n"), (".", ""), ("a", "A"), ("a$b", "ab"),
        ("^(?!.*latest).*$", "img:latest"), (".", "e\u{301}"), ("é", "e\u{301}"),
    ]) func `any other text does not`(pattern: String, text: String) throws {
        #expect(try !Pattern(pattern).matches(whole: text))
    }

    @Test(arguments: ["(a", "a)", "[a", "[b-a]", "*a", "a{3,2}", #"a\"#, #"\C"#, "(?P=n)"])
    func `what cannot be read is named with its place`(pattern: String) {
        #expect { try Pattern(pattern) } throws: { error in
            (error as? PatternError).map { !$0.reason.isEmpty && $0.offset <= pattern.utf8.count } ?? false
        }
    }

    @Test func `a pattern longer than the bound is named`() {
        #expect(throws: PatternError.self) { try Pattern(String(repeating: "a", count: 5000)) }
    }

    @Test(arguments: ["(a+)+b", "(a|a)*b", "(a|aa)+$b", "((a*)*)*b", "(?=(a+)+b)a*"])
    func `no text makes a pattern explode`(pattern: String) throws {
        #expect(try !Pattern(pattern).matches(whole: String(repeating: "a", count: 1024)))
    }
}

// SPDX-License-Identifier: Apache-2.0
import SpawnPolicy
import Testing

struct PatternTests {
    @Test(arguments: [
        ("^pangeo/.+:.+$", "pangeo/x:1"), ("pangeo/", "pangeo/"), ("", ""), ("a|b|", "b"), ("a|b|", ""),
        ("(a|b)*c", "ababc"), ("a{2}", "aa"), ("a{2,}", "aaaa"), ("a{,2}", ""), ("a{1,3}b", "aaab"), ("a{,}", "aaa"),
        ("x{y}", "x{y}"), ("a{2", "a{2"), ("[a-c]+", "abc"), ("[^a-c]+", "xyz"), ("[]a]+", "a]"), ("[a-]+", "a-"),
        (#"[\d.]+"#, "1.2"), (#"\d{4}-\d\d"#, "2026-11"), (#"\w+"#, "naïve_1"), (#"\S+\s\S+"#, "a b"), (#"\."#, "."),
        (#"\Aab\Z"#, "ab"), (#"\bab\b"#, "ab"), (#"a\Bb"#, "ab"), ("(?:ab)+?", "abab"), ("(?P<n>a)b", "ab"),
        ("(?i)AbC", "aBc"), ("(?i:a)b", "Ab"), ("a(?#note)b", "ab"), (#"\x41\u00e9"#, "Aé"), (".", "é"),
        ("..", "e\u{301}"),
        ("(?=a).*", "abc"), ("^(?!.*latest).*$", "img:1"), ("(?=.*[0-9])(?=.*[a-z]).+", "a1"), ("(?s).", "\n"),
        ("(a*)*b", "aaab"), (#"[\]\\]+"#, #"]\"#), ("[^\\s]+", "abc"),
    ]) func `a whole text that the pattern describes matches`(pattern: String, text: String) throws {
        #expect(try Pattern(pattern).matches(whole: text))
    }

    @Test(arguments: [
        ("^pangeo/.+:.+$", "pangeo/x:1\n"), ("^pangeo/.+:.+", "evil/pangeo/x:1"), ("pangeo/", "pangeo/x"),
        ("a|ab", "abc"),
        ("a{2}", "a"), ("a{2}", "aaa"), ("[a-c]", "d"), ("[^a]", "a"), (#"\d"#, "a"), (#"\w"#, "-"), (".", "\n"),
        (".", ""), ("a", "A"), ("(?i:a)b", "aB"), (#"a\bb"#, "ab"), ("a$b", "ab"), ("^(?!.*latest).*$", "img:latest"),
        ("(?=b).*", "abc"), ("(?=.*[0-9]).+", "ab"), (".", "e\u{301}"), ("é", "e\u{301}"),
    ]) func `any other text does not`(pattern: String, text: String) throws {
        #expect(try !Pattern(pattern).matches(whole: text))
    }

    @Test(arguments: [
        ("(a", PatternError.Reason.unclosedGroup), ("a)", .unopenedGroup), ("[a", .unclosedClass), ("[b-a]", .badRange),
        ("*a", .nothingToRepeat), ("a**", .nothingToRepeat), ("a|+", .nothingToRepeat), ("{2}", .nothingToRepeat),
        ("a{3,2}", .badRepeat), (#"\q"#, .badEscape), (#"a\"#, .badEscape), (#"(a)\1"#, .backReference),
        ("(?P=n)", .backReference), ("(?<=a)b", .lookBehind), ("(?<!a)b", .lookBehind), ("(?>a)", .unsupported),
        ("a++", .unsupported), ("(?x)a", .badFlag), ("a{99999}", .tooLarge), ("(a{999}){999}", .tooLarge),
        (String(repeating: "(", count: 200), .tooDeep), (String(repeating: "a", count: 5000), .tooLarge),
    ]) func `what cannot be read is named`(pattern: String, reason: PatternError.Reason) {
        #expect { try Pattern(pattern) } throws: { ($0 as? PatternError)?.reason == reason }
    }

    @Test(arguments: ["(a+)+b", "(a|a)*b", "(a|aa)+$b", "((a*)*)*b", "(?=(a+)+b)a*"])
    func `no text makes a pattern explode`(pattern: String) throws {
        #expect(try !Pattern(pattern).matches(whole: String(repeating: "a", count: 1024)))
    }
}

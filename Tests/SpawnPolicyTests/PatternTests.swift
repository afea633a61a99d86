// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
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

/// Patterns in rules, over all names of a user.
struct MatchEffortTests {
    private static let names = (0..<2000).map { "/\(String(repeating: "a", count: 60))/\($0)" }

    private func policy(_ patterns: [String], isRefusal: Bool = false) throws -> Policy {
        var numbers = RuleNumbers()
        let tests = try patterns.map { numbers.rule(.matches(.group, try Pattern($0)), line: 1) }
        let when = numbers.rule(.any(tests), line: 1)
        guard isRefusal else { return .of(.of("open"), .of("some", allow: when)) }
        return .of(.of("open"), rules: [SiteRule(name: "r", when: when, refusal: "No.", line: 1)])
    }

    private static let user = Subject.of(groups: names)

    @Test(arguments: [false, true]) func `a pattern that explodes at many names refuses the start as such`(
        isRefusal: Bool
    ) throws {
        let policy = try policy(["/(a+)+"], isRefusal: isRefusal)
        let decision = policy.decide(["profile": isRefusal ? "open" : "some"], for: Self.user)
        #expect(decision.reason == .patternsTooCostly)
    }

    @Test func `so are the page, the form and the programs' part refused`() throws {
        let policy = try policy(["/(a+)+"])
        let offer = policy.offer(for: Self.user)
        #expect(offer.refusal?.reason == .patternsTooCostly && offer.profiles.isEmpty)
        guard case .errors(let errors) = policy.read(form: ["profile": ["some"]], for: Self.user),
            case .failure(let refusal) = policy.plan(["profile": "some"], for: Self.user)
        else {
            Issue.record("the form is taken, or programs are asked")
            return
        }
        #expect(errors.map(\.code) == [.patternsTooCostly] && refusal.reason == .patternsTooCostly)
    }

    @Test func `thirty ordinary patterns at as many names are within it`() throws {
        let policy = try policy((1...30).map { ".*/[0-9]+[x-z]{\($0)}" })
        #expect(policy.decide(["profile": "open"], for: Self.user).reason == nil)
        #expect(policy.decide(["profile": "some"], for: Self.user).reason == .profileNotAllowed)
    }

    @Test func `a name at which a pattern explodes is unknown, and another one may still match`() throws {
        let explosive = String(repeating: "a", count: 60) + "c"
        func verdict(_ groups: [String]) throws -> Verdict {
            let evaluation = Evaluation(of: .of(groups: groups))
            return evaluation.verdict(of: Rule(.matches(.group, try Pattern("(a+)+[bd]?")), line: 1))
        }
        #expect(try verdict([explosive]) == .unknown)
        #expect(try verdict([explosive, "ab"]) == .yes)
        #expect(try verdict(["c"]) == .no)
    }
}

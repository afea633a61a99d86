// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy
import Testing

/// Kleene's three-valued logic, written out: what each operator answers for each pair of answers.
struct KleeneTests {
    static let verdicts: [Verdict] = [.yes, .no, .unknown]

    /// A rule that answers `verdict` for `KleeneTests.subject`.
    static func rule(_ verdict: Verdict) -> Rule {
        switch verdict {
        case .yes: .group("in")
        case .no: .group("out")
        case .unknown: .role("missing")
        }
    }

    let evaluation = Evaluation(of: .of(roles: nil, groups: ["in"]))

    @Test func `not turns yes and no round and leaves unknown`() {
        #expect(Self.verdicts.map { evaluation.verdict(of: .not(Self.rule($0))) } == [.no, .yes, .unknown])
    }

    @Test(arguments: [
        (Verdict.yes, Verdict.yes, Verdict.yes), (.yes, .no, .no), (.yes, .unknown, .unknown), (.no, .yes, .no),
        (.no, .no, .no), (.no, .unknown, .no), (.unknown, .yes, .unknown), (.unknown, .no, .no),
        (.unknown, .unknown, .unknown),
    ]) func `all is the least of its members`(a: Verdict, b: Verdict, both: Verdict) {
        #expect(evaluation.verdict(of: .all(Self.rule(a), Self.rule(b))) == both)
    }

    @Test(arguments: [
        (Verdict.yes, Verdict.yes, Verdict.yes), (.yes, .no, .yes), (.yes, .unknown, .yes), (.no, .yes, .yes),
        (.no, .no, .no), (.no, .unknown, .unknown), (.unknown, .yes, .yes), (.unknown, .no, .unknown),
        (.unknown, .unknown, .unknown),
    ]) func `any is the greatest of its members`(a: Verdict, b: Verdict, either: Verdict) {
        #expect(evaluation.verdict(of: .any(Self.rule(a), Self.rule(b))) == either)
    }

    @Test func `an empty any is nobody and an empty all is everyone`() {
        #expect(evaluation.verdict(of: .any()) == .no)
        #expect(evaluation.verdict(of: .all()) == .yes)
        #expect(evaluation.verdict(of: .not(.any())) == .yes)
    }

    @Test func `only a plain yes allows`() {
        #expect(Self.verdicts.map { evaluation.allows(Self.rule($0)) } == [true, false, false])
        #expect(!evaluation.allows(.not(.role("missing"))), "who may be suspended is not let in for want of a claim")
    }

    @Test func `the finding of a rule has the verdict of the rule`() {
        var random = Seeded("KLEENE_SEED")
        for _ in 0..<2000 {
            let rule = Rule.random(depth: 4, using: &random)
            let subject = Subject.random(using: &random)
            let evaluation = Evaluation(of: subject)
            #expect(
                evaluation.finding(of: rule).verdict == evaluation.verdict(of: rule), "seed \(random.seed): \(rule)")
        }
    }
}

struct RuleTests {
    @Test func `a membership is compared as given, byte by byte`() {
        let evaluation = Evaluation(
            of: .of(roles: ["GPU"], groups: ["/a/x", "re\u{301}sume"], entitlements: ["urn:x"]))
        #expect(evaluation.allows(.role("GPU")))
        #expect(!evaluation.allows(.role("gpu")))
        #expect(!evaluation.allows(.group("x")))
        #expect(!evaluation.allows(.group("/b/x")))
        #expect(!evaluation.allows(.group("r\u{e9}sume")), "another composition of the accent is another group")
        #expect(evaluation.allows(Rule(.entitlement("urn:x"), line: 1)))
    }

    @Test func `a user name is compared byte by byte too`() {
        let evaluation = Evaluation(of: .of("rene\u{301}"))
        #expect(evaluation.allows(Rule(.user("rene\u{301}"), line: 1)))
        #expect(!evaluation.allows(Rule(.user("ren\u{e9}"), line: 1)))
    }

    @Test func `a missing membership is unknown and an empty one is none`() {
        #expect(Evaluation(of: .of(groups: nil)).verdict(of: .group("a")) == .unknown)
        #expect(Evaluation(of: .of(groups: [])).verdict(of: .group("a")) == .no)
    }

    @Test func `user, admin and deployment are always known`() {
        let evaluation = Evaluation(of: .of("ana", isAdmin: true))
        #expect(evaluation.verdict(of: Rule(.user("ana"), line: 1)) == .yes)
        #expect(evaluation.verdict(of: Rule(.user("Ana"), line: 1)) == .no)
        #expect(evaluation.verdict(of: Rule(.admin(true), line: 1)) == .yes)
        #expect(evaluation.verdict(of: Rule(.admin(false), line: 1)) == .no)
        #expect(evaluation.verdict(of: Rule(.deployment("prod"), line: 1)) == .yes)
        #expect(evaluation.verdict(of: Rule(.deployment("test"), line: 1)) == .no)
    }

    @Test func `a claim is met by its value or by a list that holds it`() throws {
        let claims = try JSON(
            parsing: #"{"acr": "mfa", "level": 2.0, "amr": ["pwd", "otp"], "a.b": {"c": [1, 2]}, "gone": null}"#)
        let evaluation = Evaluation(of: .of(claims: claims))
        func verdict(_ path: [String], _ value: JSON) -> Verdict {
            evaluation.verdict(of: Rule(.claim(path: path, equals: value), line: 1))
        }
        #expect(verdict(["acr"], "mfa") == .yes)
        #expect(verdict(["acr"], "MFA") == .no)
        #expect(verdict(["level"], 2) == .yes, "a number is compared by value")
        #expect(verdict(["level"], "2") == .no)
        #expect(verdict(["amr"], "otp") == .yes)
        #expect(verdict(["amr"], ["pwd", "otp"]) == .yes)
        #expect(verdict(["a.b", "c"], 2) == .yes, "a name with a dot is one name")
        #expect(verdict(["a", "b", "c"], 2) == .unknown)
        #expect(verdict(["gone"], .null) == .unknown, "a null is a missing claim")
        #expect(verdict(["acr", "x"], "mfa") == .unknown)
    }

    @Test func `a claim is present unless it is missing or null`() throws {
        let claims = try JSON(parsing: #"{"a": {"b": false}, "n": null}"#)
        func verdict(_ path: [String], in claims: JSON) -> Verdict {
            Evaluation(of: .of(claims: claims)).verdict(of: Rule(.claimPresent(path: path), line: 1))
        }
        #expect(verdict(["a", "b"], in: claims) == .yes)
        #expect(verdict(["n"], in: claims) == .no)
        #expect(verdict(["x"], in: claims) == .no)
        #expect(verdict(["x"], in: .null) == .unknown, "without claims, their absence is not known either")
    }

    @Test func `of what a source would say that was not heard nothing is known, not even its absence`() throws {
        func verdict(_ path: [String], _ claims: JSON, hasToken: Bool = true) -> Verdict {
            let subject = Subject(
                name: "a", isAdmin: false, deployment: "prod", roles: nil, groups: nil, entitlements: nil,
                claims: claims, hasTokenClaims: hasToken, unheard: ["hr"], posix: nil)
            return Evaluation(of: subject).verdict(of: Rule(.not(Rule(.claimPresent(path: path), line: 1)), line: 1))
        }
        #expect(verdict(["hr", "suspended"], ["x": 1]) == .unknown)
        #expect(verdict(["hr"], ["x": 1]) == .unknown)
        #expect(verdict(["y"], ["x": 1]) == .yes)
        #expect(verdict(["y"], ["directory": ["x": 1]], hasToken: false) == .unknown)
        #expect(verdict(["directory", "y"], ["directory": ["x": 1]], hasToken: false) == .yes)
        let inList = Rule(
            .claimElement(path: ["directory", "l"], Rule(.claimPresent(path: ["y"]), line: 1)), line: 1)
        let subject = Subject(
            name: "a", isAdmin: false, deployment: "prod", roles: nil, groups: nil, entitlements: nil,
            claims: ["directory": ["l": [["x": 1]]]], hasTokenClaims: false, posix: nil)
        #expect(Evaluation(of: subject).verdict(of: inList) == .no, "an element is known as far as it goes")
    }
}

struct ClaimTestTests {
    static let claims = #"""
        {"quota": 7, "text": "20001", "word": "many", "list": [1, 9], "mixed": [1, "x"], "none": [], "big": 1e400,
         "email": "ana@example.org", "amr": ["pwd", "otp"],
         "projects": [{"name": "a", "state": "active", "hours": 0}, {"name": "b", "state": "closed", "hours": 50},
                      {"name": "c"}, "stray"],
         "one": {"name": "a", "state": "active"}}
        """#

    private func verdict(_ test: Rule.Test) throws -> Verdict {
        let evaluation = Evaluation(of: .of(claims: try JSON(parsing: Self.claims)))
        return evaluation.verdict(of: Rule(test, line: 1))
    }

    @Test(arguments: [
        ("quota", Rule.Bound.Relation.atLeast, 7, Verdict.yes), ("quota", .moreThan, 7, .no),
        ("quota", .atMost, 7, .yes),
        ("quota", .lessThan, 7, .no), ("quota", .moreThan, 6, .yes), ("quota", .lessThan, 8, .yes),
        ("text", .atLeast, 20001, .yes), ("text", .atLeast, 20002, .no), ("big", .moreThan, 1_000_000, .yes),
        ("list", .atLeast, 9, .yes), ("list", .atLeast, 10, .no), ("none", .atLeast, 0, .no),
        ("word", .atLeast, 0, .unknown), ("word", .lessThan, 0, .unknown), ("email", .atMost, 5, .unknown),
        ("mixed", .atLeast, 1, .yes), ("mixed", .atLeast, 2, .unknown), ("missing", .atLeast, 0, .unknown),
    ]) func `a number keeps a bound or not, and what is no number leaves it unknown`(
        claim: String, relation: Rule.Bound.Relation, limit: Int, wanted: Verdict
    ) throws {
        #expect(try verdict(.claimNumber(path: [claim], .init(relation, JSON(limit)))) == wanted)
    }

    @Test func `a claim's text, or one of its list, matches as a whole`() throws {
        #expect(try verdict(.claimMatches(path: ["email"], Pattern(#".*@example\.org"#))) == .yes)
        #expect(try verdict(.claimMatches(path: ["email"], Pattern("ana"))) == .no)
        #expect(try verdict(.claimMatches(path: ["amr"], Pattern("o.p"))) == .yes)
        #expect(try verdict(.claimMatches(path: ["quota"], Pattern("7"))) == .no, "a number is no text")
        #expect(try verdict(.claimMatches(path: ["missing"], Pattern(".*"))) == .unknown)
    }

    /// Project a is active without hours, project b has hours and is closed.
    @Test func `conditions on a list of objects are met by one element, not by several together`() throws {
        func some(_ claim: String, _ rules: Rule.Test...) throws -> Verdict {
            try verdict(.claimElement(path: [claim], Rule(.all(rules.map { Rule($0, line: 2) }), line: 2)))
        }
        let active = Rule.Test.claim(path: ["state"], equals: "active")
        let hours = Rule.Test.claimNumber(path: ["hours"], .init(.moreThan, 0))
        #expect(try some("projects", active) == .yes)
        #expect(try some("projects", hours) == .yes)
        #expect(try some("projects", active, hours) == .unknown, "c says neither, so that it cannot be ruled out")
        #expect(try some("projects", .claim(path: ["name"], equals: "a"), active) == .yes)
        #expect(try some("one", active) == .yes, "a single object is a list of one")
        #expect(try some("none", active) == .no)
        #expect(try some("missing", active) == .unknown)
    }

    @Test func `a pattern looks at all names of a kind`() throws {
        let evaluation = Evaluation(of: .of("svc-1", groups: ["/beamlines/a"]))
        func verdict(_ names: Rule.Names, _ pattern: String) throws -> Verdict {
            evaluation.verdict(of: Rule(.matches(names, try Pattern(pattern)), line: 1))
        }
        #expect(try verdict(.group, "/beamlines/.+") == .yes)
        #expect(try verdict(.group, "/beamlines") == .no)
        #expect(try verdict(.user, "svc-.*") == .yes)
        #expect(try verdict(.role, ".*") == .unknown)
    }
}

struct FindingTests {
    let subject = Subject.of(groups: ["staff"])

    private func sentence(_ rule: Rule) -> String { Evaluation(of: subject).finding(of: rule).sentence }

    @Test func `a finding names the line, what it needs, and what was found`() {
        #expect(sentence(.group("staff", line: 41)) == "line 41: needs group staff; the user has it")
        #expect(sentence(.group("gpu", line: 41)) == "line 41: needs group gpu; the user does not have it")
        #expect(
            sentence(.role("gpu", line: 41))
                == "line 41: needs role gpu; the claim for roles is missing, so this is unknown and does not allow")
        #expect(sentence(.not(.group("staff", line: 7))) == "line 7: must not have group staff; the user has it")
        #expect(sentence(.everyone) == "everyone is allowed")
        let quota = Rule(.claimNumber(path: ["quota"], .init(.atLeast, 2)), line: 4)
        #expect(
            sentence(Rule(.claimElement(path: ["projects"], quota), line: 3))
                == "line 3: needs an element of claim /projects with: claim /quota at least 2; the claim, or what is "
                + "asked of its elements, is missing, so this is unknown and does not allow")
    }

    @Test func `the innermost rule that settled it is the one named`() {
        let rule = Rule.all(.group("staff", line: 1), .any(.group("a", line: 2), .role("b", line: 3)))
        #expect(Evaluation(of: subject).finding(of: rule).line == 3)
        #expect(
            sentence(.any(.group("a"), .group("b"))) == "line 11: must meet one of 2 conditions; none of them holds")
        #expect(sentence(.any()) == "line 11: the list is empty: nobody is allowed")
    }
}

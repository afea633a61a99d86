// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy
import Testing

/// Hidden items, choices that need others, typed numbers, and nothing allowed.
@Suite struct ItemTests {
    private let releases = Policy.of(
        .of(
            "p",
            .of(
                "platform", .of("old", needs: .of("release", "r1")), .of("new", needs: .of("release", "r1", "r2")),
                .of("both")),
            .of("release", .of("r2", isDefault: true), .of("r1"), .of("r3")),
            .of("nodes", .of("1"), .of("2"), needs: .of("platform", "new"))))

    @Test func `a choice is valid only beside what it needs, whichever comes first in the file`() {
        #expect(releases.decide(["release": "r1", "platform": "old"], for: .of()).grant?.values["platform"] == "old")
        let refusal = releases.decide(["release": "r2", "platform": "old"], for: .of()).refusal
        #expect(refusal?.reason == .choiceNeeds)
        #expect(refusal?.userMessage.contains("goes only with release r1") == true)
    }

    @Test func `defaults are chosen among what fits the other choices`() {
        #expect(releases.decide(nil, for: .of()).grant?.values == ["release": "r2", "platform": "new", "nodes": "1"])
        #expect(releases.decide(["release": "r1"], for: .of()).grant?.values["platform"] == "old")
        #expect(releases.decide(["release": "r3"], for: .of()).grant?.values == ["release": "r3", "platform": "both"])
        let offered = releases.offer(for: .of()).profiles[0]
        #expect(offered.options.map { $0.choices.first(where: \.isDefault)?.id } == ["new", "r2", "1"])
        #expect(offered.options[0].choices[0].needs?.words == "release r1")
    }

    @Test func `an option that does not count beside the others is refused by API and left out of a form`() {
        #expect(releases.decide(["release": "r3", "nodes": "2"], for: .of()).reason == .choiceNeeds)
        let form: JSON = [
            "profile": ["p"], "profile-option-p--release": ["r3"], "profile-option-p--platform": ["both"],
            "profile-option-p--nodes": ["2"],
        ]
        #expect(releases.read(form: form, for: .of()).options == ["profile": "p", "release": "r3", "platform": "both"])
    }

    @Test func `where nothing fits, the user learns what to change`() {
        let policy = Policy.of(
            .of("p", .of("a", .of("x"), .of("y")), .of("b", .of("1", needs: .of("a", "y")))))
        #expect(policy.decide(nil, for: .of()).reason == .choiceNeeds)
        #expect(policy.decide(["a": "y"], for: .of()).grant?.values == ["a": "y", "b": "1"])
    }

    @Test func `options that need each other are found`() {
        let circle = NeedsOrder([
            .of("a", .of("1", needs: .of("b", "1"))), .of("b", .of("1"), needs: .of("a", "1")),
        ])
        #expect(circle.cycle == ["a", "b", "a"])
    }

    @Test func `what is hidden is not listed and never the default, and starts by name`() {
        let policy = Policy.of(
            .of("old", isDefault: true, isHidden: true),
            .of("now", .of("s", .of("h", isDefault: true, isHidden: true), .of("v"))))
        let offer = policy.offer(for: .of())
        #expect(offer.profiles.map(\.slug) == ["now"])
        #expect(offer.profiles[0].options[0].choices.map(\.id) == ["v"])
        #expect(policy.decide(nil, for: .of()).grant?.values == ["s": "v"])
        #expect(policy.decide(["profile": "old"], for: .of()).grant?.profile == "old")
        #expect(policy.decide(["profile": "now", "s": "h"], for: .of()).grant?.values == ["s": "h"])
    }

    @Test func `a hidden profile that is not allowed stays refused`() {
        let policy = Policy.of(.of("old", allow: .group("members"), isHidden: true), .of("now"))
        #expect(policy.decide(["profile": "old"], for: .of(groups: [])).reason == .profileNotAllowed)
    }

    @Test(arguments: [
        ("1", true), ("32", true), ("1.5", true), ("1.25", false), ("0", false), ("33", false), ("four", false),
        ("1e1", false), ("+2", false), ("", true),
    ])
    func `a typed number keeps its range and steps`(text: String, isGood: Bool) throws {
        var names = Reference.Names()
        names.isTyped = true
        let range = NumberRange(
            min: try #require(Quantity("1")), max: try #require(Quantity("32")), step: try #require(Quantity("0.5")))
        let policy = Policy.of(
            .of(
                "p",
                .of(
                    "cpu", .of("two"),
                    unlisted: .of(number: range, changing: try .of(spawner: ["cpu_limit": "${value}"], names: names)))))
        let decision = policy.decide(["cpu--unlisted-choice": JSON(text)], for: .of())
        #expect(decision.reason == (isGood ? nil : .unlistedChoiceInvalid))
        if let grant = decision.grant, !text.isEmpty { #expect(grant.overrides["cpu_limit"]?.numberSpelling == text) }
    }

    @Test func `the file's words are said when nothing is allowed`() {
        let policy = Policy.of(
            .of("p", allow: .any()),
            nothingAllowed: NothingAllowed(message: "Join a project first.", entry: "No project"))
        #expect(policy.decide(nil, for: .of()).refusal?.userMessage == "Join a project first.")
        #expect(policy.decide(["profile": "nothing-allowed"], for: .of()).reason == .nothingAllowed)
    }
}

// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy
import Testing

/// What arrives through the API, a link, an old record or a forged form: none of it may start anything unasked for,
/// and none of it may be an error of ours.
struct HostileOptionsTests {
    static let policy = Policy.of(
        .of("cpu", isDefault: true),
        .of(
            "gpu", name: "GPU",
            .of(
                "image", .of("base", isDefault: true, image: "registry.example.org/base:1"), .of("4"),
                unlisted: .of("^pangeo/.+:.+$", set: ["image": "{value}"], isImage: true)),
            .of("n", .of("one"))))

    static let table: [(String, Refusal.Reason?)] = [
        ("null", nil), ("{}", nil), (#"{"profile": ""}"#, nil), (#"{"profile": null}"#, nil),
        (#"{"profile": null, "image": null, "nosuch": null}"#, nil),
        (#"["gpu"]"#, .optionsMalformed), ("1", .optionsMalformed), (#""gpu""#, .optionsMalformed),
        ("true", .optionsMalformed), ("[]", .optionsMalformed), (#""""#, .optionsMalformed),
        (#"{"profile": "nosuch"}"#, .unknownProfile), (#"{"profile": "GPU"}"#, .unknownProfile),
        (#"{"profile": "gpu\n"}"#, .unknownProfile), (#"{"profile": " gpu"}"#, .unknownProfile),
        (#"{"profile": ["gpu"]}"#, .optionsMalformed), (#"{"profile": []}"#, .optionsMalformed),
        (#"{"profile": ["cpu", "gpu"]}"#, .ambiguousProfile), (#"{"profile": {"a": 1}}"#, .optionsMalformed),
        (#"{"profile": 1}"#, .optionsMalformed), (#"{"profile": true}"#, .optionsMalformed),
        (#"{"a": 1}"#, .unknownOption), (#"{"": "x"}"#, .unknownOption), (#"{"gpu-size": "2"}"#, .unknownOption),
        (#"{"profile": "gpu", "image": "nosuch"}"#, .unknownChoice),
        (#"{"profile": "gpu", "image": "unlisted-choice"}"#, .unknownChoice),
        (#"{"profile": "gpu", "image": 4}"#, .optionsMalformed),
        (#"{"profile": "gpu", "image": ["4"]}"#, .optionsMalformed), (#"{"profile": "gpu", "image": "4"}"#, nil),
        (#"{"profile": "gpu", "image--unlisted-choice": "evil/x:1"}"#, .unlistedChoiceInvalid),
        (#"{"profile": "gpu", "image--unlisted-choice": "pangeo/x:1"}"#, nil),
        (#"{"profile": "gpu", "image--unlisted-choice": "pangeo/x:1\n"}"#, .unlistedChoiceInvalid),
        (#"{"profile": "gpu", "image--unlisted-choice": "pangeo/x:1 --privileged"}"#, .unlistedChoiceInvalid),
        (#"{"profile": "gpu", "image--unlisted-choice": ["x"]}"#, .optionsMalformed),
        (#"{"profile": "gpu", "image--unlisted-choice": ""}"#, nil),
        (#"{"profile": "gpu", "image": "base", "image--unlisted-choice": "pangeo/x:1"}"#, .ambiguousOption),
        (#"{"profile": "gpu", "n--unlisted-choice": "2"}"#, .unlistedChoiceNotAllowed),
        (#"{"profile": "gpu", "cpu_limit": 64, "image": "base"}"#, .unknownOption),
        (#"{"profile": "gpu", "profile-option-gpu--image": "base"}"#, .unknownOption),
        (#"{"profile": "gpu", "image": {"__jupyterhub_bytes__": "YQ=="}}"#, .optionsMalformed),
    ]

    @Test(arguments: table) func `each odd input has its own answer`(options: String, reason: Refusal.Reason?) throws {
        let decision = Self.policy.decide(try JSON(parsing: options), for: .of())
        #expect(decision.reason == reason)
    }

    @Test func `a refusal shows what a user typed in quotes, short and without control characters`() throws {
        let slug = "a\u{1B}[31m\n\u{202E}" + String(repeating: "x", count: 5000)
        let refusal = try #require(Self.policy.decide(["profile": JSON(slug)], for: .of()).refusal)
        #expect(refusal.userMessage.utf8.count < 400)
        #expect(!refusal.userMessage.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202E })
        #expect(!refusal.detail.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202E })
    }

    @Test func `more keys than any profile has are refused before they are looked at`() throws {
        var options: JSONObject = [:]
        for number in 0..<65 { options["k\(number)"] = .null }
        #expect(Self.policy.decide(JSON(options), for: .of()).reason == .optionsMalformed)
    }

    @Test func `a text of exactly the longest length is checked, one byte more is refused`() {
        let policy = Policy.of(.of("p", .of("t", .of("x"), unlisted: .of(".*"))))
        func reason(_ count: Int) -> Refusal.Reason? {
            policy.decide(["t--unlisted-choice": JSON(String(repeating: "y", count: count))], for: .of()).reason
        }
        #expect(reason(1024) == nil)
        #expect(reason(1025) == .unlistedChoiceInvalid)
    }

    @Test func `the operator's own words say why a text is not taken`() throws {
        let policy = Policy.of(.of("p", .of("t", .of("x"), unlisted: .of("[0-9]+", message: "Digits only, please"))))
        let refusal = try #require(policy.decide(["t--unlisted-choice": "12a"], for: .of()).refusal)
        #expect(refusal.userMessage.hasSuffix("Digits only, please."))
    }

    @Test func `a text that becomes the image must name one, whatever the option is called`() {
        func reason(_ text: String, allow: Rule = .everyone) -> Refusal.Reason? {
            let policy = Policy.of(
                .of("p", .of("env", .of("x"), unlisted: .of("^.+:.+$", set: ["image": "{value}"], allow: allow))))
            return policy.decide(["env--unlisted-choice": JSON(text)], for: .of()).reason
        }
        #expect(reason(" : ") == .unlistedChoiceInvalid)
        #expect(reason("quay.io/a/b:1") == nil)
        #expect(reason("quay.io/a/b:1", allow: .any()) == .customImageNotAllowed)
    }

    @Test func `a pattern that cannot be read lets nothing through`() {
        let policy = Policy.of(.of("p", .of("t", .of("x"), unlisted: .of("(a"))))
        #expect(policy.decide(["t--unlisted-choice": "a"], for: .of()).reason == .unlistedChoiceInvalid)
    }

    @Test func `an option without a list needs its text, as in KubeSpawner, but an image may be left to the hub`() {
        let text = Policy.of(.of("p", .of("t", unlisted: .of())))
        #expect(text.decide([:], for: .of()).reason == .unlistedChoiceInvalid)
        #expect(text.decide(["t--unlisted-choice": "a"], for: .of()).grant?.values == ["t": "a"])
        let image = Policy.of(.of("p", .of("image", unlisted: .of(isImage: true))))
        #expect(image.decide([:], for: .of()).grant?.values == [:])
        let filtered = Policy.of(.of("p", .of("image", .of("a", allow: .any()), unlisted: .of(isImage: true))))
        #expect(filtered.decide([:], for: .of()).reason == .unlistedChoiceInvalid)
    }
}

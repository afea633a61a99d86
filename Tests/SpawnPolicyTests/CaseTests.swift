// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy
import Testing

/// A spawn through the API, for a profile that the form would not have shown.
struct APISpawnTests {
    let policy = Policy.of(
        .of("cpu-small", name: "Small", isDefault: true),
        .of(
            "gpu-slice", name: "GPU slice", allow: .any(.group("gpu-users")),
            .of("image", unlisted: .of(allow: .any(.group("image-builders")), isImage: true)),
            .of("gpu", .of("slice", gpu: GPUOffer(pool: "slices", amount: .fixed(.migInstances(1)))))),
        contact: "jupyter-support@example.org")
    let staff = Subject.of(groups: ["staff"])

    @Test func `a profile that the user may not have is refused by name, and names no group`() throws {
        let refusal = try #require(policy.decide(["profile": "gpu-slice"], for: staff).refusal)
        #expect(refusal.reason == .profileNotAllowed)
        #expect(refusal.userMessage.contains("GPU slice"))
        #expect(refusal.userMessage.contains("jupyter-support@example.org"))
        #expect(!refusal.userMessage.contains("gpu-users"))
        #expect(refusal.detail.contains("needs group gpu-users"), "the log says which rule")
    }

    @Test func `an unknown profile is refused and never becomes the default one`() throws {
        let refusal = try #require(policy.decide(["profile": "no-such-profile"], for: staff).refusal)
        #expect(refusal.reason == .unknownProfile)
        #expect(refusal.userMessage.contains("no-such-profile"))
        #expect(refusal.userMessage.contains("Open the form again"))
    }

    @Test func `an image of one's own has its own gate`() {
        let gpu = Subject.of(groups: ["gpu-users"])
        let builder = Subject.of(groups: ["gpu-users", "image-builders"])
        let own: JSON = ["profile": "gpu-slice", "image": "registry.example.org/u/own:1"]
        let typed: JSON = ["profile": "gpu-slice", "image--unlisted-choice": "registry.example.org/u/own:1"]
        #expect(policy.decide(["profile": "gpu-slice"], for: gpu).grant != nil)
        #expect(policy.decide(own, for: gpu).reason == .customImageNotAllowed)
        #expect(policy.decide(typed, for: gpu).reason == .customImageNotAllowed)
        #expect(policy.decide(own, for: builder).reason == .unknownChoice)
        #expect(policy.decide(typed, for: builder).grant?.image == "registry.example.org/u/own:1")
    }

    @Test func `options are data to be checked, never a patch to be merged`() throws {
        let options: JSON = ["profile": "cpu-small", "overrides": ["service_account": "cluster-root"]]
        let refusal = try #require(policy.decide(options, for: staff).refusal)
        #expect(refusal.reason == .unknownOption)
        #expect(refusal.userMessage.contains("\"overrides\""))
    }

    @Test func `the owner's claims decide, whoever starts the server`() {
        #expect(policy.decide(["profile": "gpu-slice"], for: .of(isAdmin: false, groups: ["staff"])).grant == nil)
        #expect(policy.decide(["profile": "gpu-slice"], for: .of(groups: nil)).reason == .profileNotAllowed)
    }
}

/// Options that a hub kept from last month's policy.
struct StaleOptionsTests {
    let policy = Policy.of(
        .of(
            "std-2026", name: "Standard", isDefault: true,
            .of("size", .of("s", isDefault: true, set: ["mem_limit": "4G"]), .of("m", set: ["mem_limit": "8G"]))))
    let user = Subject.of(groups: ["staff"])

    @Test func `the form falls back to what is offered and says so once`() throws {
        let offer = policy.offer(for: user, lastOptions: ["profile": "std-2025", "size": "xl"])
        #expect(offer.selectedProfile?.slug == "std-2026")
        #expect(offer.selectedProfile?.options[0].choices.first { $0.isSelected }?.id == "s")
        #expect(try #require(offer.notice).contains("no longer offered"))
    }

    @Test func `a profile that is gone is refused with the way out`() throws {
        let refusal = try #require(policy.decide(["profile": "std-2025", "size": "xl"], for: user).refusal)
        #expect(refusal.reason == .unknownProfile)
        #expect(refusal.userMessage.contains("Open the form again"))
    }

    @Test func `a choice that is gone is refused with the choices that are open`() throws {
        let refusal = try #require(policy.decide(["profile": "std-2026", "size": "xl"], for: user).refusal)
        #expect(refusal.reason == .unknownChoice)
        #expect(refusal.userMessage == #"The option "size" has no choice "xl". You can choose "s", "m"."#)
    }

    @Test(arguments: [nil, JSON.null, [:], ["profile": ""], ["profile": nil, "size": nil], ["size": ""]])
    func `no options at all means the defaults that the form shows`(options: JSON?) throws {
        let grant = try #require(policy.decide(options, for: user).grant)
        #expect(grant.profile == "std-2026")
        #expect(grant.values == ["size": "s"])
    }

    @Test func `what is still offered is selected again, without a notice`() throws {
        let offer = policy.offer(for: user, lastOptions: ["profile": "std-2026", "size": "m"])
        let size = try #require(offer.selectedProfile?.options.first)
        #expect(size.choices.map(\.isSelected) == [false, true])
        #expect(size.choices.map(\.isDefault) == [true, false])
        #expect(offer.notice == nil)
        #expect(policy.offer(for: user).notice == nil)
    }
}

/// Sizes that each belong to one role, the default among them.
struct FilteredDefaultTests {
    let policy = Policy.of(
        .of(
            "cpu", isDefault: true, allow: .any(.role("size-xs"), .role("size-s"), .role("size-m")),
            .of(
                "size",
                .of("xs", isDefault: true, allow: .any(.role("size-xs")), set: ["mem_limit": "2G"]),
                .of("s", allow: .any(.role("size-s")), set: ["mem_limit": "8G"]),
                .of("m", allow: .any(.role("size-m")), set: ["mem_limit": "16G", "mem_guarantee": "8G"]))))

    @Test func `only allowed choices are offered, one of them selected`() {
        let option = policy.offer(for: .of(roles: ["size-m"])).profiles[0].options[0]
        #expect(option.choices.map(\.id) == ["m"])
        #expect(option.choices.map(\.isDefault) == [true])
    }

    @Test func `a filtered default is not used`() throws {
        let grant = try #require(policy.decide(["profile": "cpu"], for: .of(roles: ["size-m"])).grant)
        #expect(grant.values == ["size": "m"])
        #expect(grant.overrides == ["mem_limit": "16G", "mem_guarantee": "8G"])
    }

    @Test func `the next default is the first allowed choice as declared`() {
        #expect(policy.decide([:], for: .of(roles: ["size-m", "size-s"])).grant?.values == ["size": "s"])
    }

    @Test func `nothing allowed is a refusal, never the hub's own defaults`() {
        #expect(policy.decide([:], for: .of(roles: ["visitor"])).reason == .nothingAllowed)
        #expect(policy.offer(for: .of(roles: ["visitor"])).profiles.isEmpty)
        #expect(policy.offer(for: .of(roles: nil)).profiles.isEmpty)
    }

    @Test func `a role for a larger size does not include the smaller one`() throws {
        let decision = policy.decide(["profile": "cpu", "size": "s"], for: .of(roles: ["size-m"]))
        #expect(decision.reason == .choiceNotAllowed)
        #expect(try #require(decision.refusal).userMessage.contains("You can choose \"m\"."))
    }

    @Test func `a profile whose option leaves no choice is not offered`() {
        let policy = Policy.of(
            .of("a", isDefault: true, .of("size", .of("s", allow: .role("nobody")))), .of("b"))
        #expect(policy.offer(for: .of(roles: [])).profiles.map(\.slug) == ["b"])
        #expect(policy.decide(nil, for: .of(roles: [])).grant?.profile == "b")
        #expect(policy.decide(["profile": "a"], for: .of(roles: [])).reason == .profileNotAllowed)
    }

    @Test func `an option that is not for this user is left out, with what its default would set`() {
        let policy = Policy.of(
            .of("a", .of("scratch", allow: .role("staff"), .of("yes", set: ["storage": "1T"])), .of("size", .of("s"))))
        let grant = policy.decide([:], for: .of(roles: [])).grant
        #expect(grant?.values == ["size": "s"])
        #expect(grant?.reset == ["storage"])
        #expect(policy.decide(["scratch": "yes"], for: .of(roles: [])).reason == .optionNotAllowed)
    }
}

/// Two slugs of which one begins with the other.
struct OtherProfilesOptionTests {
    let policy = Policy.of(
        .of("large", name: "Large", .of("image", .of("base", isDefault: true), .of("geo"))),
        .of(
            "large-gpu", name: "Large with GPU", .of("image", .of("torch", isDefault: true), .of("jax")),
            .of("gpus", .of("1", isDefault: true), .of("2"))))
    let user = Subject.of(groups: ["staff"])

    @Test func `inputs of the profiles that were not chosen are left out`() throws {
        let form: JSON = [
            "profile": ["large"], "profile-option-large--image": ["geo"], "profile-option-large-gpu--image": ["jax"],
            "profile-option-large-gpu--gpus": ["2"], "_xsrf": ["2|abc"],
        ]
        let options = try #require(policy.read(form: form, for: user).options)
        #expect(options == ["profile": "large", "image": "geo"])
        #expect(policy.decide(options, for: user).grant?.values == ["image": "geo"])
    }

    @Test func `an option of another profile is unknown through the API`() throws {
        let decision = policy.decide(["profile": "large", "image": "geo", "gpus": "2"], for: user)
        #expect(decision.reason == .unknownOption)
        #expect(try #require(decision.refusal).userMessage.contains("\"gpus\""))
    }

    @Test func `a value of another profile's option of the same name is an unknown choice`() {
        #expect(policy.decide(["profile": "large", "image": "jax"], for: user).reason == .unknownChoice)
    }

    @Test func `two chosen profiles are refused, not the last one taken`() {
        let form: JSON = ["profile": ["large", "large-gpu"], "profile-option-large--image": ["geo"]]
        #expect(policy.read(form: form, for: user).errors.map(\.code) == [.ambiguousProfile])
        #expect(policy.decide(["profile": ["large", "large-gpu"]], for: user).reason == .ambiguousProfile)
    }
}

/// A share of a card's memory that was asked for without a size, or with a wrong one.
struct ShareSizeTests {
    static func policy(standard: Int?) -> Policy {
        let sizes = ShareSizes(min: 2, max: 40, step: 2, standard: standard)
        return .of(
            .of(
                "share",
                .of(
                    "gpu", .of("shared", isDefault: true, gpu: GPUOffer(pool: "a100", amount: .sized(sizes))),
                    .of("card", gpu: GPUOffer(pool: "whole", amount: .fixed(.cards(1)))), .of("none"))))
    }

    let user = Subject.of()

    @Test func `a size that is left out never means the whole card`() throws {
        let refusal = try #require(Self.policy(standard: nil).decide(["profile": "share"], for: user).refusal)
        #expect(refusal.reason == .sizeMissing)
        #expect(refusal.userMessage.contains("2 to 40 GiB in steps of 2"))
        #expect(Self.policy(standard: nil).decide(["gpu-size": ""], for: user).reason == .sizeMissing)
    }

    @Test func `a standard size stands in for one that is left out`() {
        let gpu = Self.policy(standard: 10).decide([:], for: user).grant?.gpu
        #expect(gpu == GPURequest(pool: "a100", amount: .share(request: MiB(10_240), limit: MiB(10_240))))
    }

    @Test(arguments: [
        ("0", Refusal.Reason.sizeOutOfRange), ("1", .sizeOutOfRange), ("3", .sizeOutOfRange), ("42", .sizeOutOfRange),
        ("99999999999999999999", .sizeOutOfRange), ("20GB", .sizeFormat), ("20Gi", .sizeFormat), ("1e1", .sizeFormat),
        ("-2", .sizeFormat), ("+2", .sizeFormat), ("2.0", .sizeFormat), (" 2", .sizeFormat), ("٢", .sizeFormat),
        ("２", .sizeFormat), ("0x2", .sizeFormat),
    ]) func `a size is ASCII digits, in range and on a step`(text: String, reason: Refusal.Reason) {
        #expect(Self.policy(standard: nil).decide(["gpu-size": JSON(text)], for: user).reason == reason)
    }

    @Test(arguments: [("2", 2048), ("20", 20_480), ("40", 40_960)])
    func `a size in GiB is asked for in whole MiB`(text: String, mib: Int) {
        let gpu = Self.policy(standard: nil).decide(["gpu-size": JSON(text)], for: user).grant?.gpu
        #expect(gpu == GPURequest(pool: "a100", amount: .share(request: MiB(mib), limit: MiB(mib))))
    }

    @Test func `steps are counted from the least size`() {
        let sizes = ShareSizes(min: 3, max: 12, step: 4, standard: nil)
        #expect((0...20).filter(sizes.contains) == [3, 7, 11])
    }

    @Test func `a size for a choice without a share is refused through the API and left out of a form`() throws {
        let policy = Self.policy(standard: nil)
        #expect(policy.decide(["gpu": "card", "gpu-size": "20"], for: user).reason == .unknownOption)
        let form: JSON = [
            "profile": ["share"], "profile-option-share--gpu": ["card"], "profile-option-share--gpu-size": ["20"],
        ]
        let options = try #require(policy.read(form: form, for: user).options)
        #expect(options == ["profile": "share", "gpu": "card"])
        #expect(policy.decide(options, for: user).grant?.gpu == GPURequest(pool: "whole", amount: .cards(1)))
    }

    @Test func `a choice without a GPU asks for none`() throws {
        let grant = try #require(Self.policy(standard: nil).decide(["gpu": "none"], for: user).grant)
        #expect(grant.gpu == nil)
    }

    @Test func `two options that both ask for a GPU are refused`() {
        let card = GPUOffer(pool: "whole", amount: .fixed(.cards(1)))
        let policy = Policy.of(.of("a", .of("gpu", .of("x", gpu: card)), .of("more", .of("y", gpu: card))))
        #expect(policy.decide([:], for: user).reason == .ambiguousOption)
    }
}

struct WalltimeTests {
    let policy = Policy.of(
        .of("gpu", isDefault: true, walltime: WalltimeTerms(standard: .seconds(8 * 3600), max: .seconds(86_400))),
        .of("cpu", walltime: WalltimeTerms(standard: .seconds(604_800), max: .seconds(604_800))), .of("free"),
        rules: [
            .cap(.group("workshop"), 14_400),
            .cap(.group("workshop-short"), 3600),
        ])
    let staff = Subject.of(groups: ["staff"])

    @Test func `each profile has its own walltime`() {
        #expect(policy.decide([:], for: staff).grant?.walltime == .seconds(28_800))
        #expect(policy.decide(["profile": "cpu"], for: staff).grant?.walltime == .seconds(604_800))
        #expect(policy.decide(["profile": "free"], for: staff).grant?.walltime == .some(.none))
    }

    @Test func `the shortest cap that applies wins, and the user is told`() throws {
        let grant = try #require(policy.decide([:], for: .of(groups: ["staff", "workshop"])).grant)
        #expect(grant.walltime == .seconds(14_400))
        #expect(
            grant.warnings == [
                "This server may run for 4 hours, not 8 hours: a shorter limit applies to your account."
            ])
        let both = policy.decide([:], for: .of(groups: ["workshop", "workshop-short"])).grant
        #expect(both?.walltime == .seconds(3600))
    }

    @Test func `what users may add never goes beyond a cap, and is theirs to add up to it`() {
        let hour = Duration.seconds(3600)
        let extending = WalltimeExtension(by: hour, most: .seconds(4 * 3600))
        let terms = WalltimeTerms(standard: .seconds(2 * 3600), max: .seconds(86_400), extending: extending)
        let policy = Policy.of(
            .of("gpu", isDefault: true, walltime: terms),
            rules: [.cap(.group("workshop"), 10_000), .cap(.group("workshop-short"), 7200)])
        func granted(_ groups: [String]) -> WalltimeExtension? {
            policy.decide([:], for: .of(groups: groups)).grant?.extending
        }
        #expect(granted(["staff"]) == extending)
        #expect(granted(["workshop"]) == WalltimeExtension(by: .seconds(2800), most: .seconds(2800)))
        #expect(granted(["workshop-short"]) == nil)
    }

    @Test func `a cap that takes nothing away is not mentioned`() {
        let grant = policy.decide(["walltime": "4h"], for: .of(groups: ["workshop"])).grant
        #expect(grant?.walltime == .seconds(14_400))
        #expect(grant?.warnings == [])
    }

    @Test func `a cap limits a profile that has no walltime of its own`() throws {
        let grant = try #require(policy.decide(["profile": "free"], for: .of(groups: ["workshop"])).grant)
        #expect(grant.walltime == .seconds(14_400))
        #expect(grant.warnings == [])
    }

    @Test func `who cannot be told apart from the capped is capped`() {
        #expect(policy.decide([:], for: .of(groups: nil)).grant?.walltime == .seconds(3600))
    }

    @Test(arguments: [("1h", 3600), ("1h30m", 5400), ("3600s", 3600), ("1d", 86_400), ("24h", 86_400)])
    func `a walltime up to the most is granted as asked`(text: String, seconds: Int) throws {
        let grant = try #require(policy.decide(["walltime": JSON(text)], for: staff).grant)
        #expect(grant.walltime == .seconds(seconds))
        #expect(grant.warnings == [])
    }

    @Test func `more than the most is refused, and the most is said`() throws {
        let refusal = try #require(policy.decide(["walltime": "25h"], for: staff).refusal)
        #expect(refusal.reason == .walltimeInvalid)
        #expect(
            refusal.userMessage == "A walltime of 25 hours is longer than this profile allows. Ask for 1 day or less.")
    }

    @Test(arguments: ["0h", "4", "h", "-1h", "1.5h", "4 h", "4H", "9999999999h", "４h", "infinite"])
    func `a walltime that is no span is refused`(text: String) {
        #expect(policy.decide(["walltime": JSON(text)], for: staff).reason == .walltimeInvalid)
    }

    @Test func `a profile without walltime terms has no such option`() {
        #expect(policy.decide(["profile": "free", "walltime": "1h"], for: staff).reason == .unknownOption)
    }
}

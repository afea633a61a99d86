// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy
import Testing

struct OfferTests {
    static let sizes = ShareSizes(min: 2, max: 6, step: 2, standard: 4)
    let policy = Policy.of(
        .of("cpu", name: "<b>CPU</b>", set: ["mem_limit": "4G"]),
        .of(
            "gpu", name: "GPU", isDefault: true,
            .of(
                "image", .of("base", image: "registry.example.org/base:1"), .of("geo", allow: .role("geo")),
                unlisted: .of("^.+$", message: "any", set: ["image": "{value}"], isImage: true)),
            .of("gpu", .of("share", gpu: GPUOffer(pool: "a100", amount: .sized(sizes)))),
            walltime: WalltimeTerms(standard: .seconds(28_800), max: .seconds(86_400))),
        rules: [.cap(.group("workshop"), 14_400)])
    let user = Subject.of(roles: [], groups: [])

    @Test func `the profile list is KubeSpawner's, with only what is allowed and the recomputed defaults`() {
        let list = policy.offer(for: user).profileList
        #expect(
            list == [
                ["display_name": "<b>CPU</b>", "slug": "cpu", "kubespawner_override": ["mem_limit": "4G"]],
                [
                    "display_name": "GPU", "slug": "gpu", "default": true, "kubespawner_override": [:],
                    "profile_options": [
                        "image": [
                            "display_name": "image",
                            "choices": [
                                "base": [
                                    "display_name": "BASE", "default": true,
                                    "kubespawner_override": ["image": "registry.example.org/base:1"],
                                ]
                            ],
                            "unlisted_choice": [
                                "enabled": true, "display_name": "Your own", "display_name_in_choices": "Other...",
                                "validation_regex": "^.+$", "validation_message": "any",
                                "kubespawner_override": ["image": "{value}"],
                            ],
                        ],
                        "gpu": [
                            "display_name": "gpu",
                            "choices": [
                                "share": ["display_name": "SHARE", "default": true, "kubespawner_override": [:]]
                            ],
                        ],
                        "gpu-size": [
                            "display_name": "GPU memory",
                            "choices": [
                                "2": ["display_name": "2 GiB", "kubespawner_override": [:]],
                                "4": ["display_name": "4 GiB", "default": true, "kubespawner_override": [:]],
                                "6": ["display_name": "6 GiB", "kubespawner_override": [:]],
                            ],
                        ],
                    ],
                ],
            ])
    }

    @Test func `a share without a standard size starts with no size chosen`() {
        let sizes = ShareSizes(min: 1, max: 2000, step: 1, standard: nil)
        let policy = Policy.of(.of("p", .of("gpu", .of("s", gpu: GPUOffer(pool: "a", amount: .sized(sizes))))))
        let choices = policy.offer(for: user).profileList[0]?["profile_options"]?["gpu-size"]?["choices"]?.object
        #expect(choices?[""]?["default"] == true)
        #expect((choices?.count ?? 0) <= 257, "a page holds a bounded list of sizes")
    }

    @Test func `walltimes are shown with the caps on this user`() {
        let capped = policy.offer(for: .of(groups: ["workshop"])).profiles[1].walltime
        #expect(capped == WalltimeTerms(standard: .seconds(14_400), max: .seconds(14_400)))
        #expect(policy.offer(for: user).profiles[1].walltime?.max == .seconds(86_400))
    }

    @Test func `the last answers come back, text, size and walltime among them`() throws {
        let last: JSON = [
            "profile": "gpu", "image--unlisted-choice": "registry.example.org/own:2", "gpu-size": "6", "walltime": "2h",
        ]
        let offer = policy.offer(for: user, lastOptions: last)
        let profile = try #require(offer.selectedProfile)
        #expect(profile.options[0].typed == "registry.example.org/own:2")
        #expect(profile.options[0].choices.allSatisfy { !$0.isSelected })
        #expect(profile.gpuSize == "6")
        #expect(profile.walltimeAsked == "2h")
        #expect(offer.notice == nil)
    }

    @Test func `of the last answers only what is gone falls back`() throws {
        let last: JSON = ["profile": "gpu", "image": "geo", "gpu-size": "7", "walltime": "2h", "nosuch": "1"]
        let offer = policy.offer(for: user, lastOptions: last)
        let profile = try #require(offer.selectedProfile)
        #expect(profile.options[0].choices.map(\.isSelected) == [true])
        #expect(profile.gpuSize == "4")
        #expect(profile.walltimeAsked == "2h")
        #expect(try #require(offer.notice).hasPrefix("Part of your earlier choice is no longer offered"))
    }

    @Test(arguments: ["[]", "1", #"{"profile": ["gpu"]}"#, #"{"profile": {}}"#, "null", "{}"])
    func `an old record that cannot be read leaves the defaults`(record: String) throws {
        let offer = policy.offer(for: user, lastOptions: try JSON(parsing: record))
        #expect(offer.selectedProfile?.slug == "gpu")
        #expect(offer.notice == nil)
    }
}

struct ExplainTests {
    let policy = Policy.of(
        .of(
            "gpu", allow: .role("gpu-user", line: 41),
            .of("image", .of("base"), .of("x", allow: .group("x", line: 43)), unlisted: .of(allow: .any()))),
        .of("cpu", .of("size", .of("s", allow: .group("s", line: 50)))),
        rules: [.cap(.group("workshop", line: 60), 3600)])

    @Test func `each item says whether, which line, and why`() {
        let explanations = policy.explain(for: .of(roles: nil, groups: []))
        #expect(
            explanations.map(\.sentence) == [
                "line 41: needs role gpu-user; the claim for roles is missing, so this is unknown and does not allow",
                "everyone is allowed; but its profile is not allowed",
                "everyone is allowed; but its profile is not allowed",
                "line 43: needs group x; the user does not have it",
                "line 11: the list is empty: nobody is allowed",
                "everyone is allowed; but profile cpu: allowed, but no choice of its option size is",
                "everyone is allowed; but its profile is not allowed",
                "line 50: needs group s; the user does not have it",
                "line 60: needs group workshop; the user does not have it; does not apply",
            ])
        #expect(explanations.allSatisfy { !$0.isAllowed })
        #expect(explanations[3].item == .choice(profile: "gpu", option: "image", choice: "x"))
    }

    @Test func `what is allowed says so`() {
        let explanations = policy.explain(for: .of(roles: ["gpu-user"], groups: ["s"]))
        #expect(explanations.map(\.isAllowed) == [true, true, true, false, false, true, true, true, false])
    }
}

// SPDX-License-Identifier: Apache-2.0
import Configuration
import JSONTree
import SpawnModel
import SpawnPolicy
import Testing

@Suite struct ProfileTests {
    @Test func `a pasted profileList of a JupyterHub chart loads as it stands`() throws {
        let text = """
            profiles:
              - display_name: "Minimal environment"
                description: "To avoid too much bells and whistles: Python."
                default: true
              - display_name: "Datascience environment"
                description: "If you want the additional bells and whistles: Python, R, and Julia."
                kubespawner_override:
                  image: quay.io/jupyter/datascience-notebook:2024-04-22
              - display_name: "Learning Data Science"
                slug: datascience
                kubespawner_override:
                  image: quay.io/jupyter/datascience-notebook:2024-04-22
                  lifecycle_hooks:
                    postStart:
                      exec:
                        command: ["sh", "-c", "gitpuller https://github.com/data-8/materials-fa17 master materials"]
                profile_options:
                  image:
                    display_name: "Image"
                    choices:
                      pytorch:
                        display_name: "Python 3 Training Notebook"
                        kubespawner_override: {image: "training/python:2022.01.01"}
                      tf:
                        display_name: "R 4.2 Training Notebook"
                        default: True
                        kubespawner_override: {image: "training/r:2021.12.03"}
                    unlisted_choice:
                      enabled: True
                      display_name: "Image Location"
                      display_name_in_choices: "Enter image manually"
                      validation_regex: "^gcr.io/.+:.+$"
                      validation_message: "Must be an image location, matching ^gcr.io/.+:.+$"
                      kubespawner_override: {image: "{value}"}
                  resources:
                    display_name: Resource Allocation
                    choices:
                      mem_2_7:
                        display_name: 2.7 GB RAM, upto 3.479 CPUs
                        kubespawner_override:
                          mem_guarantee: 2904451072
                          mem_limit: 2904451072
                          cpu_guarantee: 0.4
                          cpu_limit: 3.479
                          node_selector: {node.kubernetes.io/instance-type: n2-highmem-4}
            """
        let outcome = try Sample(text).load()
        expect(outcome.faults + outcome.warnings, are: [])
        let profiles = try #require(outcome.site).policy.profiles
        #expect(profiles.map(\.slug) == ["minimal-environment", "datascience-environment", "datascience"])
        #expect(profiles.map(\.isDefault) == [true, false, false])
        let image = profiles[2].options[0]
        #expect(image.choices.map(\.id) == ["pytorch", "tf"])
        #expect(image.choices.map(\.isDefault) == [false, true])
        #expect(image.choices[1].image == "training/r:2021.12.03")
        #expect(image.unlisted?.isImage == true)
        #expect(image.unlisted?.displayNameInChoices == "Enter image manually")
        #expect(image.unlisted?.overrides["image"] == "{value}")
        let memory = profiles[2].options[1].choices[0].overrides
        #expect(memory["cpu_limit"]?.numberSpelling == "3.479")
        #expect(memory["mem_limit"]?.int == 2_904_451_072)
    }

    @Test func `a profile list that is a mapping is taken in the order of its keys`() throws {
        let text = "profiles: {02-b: {display_name: B}, 01-a: {display_name: A}}\n"
        #expect(try Sample(text).load().site?.policy.profiles.map(\.displayName) == ["A", "B"])
    }

    @Test(arguments: [
        ("GPU (A100)", "gpu-a100"), ("Straße & Öl", "strasse-ol"), ("NanoMAX's 1,000 cores", "nanomax-s-1000-cores"),
        ("a_b.c", "a-b-c"), ("Ünïcode – dash", "unicode-dash"), ("R&amp;D", "r-d"), ("Łódź Æ Ø", "lodz-ae-o"),
        ("C++", "c"), ("NanoMAX’s", "nanomaxs"), ("  x  ", "x"),
    ])
    func `a slug that is not written is the one that KubeSpawner makes`(name: String, slug: String) throws {
        #expect(try Sample("profiles: [{display_name: \"\(name)\"}]\n").load().site?.policy.profiles[0].slug == slug)
    }

    @Test func `a name in letters that we cannot spell needs a written slug`() throws {
        expect(
            try faults(in: "profiles: [{display_name: 数据}]\n"),
            are: [
                "berth.yaml:1:27: profiles[0].display_name: no slug can be made of \"数据\" here. "
                    + "Write the `slug` that KubeSpawner has been making of it, so that saved choices stay good."
            ])
        expect(try faults(in: "profiles: [{display_name: 数据, slug: shu-ju}]\n"), are: [])
    }

    @Test func `two profiles with one slug, written or made, are refused`() throws {
        expect(
            try faults(in: "profiles:\n  - {display_name: GPU}\n  - {display_name: Other, slug: gpu}\n"),
            are: [
                "berth.yaml:3:33: profiles[1].slug: the slug \"gpu\" is taken already (berth.yaml:2:20). Give each its own."
            ])
    }

    @Test func `two defaults are refused among profiles, choices, images and GPU choices`() throws {
        let text = """
            images: [{id: a, image: "r.io/a:1", default: true}, {id: b, image: "r.io/b:1", default: true}]
            profiles:
              - display_name: A
                default: true
                images: [a, b]
                profile_options: {size: {choices: {s: {default: true}, m: {default: true}}}}
                gpu: {choices: [{id: x, pool: p, cards: 1, default: true}, {id: y, pool: p, cards: 1, default: true}]}
              - {display_name: B, default: true}
            pools: {p: {mode: whole}}
            inventory: {nodes: {n: {cards: [{uuid: g, product: x, memory: 1Gi, pools: [p]}]}}}
            """
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:5:5: profiles[0].images: offers two images that are marked as the default: \"a\" and \"b\". "
                    + "Mark one of them only.",
                "berth.yaml:6:73: profiles[0].profile_options.size.choices.m.default: "
                    + "a second choice is marked as the default (the first in line 6). Keep one.",
                "berth.yaml:7:100: profiles[0].gpu.choices[1].default: "
                    + "a second choice is marked as the default (the first in line 7). Keep one.",
                "berth.yaml:8:32: profiles[1].default: a second profile is marked as the default (the first in line 4). Keep one.",
            ])
    }

    @Test func `images become the option image, in the order of the profile`() throws {
        let text = """
            images:
              - {id: a, display_name: First, image: "r.io/a:1", kubespawner_override: {default_url: /lab}}
              - {id: b, image: "r.io/b:1", default: true, allow: {user: ada}}
            profiles:
              - display_name: A
                images: [b, a]
                custom_image: {allow: {user: eve}, validation_regex: "r[.]io/.+"}
            """
        let option = try #require(try Sample(text).load().site).policy.profiles[0].options[0]
        #expect(option.key == "image")
        #expect(option.choices.map(\.id) == ["b", "a"])
        #expect(option.choices.map(\.isDefault) == [true, false])
        #expect(option.choices.map(\.image) == ["r.io/b:1", "r.io/a:1"])
        #expect(option.choices.map(\.displayName) == ["b", "First"])
        #expect(option.choices[1].overrides["default_url"] == "/lab")
        #expect(option.choices[0].allow == Rule(.user("ada"), line: 3))
        #expect(option.unlisted?.isImage == true)
        #expect(option.unlisted?.allow == Rule(.user("eve"), line: 7))
    }

    @Test func `an image that is not defined names the nearest one`() throws {
        let text = "images: [{id: hdf5, image: \"r.io/a:1\"}]\nprofiles: [{display_name: A, images: [hfd5]}]\n"
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:2:39: profiles[0].images[0]: \"hfd5\" is not an image. Did you mean \"hdf5\"?"
            ])
    }

    @Test func `an image reference that no runtime could pull is refused`() throws {
        expect(
            try faults(in: "images: [{id: a, image: \"https://r.io/a\"}]\n"),
            are: [
                "berth.yaml:1:25: images[0].image: \"https://r.io/a\" is not an image reference. "
                    + "Write registry, repository and tag, such as `registry.example.org/notebooks/base:2026.1`."
            ])
    }

    @Test func `two images with one id are refused, and an image that is listed twice`() throws {
        let text = """
            images: [{id: a, image: "r.io/a:1"}, {id: a, image: "r.io/b:1"}]
            profiles: [{display_name: A, images: [a, a]}]
            """
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:1:43: images[1].id: the image id \"a\" is taken already (berth.yaml:1:15). Give each its own.",
                "berth.yaml:2:42: profiles[0].images[1]: the image \"a\" is taken already (berth.yaml:2:39). Give each its own.",
            ])
    }

    @Test func `an option may not take a key under which Berth reads something else`() throws {
        let text = """
            images: [{id: a, image: "r.io/a:1"}]
            profiles:
              - display_name: A
                images: [a]
                walltime: 8h
                gpu: {pool: p, size: {min: 1, max: 2}}
                profile_options:
                  image: &o {choices: {x: {}}}
                  gpu: *o
                  gpu-size: *o
                  walltime: *o
                  profile: *o
                  x--unlisted-choice: *o
              - display_name: B
                profile_options: {image: *o, gpu: *o, gpu-size: *o, walltime: *o}
            pools: {p: {mode: shared, resource: x/y, unit: 1Gi}}
            inventory: {nodes: {n: {cards: [{uuid: g, product: x, memory: 4Gi, pools: [p]}]}}}
            """
        let another = "Give the option another key."
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:8:7: profiles[0].profile_options.image: the key `image` belongs to `images` and `custom_image`. \(another)",
                "berth.yaml:9:7: profiles[0].profile_options.gpu: the key `gpu` belongs to `gpu`. \(another)",
                "berth.yaml:10:7: profiles[0].profile_options.gpu-size: the key `gpu-size` belongs to the size of a GPU share. \(another)",
                "berth.yaml:11:7: profiles[0].profile_options.walltime: the key `walltime` belongs to `walltime`. \(another)",
                "berth.yaml:12:7: profiles[0].profile_options.profile: the key `profile` belongs to the choice of the profile. \(another)",
                "berth.yaml:13:7: profiles[0].profile_options.x--unlisted-choice: "
                    + "a key that ends in `--unlisted-choice` is a typed value of another option. \(another)",
            ])
    }

    @Test func `a choice may not be called what the form calls a typed value`() throws {
        expect(
            try faults(in: "profiles: [{display_name: A, profile_options: {x: {choices: {unlisted-choice: {}}}}}]\n"),
            are: [
                "berth.yaml:1:62: profiles[0].profile_options.x.choices.unlisted-choice: "
                    + "`unlisted-choice` stands for a typed value. Give the choice another id."
            ])
    }

    @Test func `two options that would share a field of the form are refused`() throws {
        let text = """
            profiles:
              - {display_name: A, slug: a, profile_options: {b--c: {choices: {x: {}}}}}
              - {display_name: B, slug: a--b, profile_options: {c: {choices: {x: {}}}}}
            """
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:3:5: profiles[1]: its option `c` has the same form field as one of the profile `a`. "
                    + "Use no `--` in slugs and keys."
            ])
    }

    @Test func `an option that offers nothing is refused`() throws {
        let text = "profiles: [{display_name: A, profile_options: {x: {unlisted_choice: {enabled: false}}}}]\n"
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:1:48: profiles[0].profile_options.x: has no `choices` and no `unlisted_choice` that is enabled. "
                    + "Give it one, or remove the option."
            ])
    }

    @Test func `a pattern that cannot be read is refused with the reason`() throws {
        let text = "profiles: [{display_name: A, custom_image: {validation_regex: \"r.io/(a\"}}]\n"
        expect(
            try faults(in: text),
            are: [
                "berth.yaml:1:63: profiles[0].custom_image.validation_regex: \"r.io/(a\" is not a pattern that can be used: "
                    + "missing closing parenthesis (at byte 7). Patterns are written as for Python's `re`."
            ])
    }

    @Test func `a trait that KubeSpawner does not have is warned of, with the one that was meant`() throws {
        let text = "profiles: [{display_name: A, kubespawner_override: {imagee: x}}]\nbase: {node_selectr: {}}\n"
        expect(
            try warnings(in: text),
            are: [
                "berth.yaml:1:53: profiles[0].kubespawner_override.imagee: `imagee` is not a trait of KubeSpawner 7.1; did you "
                    + "mean `image`? KubeSpawner sets it without a word, and nothing reads it, unless your spawner class has it.",
                "berth.yaml:2:8: base.node_selectr: `node_selectr` is not a trait of KubeSpawner 7.1; did you mean "
                    + "`node_selector`? KubeSpawner sets it without a word, and nothing reads it, unless your spawner class has it.",
            ])
    }

    @Test func `a trait that is fixed before the profile is chosen is warned of`() throws {
        let found = try warnings(in: "profiles: [{display_name: A, kubespawner_override: {pvc_name_template: x}}]\n")
        #expect(found.count == 1 && found[0].contains("has no effect in a profile"))
    }

    @Test func `a profile of which nobody may have any image is warned of`() throws {
        let text = """
            images: [{id: a, image: "r.io/a:1", allow: {any: []}}]
            profiles: [{display_name: A, images: [a]}]
            """
        expect(
            try warnings(in: text),
            are: [
                "berth.yaml:1:37: images[0].allow: allows nobody. Remove the entry if that is meant.",
                "berth.yaml:2:12: profiles[0]: nobody may have any choice of its option `image`, and so nobody may have the "
                    + "profile. Widen `allow` of a choice, or of an image.",
            ])
    }

    @Test(arguments: ["run/token", "/token", "/run/token", "/run/berth/", "/run//token", "/run/../token", "/run/./t"])
    func `a token's file is an absolute path of a directory below another`(path: String) throws {
        expect(
            try faults(in: "profiles: [{display_name: A, token: {audience: x, file: \(path)}}]\n"),
            are: [
                "berth.yaml:1:57: profiles[0].token.file: \"\(path)\" is no absolute path of a file in a directory below "
                    + "another. Write one such as `/run/berth/token`: what else is in its directory is hidden in the pod."
            ])
    }

    @Test func `no token's directory is in that of another, whichever comes first`() throws {
        func text(_ first: String, _ second: String) -> String {
            "profiles: [{display_name: A, token: [{audience: x, file: \(first)}, {audience: y, file: \(second)}]}]\n"
        }
        func fault(_ place: String, _ number: Int) -> String {
            "berth.yaml:1:\(place): profiles[0].token[\(number)].file: \"/run/a/b\" is in the directory of another token, "
                + "\"/run/a\". Put both files into one directory, or into directories of which none is in the other."
        }
        expect(try faults(in: text("/run/a/t", "/run/a/b/t")), are: [fault("89", 1)])
        expect(try faults(in: text("/run/a/b/t", "/run/a/t")), are: [fault("58", 0)])
        for (first, second) in [("/run/a/t", "/run/a/u"), ("/run/a/t", "/run/ab/t"), ("/run/a/t", "/run/b/a/t")] {
            expect(try faults(in: text(first, second)), are: [])
        }
    }

    @Test func `a profile has one token or several, each with a file and an audience of its own`() throws {
        let text = """
            profiles:
              - {display_name: A, token: {audience: x, file: /run/berth/x}}
              - display_name: B
                token:
                  - {audience: x, file: /run/berth/x, scope: "storage.read:/", on_login_end: stop}
                  - {audience: y, file: /run/berth/y}
            """
        let tokens = try #require(try Sample(text).load().site).policy.profiles.map(\.tokens)
        #expect(tokens[0] == [TokenHandOff(audience: "x", file: "/run/berth/x")])
        #expect(
            tokens[1] == [
                TokenHandOff(audience: "x", file: "/run/berth/x", scope: "storage.read:/", onLoginEnd: .stop),
                TokenHandOff(audience: "y", file: "/run/berth/y"),
            ])
        expect(
            try faults(in: text.replacing("audience: y, file: /run/berth/y", with: "audience: x, file: /run/berth/x")),
            are: [
                "berth.yaml:6:20: profiles[1].token[1].audience: the audience \"x\" is taken already (berth.yaml:5:20). "
                    + "Give each its own.",
                "berth.yaml:6:29: profiles[1].token[1].file: the file \"/run/berth/x\" is taken already "
                    + "(berth.yaml:5:29). Give each its own.",
            ])
    }

    @Test func `caps keep their rules and spans`() throws {
        let site = try #require(
            try Sample("rules:\n  - {when: {group: workshop}, set: {walltime: {$min: 4h}}}\n").load().site)
        #expect(site.policy.rules.map(\.set.walltime) == [.lower(.seconds(14_400))])
        #expect(site.policy.rules.map(\.when) == [Rule(.group("workshop"), line: 2)])
    }
}

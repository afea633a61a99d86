// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy
import Testing

struct FormTests {
    let policy = Policy.of(
        .of(
            "small", isDefault: true,
            .of(
                "image", .of("base", isDefault: true), .of("geo"),
                unlisted: .of("^pangeo/.+$", set: ["image": "{value}"], isImage: true)),
            .of("size", .of("s"), .of("m")), walltime: WalltimeTerms(standard: .seconds(3600), max: .seconds(7200))),
        .of("a", .of("x--y", .of("1"))), .of("a--x", .of("y", .of("2"))), .of("staff", allow: .role("staff")))
    let user = Subject.of()
    let image = "profile-option-small--image"

    private func read(_ fields: JSONObject) -> FormResult { policy.read(form: JSON(fields), for: user) }

    @Test func `a form comes to the options that the API would be given`() {
        let fields: JSONObject = [
            "profile": ["small"], "profile-option-small--image": ["geo"], "profile-option-small--size": ["m"],
            "profile-option-small--walltime": ["2h"],
        ]
        #expect(read(fields).options == ["profile": "small", "image": "geo", "size": "m", "walltime": "2h"])
    }

    @Test func `KubeSpawner's page sends only the text where a text was typed`() {
        let fields: JSONObject = ["profile": ["small"], image + "--unlisted-choice": ["pangeo/x"]]
        #expect(read(fields).options == ["profile": "small", "image--unlisted-choice": "pangeo/x"])
    }

    @Test func `a page without script sends select and text, and the select decides`() {
        func options(_ select: String, _ text: String) -> JSON? {
            read(["profile": ["small"], image: [JSON(select)], image + "--unlisted-choice": [JSON(text)]]).options
        }
        #expect(options("geo", "") == ["profile": "small", "image": "geo"])
        #expect(options("geo", "left over") == ["profile": "small", "image": "geo"])
        #expect(options("unlisted-choice", "pangeo/x") == ["profile": "small", "image--unlisted-choice": "pangeo/x"])
    }

    @Test func `a text that was chosen and not typed is asked for`() {
        let errors = read(["profile": ["small"], image: ["unlisted-choice"], image + "--unlisted-choice": [""]]).errors
        #expect(errors.map(\.code) == [.unlistedChoiceInvalid])
        #expect(errors.map(\.field) == [image + "--unlisted-choice"])
    }

    @Test func `every wrong field is named at once`() {
        let errors = read([
            "profile": ["small"], image + "--unlisted-choice": ["evil/x"], "profile-option-small--size": ["xl"],
            "profile-option-small--walltime": ["3h"], "profile-option-small--nosuch": ["1"],
        ]).errors
        #expect(
            errors.map(\.field) == [
                "profile-option-small--nosuch", image + "--unlisted-choice", "profile-option-small--size",
                "profile-option-small--walltime",
            ])
        #expect(errors.map(\.code) == [.unknownOption, .unlistedChoiceInvalid, .unknownChoice, .walltimeInvalid])
    }

    @Test func `a field cannot overwrite the chosen profile`() {
        let errors = read(["profile": ["small"], "profile-option-small--profile": ["staff"]]).errors
        #expect(errors.map(\.code) == [.unknownOption])
    }

    @Test func `a field belongs to the chosen profile wherever its slug could end`() {
        let both: JSONObject = ["profile-option-a--x--y": ["1"]]
        var fields = both
        fields["profile"] = ["a"]
        #expect(read(fields).options == ["profile": "a", "x--y": "1"])
        fields = ["profile": ["a--x"], "profile-option-a--x--y": ["2"]]
        #expect(read(fields).options == ["profile": "a--x", "y": "2"])
    }

    @Test func `a field of a profile whose slug holds the separator is not taken for one of the shorter slug`() {
        let fields: JSONObject = ["profile": ["a"], "profile-option-a--x--y": ["1"], "profile-option-a--x--z": ["2"]]
        #expect(read(fields).options == ["profile": "a", "x--y": "1"])
        #expect(read(["profile": ["a"], "profile-option-a--z": ["2"]]).errors.map(\.code) == [.unknownOption])
    }

    @Test func `fields of profiles that are gone are ignored, and so is what is not ours`() {
        let fields: JSONObject = [
            "profile": ["small"], "profile-option-std-2025--size": ["xl"], "_xsrf": ["a"], "theme": ["a", "b"],
            "up_file": [["filename": "a", "body": "", "content_type": "text/plain"]],
        ]
        #expect(read(fields).options == ["profile": "small"])
    }

    @Test(arguments: ["profiles", "profile2", "profile-option", "profile-option-small"])
    func `a field that begins like ours and is not is refused`(name: String) {
        let errors = read(["profile": ["small"], name: ["x"]]).errors
        #expect(errors.map(\.code) == [.unknownOption])
        #expect(errors.map(\.field) == [name])
    }

    @Test func `a field with two values is refused, and an empty list is no value`() {
        #expect(read(["profile": ["small"], image: ["base", "geo"]]).errors.map(\.code) == [.ambiguousOption])
        #expect(read(["profile": ["small"], image: []]).options == ["profile": "small"])
        #expect(read(["profile": ["small"], image: "base"]).errors.map(\.code) == [.optionsMalformed])
        #expect(read(["profile": ["small"], image: [1]]).errors.map(\.code) == [.optionsMalformed])
        #expect(policy.read(form: [], for: user).errors.map(\.code) == [.optionsMalformed])
    }

    @Test func `a form for a profile that the user may not have is refused like a start`() {
        #expect(read(["profile": ["staff"]]).errors.map(\.code) == [.profileNotAllowed])
        #expect(read(["profile": ["nosuch"]]).errors.map(\.code) == [.unknownProfile])
        #expect(read(["profile": ["nosuch"]]).errors.map(\.field) == ["profile"])
    }

    @Test func `a form without a profile is about the default one`() {
        #expect(read([image: ["geo"]]).options == ["image": "geo"])
        #expect(read([:]).options == [:])
    }
}

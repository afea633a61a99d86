// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import Sidecars

struct WordsTests {
    @Test(arguments: [
        (1, "1 second"), (90, "90 seconds"), (119, "119 seconds"), (120, "2 minutes"), (899, "15 minutes"),
        (3541, "59 minutes"), (7200, "2 hours"), (7290, "2 hours 2 minutes"), (200_000, "56 hours"),
    ])
    func `a span is said as people say it`(_ seconds: Int, _ words: String) {
        #expect(WalltimeWords.spoken(.seconds(seconds)) == words)
    }

    @Test func `a notice says when, and how to get more where that is allowed`() {
        let extending = WalltimeAnswer.Extension(by: .seconds(3600), left: .seconds(1800))
        let text = WalltimeWords.left(.seconds(900), at: Instant(unixSeconds: 51_600), extending)
        #expect(
            text == "This server ends in 15 minutes, at 14:35 UTC. Save your work. For 30 minutes more: "
                + "curl -X POST --unix-socket $BERTH_WALLTIME_SOCKET http://berth/extend")
        #expect(!WalltimeWords.left(.seconds(900), at: Instant(unixSeconds: 0), nil).contains("curl"))
    }

    @Test(arguments: ["//elsewhere/x", "https://elsewhere", "javascript:x", "/a b", "/\\elsewhere", ""])
    func `a page that may lead to another host is none`(_ page: String) throws {
        let answer = try WalltimeAnswer(["left_s": 10, "page": JSON(page)])
        #expect(answer.page == nil)
        #expect(try WalltimeAnswer(["left_s": 10, "page": "/hub/berth/walltime?server="]).page != nil)
    }

    @Test(arguments: ["", "{\"left_s\":-1}", "{\"left_s\":\"1\"}", "{}"])
    func `an answer without what is left is none`(_ text: String) {
        let json = (try? JSON(parsing: text)) ?? .null
        #expect(throws: SidecarError.self) { try WalltimeAnswer(json) }
    }

    @Test(arguments: [
        ("abc", true), ("a.b-c_d~e+f/g==", true), ("", false), ("==", false), ("a=b", false), ("a b", false),
        ("a\n", false), ("ä", false),
    ])
    func `a token is RFC 6750's b64token`(_ text: String, _ isToken: Bool) {
        #expect(isBearerToken(text) == isToken)
    }

    @Test func `a token has at most 64 KiB`() {
        for (length, isToken) in [(65_536, true), (65_537, false)] {
            #expect(isBearerToken(String(repeating: "a", count: length)) == isToken)
        }
    }
}

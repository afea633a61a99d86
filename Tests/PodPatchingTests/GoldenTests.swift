// SPDX-License-Identifier: Apache-2.0
import Foundation
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

/// Whole pods as they come out, to be read by people: `BERTH_RENEW_GOLDEN=1` writes them anew.
struct GoldenTests {
    @Test(arguments: GoldenCase.all)
    func `a patched pod is the one on file`(_ golden: GoldenCase) throws {
        let patched = try golden.terms.patch(Pods.named(golden.pod), for: golden.context)
        try compare(patched.pod.pretty + "\n", with: golden.name + ".json")
        let told = patched.corrected.map { "corrected: \($0)\n" } + patched.warnings.map { "warning: \($0)\n" }
        try compare(told.joined(), with: golden.name + ".txt")
    }

    func compare(_ text: String, with file: String) throws {
        let url = Pods.folder.appending(path: "patched/" + file)
        if ProcessInfo.processInfo.environment["BERTH_RENEW_GOLDEN"] == "1" {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: url)
        }
        let expected = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        #expect(text == expected, "\(file) differs; look at the difference, then renew with BERTH_RENEW_GOLDEN=1")
    }
}

struct GoldenCase: Sendable, CustomTestStringConvertible {
    let name: String
    let pod: String
    let terms: PodTerms
    let context: PodContext

    var testDescription: String { name }

    static let all = [
        GoldenCase(name: "plain-cpu", pod: "plain", terms: Site.bare, context: Site.context()),
        GoldenCase(name: "z2jh-everything", pod: "z2jh", terms: Site.full, context: Site.fullContext()),
        GoldenCase(
            name: "z2jh-slice-ordinary-sidecars",
            pod: "z2jh",
            terms: ordinarySidecars,
            context: Site.fullContext(Site.oneSlice)
        ),
        GoldenCase(name: "volumes-share", pod: "volumes", terms: Site.full, context: Site.fullContext(Site.share)),
        GoldenCase(name: "containers-cpu", pod: "containers", terms: unrestricted, context: Site.fullContext()),
        GoldenCase(name: "gpu-leftovers", pod: "gpu", terms: Site.bare, context: Site.context()),
        GoldenCase(name: "gpu-one-card", pod: "gpu", terms: Site.bare, context: Site.context(Site.oneCard)),
        GoldenCase(
            name: "large-two-cards",
            pod: "large",
            terms: unrestricted,
            context: Site.fullContext(Site.twoCards)
        ),
    ]

    private static var ordinarySidecars: PodTerms {
        var terms = Site.full
        terms.sidecars?.areNative = false
        return terms
    }

    private static var unrestricted: PodTerms {
        var terms = Site.full
        terms.security = .asTheHubSays
        return terms
    }
}

// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import SpawnPolicy

/// Names in the cluster, of whatever a hub lets people and servers be called.
struct NameTests {
    /// Of which no two may meet.
    static let hostile: [String] = [
        "ada", "Ada", "ADA", "ada ", " ada", "a.da", "a_da", "a-da", "a--da", "a---da", "-ada", "ada-", "ada.", "--",
        "-", ".",
        "..", "/", "a/b", "a/b/", "a//b", "a\\b", "a:b", "1:a", "3:ada", "ada@example.org", "ada%40example.org", "é",
        "e\u{301}", "è", "ß", "ss", "ẞ", "ı", "i", "İ", "Ｋ", "K", "\u{212A}", "xn--bcher-kva", "bücher", "日本", "日本語",
        "\u{200B}ada", "ada\u{200B}", "\u{202E}ada", "a\u{0}", "a\u{0}b", "a\nb", "a\tb", "\u{FEFF}ada", "🦊", "🦊🦊",
        "x---0000000000000000", "x", "default", "null", "0", "00", "1e3", "{username}", "${user.name}", "$(id)", "%s",
        String(repeating: "a", count: 63), String(repeating: "a", count: 64), String(repeating: "a", count: 65),
        String(repeating: "a", count: 255), String(repeating: "é", count: 127), String(repeating: "-", count: 64),
        String(repeating: "a", count: 62) + "-",
        String(repeating: "a", count: 43) + "---" + String(repeating: "b", count: 16),
    ]

    /// These and, to each, the safe name that it gives: somebody may be called so.
    private var all: [String] { Self.hostile + Self.hostile.map(SafeName.dns) + Self.hostile.map(SafeName.label) }

    private func isInjective(_ make: (String) -> String, _ why: Comment) {
        var owners: [String: String] = [:]
        for name in Self.uniqueByBytes(all + random()) {
            let made = make(name)
            if let owner = owners[made] {
                Issue.record("\(why): \(name.debugDescription) and \(owner.debugDescription) are \(made)")
            }
            owners[made] = name
        }
    }

    /// Swift takes texts for equal that a hub tells apart.
    private static func uniqueByBytes(_ names: [String]) -> [String] {
        var seen: Set<[UInt8]> = []
        return names.filter { seen.insert(Array($0.utf8)).inserted }
    }

    private func random() -> [String] {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        var state = seed
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let letters: [Character] = ["a", "A", "-", ".", "_", "/", "é", "0", "\u{0}", "🦊", " ", ":"]
        return (0..<2000).map { _ in String((0...next(70)).map { _ in letters[next(letters.count)] }) }
    }

    @Test func `every name gives a DNS label, a label's value and an object's name of its own`() {
        for name in all + random() {
            let dns = SafeName.dns(name)
            #expect(
                dns.wholeMatch(of: /[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/) != nil, "\(name.debugDescription) gives \(dns)"
            )
            let label = SafeName.label(name)
            #expect(isLabelValue(label), "\(name.debugDescription) gives \(label)")
        }
        isInjective(SafeName.dns, "as a DNS label")
        isInjective(SafeName.label, "as a label's value")
    }

    @Test func `a server's id and its objects' names are its own, however names are cut`() throws {
        let texts = ["a", "b", "", "a\u{0}b", "a:b", "1:a", "0:", "a1:b", "ab", "1:b"]
        var owners: [String: [String]] = [:]
        for user in texts where !user.isEmpty {
            for server in texts {
                let names = try Self.names(user: user, server: server)
                for name in names {
                    #expect(SafeName.isObjectName(name))
                    if let owner = owners[name] { Issue.record("\([user, server]) and \(owner) are \(name)") }
                    owners[name] = [user, server]
                }
            }
        }
    }

    /// The server's id, as a label has it, and the name of its Secret.
    private static func names(user: String, server: String) throws -> [String] {
        let manifest: JSON = [
            "kind": "Secret", "apiVersion": "v1", "metadata": ["annotations": ["id": "${server.id}"]],
        ]
        let policy = Policy.of(
            .of("p"), rules: [.of(set: try .of(objects: [("key", manifest)]))],
            objects: ["key": ObjectDeclaration(lifetime: .session, name: nil)])
        guard case .allow(let grant) = policy.decide(nil, for: .of(user), server: server) else {
            throw Refused()
        }
        let metadata = try #require(grant.objects.first?.manifest["metadata"])
        return [metadata["annotations"]?["id"]?.string, metadata["name"]?.string].compactMap(\.self)
    }

    private struct Refused: Error {}
}

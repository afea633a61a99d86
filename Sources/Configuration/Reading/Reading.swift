// SPDX-License-Identifier: Apache-2.0
import Identity
import SpawnPolicy

/// Reads a tree to a site. It never stops at a fault: a value that is wrong is left out or stood in for, so that what
/// stands behind it is read too. With faults, the site is thrown away.
struct Reading {
    var findings: Findings
    let secrets: SecretsNeed
    /// Whether any rule asks for something that only claims say.
    var usesClaims = false
    /// The files with secrets, as they were read.
    var stamps: [FileStamp] = []
    /// What other parts of the file may refer to, collected before anything is read.
    let names: Names
    let vocabulary: Vocabulary
    /// Whether the rule that is read now may ask what is started.
    var asksOfStarts = false
    /// What `set` blocks have said of each object so far.
    var objectMentions: [String: ObjectMention] = [:]
    var numbers = RuleNumbers()
    /// Where it is written how long servers may be unused.
    var idleMentions: [Item] = []
    /// Names of exporters, as the pools' backends have them.
    var exportersInUse: [String] = []
    /// Names that rules ask for, in the form in which subjects have theirs.
    var wanted = WantedNames(forms: .asWritten, mappings: [])

    struct Names {
        let deployments: [String]
        let images: [String]
        let pools: [String]
        /// Those of the site itself.
        let backends: [String]
        /// Those of the site itself.
        let exporters: [String]
        let issuers: [String]
        /// Which of `roles`, `groups` and `entitlements` some issuer gives.
        let sources: Set<String>
        /// The claims that a directory and look-ups fill.
        let furtherSources: Set<String>
        /// Whether a look-up presents tokens that a hub has sent, without a proof.
        let sendsTokensUnread: Bool
        /// Whether Berth makes objects in a cluster.
        let hasCluster: Bool
    }

    init(of root: Item, secrets: SecretsNeed, findings: Findings) {
        self.findings = findings
        self.secrets = secrets
        vocabulary = Vocabulary(of: root)
        let issuers = root["identity"]?["issuers"]?.elements ?? []
        names = Names(
            deployments: root["deployments"]?.members.map(\.key) ?? [],
            images: root["images"]?.elements.compactMap { $0.text("id") } ?? [],
            pools: root["pools"]?.members.map(\.key) ?? [],
            backends: root["backends"]?.members.map(\.key) ?? [],
            exporters: root["measured_use"]?["exporters"]?.members.map(\.key) ?? [],
            issuers: issuers.compactMap { $0.text("issuer") }, sources: Set(issuers.flatMap { $0.members.map(\.key) }),
            furtherSources: Set(
                (root["lookups"]?.elements.compactMap { $0.text("name") } ?? [])
                    + (root["directory"].map { [$0.text("claim") ?? "directory"] } ?? [])),
            sendsTokensUnread: root["lookups"]?.elements.contains {
                $0.text("user_token") == LookUpTerms.UsersToken.asSent.rawValue
            } ?? false,
            hasCluster: root["kubernetes"] != nil)
    }

    mutating func fault(_ item: Item, _ what: String, _ remedy: String = "", atKey: Bool = false) {
        let place = atKey ? item.keyPlace : item.place
        findings.fault(Fault(at: place, path: item.path.description, what: what, remedy: remedy))
    }

    mutating func warn(_ item: Item, _ what: String, _ remedy: String = "", atKey: Bool = false) {
        let place = atKey ? item.keyPlace : item.place
        findings.warn(Fault(at: place, path: item.path.description, what: what, remedy: remedy))
    }

    /// The text, if it is one of `known`; else a fault that names the nearest.
    mutating func reference(_ item: Item?, to known: [String], _ noun: String, _ defineIt: String) -> String? {
        guard let item, let name = item.text else { return nil }
        guard !known.contains(name), !findings.areFull else { return name }
        let article = "aeiou".contains(noun.first ?? "x") ? "an" : "a"
        fault(item, "\(quoted(name)) is not \(article) \(noun)", Reading.remedy(name, known, defineIt))
        return nil
    }

    static func remedy(_ name: String, _ known: [String], _ defineIt: String) -> String {
        if let meant = nearest(to: name, among: known) { return "Did you mean \(quoted(meant))?" }
        guard !known.isEmpty else { return defineIt }
        let list = known.prefix(12).map(quoted).joined(separator: ", ")
        return "Known: \(list)\(known.count > 12 ? ", …" : ""). \(defineIt)"
    }

    /// Faults where two of `items` carry the same key, at the later one.
    mutating func refuseRepeats(_ items: [(key: String, item: Item)], _ noun: String) {
        var first: [String: Item] = [:]
        for (key, item) in items {
            guard let earlier = first[key] else {
                first[key] = item
                continue
            }
            fault(item, "the \(noun) \(quoted(key)) is taken already (\(earlier.place))", "Give each its own.")
        }
    }

    /// Faults where more than one of `items` says `default: true`.
    mutating func refuseTwoDefaults(_ items: [Item], _ noun: String) {
        let marked = items.compactMap { $0["default"] }.filter { $0.flag == true }
        for item in marked.dropFirst() {
            fault(
                item, "a second \(noun) is marked as the default (the first in line \(marked[0].place.line))",
                "Keep one.")
        }
        for item in items where item.flag("default") == true && item.flag("hidden") == true {
            guard let written = item["default"] else { continue }
            warn(written, "never counts, since the \(noun) is hidden", "Remove one of the two.", atKey: true)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Directory
import Glibc
import JSONTree

/// Reads a whole directory once and prints how many people there are, how long it took and how much memory.
///
///     directory-pace URL SUFFIX rfc2307|rfc2307bis
@main struct Pace {
    static func main() async throws {
        let words = CommandLine.arguments.dropFirst()
        guard words.count == 3, let url = words.first, let shape = words.last else {
            print("usage: directory-pace URL SUFFIX rfc2307|rfc2307bis")
            exit(64)
        }
        let suffix = words[words.startIndex + 1]
        var groups = DirectoryTerms.Groups(base: "ou=Groups,\(suffix)")
        if shape == "rfc2307bis" { groups.way = .members(attributes: ["member"]) }
        let terms = DirectoryTerms(
            servers: [url], startsTLS: false, people: .init(base: "ou=People,\(suffix)"), groups: groups,
            accounts: .init())
        let before = peakMiB
        let clock = ContinuousClock()
        let start = clock.now
        let snapshot = try await WholeDirectory(terms, SyncTerms()).snapshot()
        let read = clock.now - start
        let peakRead = peakMiB
        let overlays = OverlayTerms()
        var bytes = 0
        for person in snapshot.persons {
            guard let object = try overlays.object(of: person, namespace: "jupyter") else { continue }
            bytes += object.manifest["data"]?["group"]?.string?.utf8.count ?? 0
        }
        let facts: JSON = [
            "people": JSON(snapshot.peopleCount), "rejected": JSON(snapshot.rejections.count),
            "groups": JSON(snapshot.groupCount), "memberships": JSON(snapshot.membershipCount),
            "read_ms": JSON(milliseconds(read)), "objects_ms": JSON(milliseconds(clock.now - start - read)),
            "peak_mib_before": JSON(before), "peak_mib_read": JSON(peakRead), "peak_mib": JSON(peakMiB),
            "group_bytes": JSON(bytes),
        ]
        print(facts)
    }

    private static func milliseconds(_ span: Duration) -> Int { Int(span / .milliseconds(1)) }

    /// Of the process so far.
    private static var peakMiB: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }
}

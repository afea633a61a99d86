// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// Times as the sentences for users spell them.
enum Words {
    /// `8 hours`, `90 minutes`, `2 days`: the largest unit that is exact.
    static func span(_ span: Duration) -> String {
        let seconds = span.wholeSeconds
        for (unit, name) in [(86_400, "day"), (3600, "hour"), (60, "minute")] as [(Int64, String)]
        where seconds >= unit && seconds % unit == 0 {
            return counted(seconds / unit, name)
        }
        return counted(seconds, "second")
    }

    /// `14:35 UTC`, with the date where it is another day than `now`'s.
    static func time(_ instant: Instant, from now: Instant) -> String {
        let text = instant.description
        let clock = "\(text.dropFirst(11).prefix(5)) UTC"
        return text.prefix(10) == now.description.prefix(10) ? clock : "\(text.prefix(10)) \(clock)"
    }

    private static func counted(_ count: Int64, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}

// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Testing

/// Times as Kubernetes writes them.
@Suite struct InstantTests {
    @Test func `a time is read back as it was written, from the year 0 to 9999`() {
        for _ in 0..<2000 {
            let instant = Instant(unixSeconds: Int64.random(in: -62_167_219_200..<253_402_300_800))
            #expect(Instant(rfc3339: "\(instant)") == instant, "\(instant)")
        }
    }

    @Test func `every day of the first and the last years has its own time`() {
        let firstSeconds: [Int64] = [-62_167_219_200, 253_402_300_800 - 3 * 366 * 86_400]
        for first in firstSeconds {
            for day: Int64 in 0..<(3 * 366) {
                let instant = Instant(unixSeconds: first + day * 86_400)
                #expect(Instant(rfc3339: "\(instant)") == instant, "\(instant)")
            }
        }
    }

    @Test func `of a fraction milliseconds are kept`() {
        for (text, milliseconds) in [("5", 500), ("05", 50), ("123456", 123), ("999999999", 999)] {
            #expect(
                Instant(rfc3339: "1970-01-01T00:00:01.\(text)Z")
                    == Instant(unixMilliseconds: 1000 + Int64(milliseconds)))
        }
    }

    @Test(arguments: [
        "", "2026-11-25", "2026-11-25T14:20:00", "2026-11-25T14:20:00+00:00", "2026-13-25T14:20:00Z",
        "2026-11-25T24:20:00Z", "2026-11-25T14:20:00.Z", "2026-11-25T14:20:00.12x4Z", "2026-11-2:T14:20:00Z",
    ])
    func `what is no such time is none`(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }
}

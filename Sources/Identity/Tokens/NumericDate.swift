// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension JSON {
    /// A time as claims have it (RFC 7519 section 2): seconds since 1970, perhaps with a fraction.
    ///
    /// - Parameter rounding: which whole millisecond a finer time counts as.
    /// - Returns: nil where it is no number, negative, or beyond the year 9999.
    func instant(_ rounding: FloatingPointRoundingRule) -> Instant? {
        guard let spelling = numberSpelling, !spelling.begins(with: "-") else { return nil }
        if let seconds = Int64(spelling) {
            return seconds <= Self.secondsMost ? Instant(unixSeconds: seconds) : nil
        }
        guard let seconds = Double(spelling), seconds <= Double(Self.secondsMost) else { return nil }
        return Instant(unixMilliseconds: Int64((seconds * 1000).rounded(rounding)))
    }

    /// The last second of the year 9999, as far as times can be written.
    private static var secondsMost: Int64 { 253_402_300_799 }
}

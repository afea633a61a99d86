// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The name of one request in its answer, the log and the page.
package struct RequestID: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// Takes the caller's `X-Request-ID` where it has 8 to 64 letters, digits, `-` or `_`; makes one otherwise, so
    /// that a header can't put line breaks or another system's text into our log.
    package init(header: String?) {
        if let header, (8...64).contains(header.utf8.count), header.utf8.allSatisfy(\.isRequestIDByte) {
            description = header
        } else {
            description = Self.random()
        }
    }

    /// Where this process began to count; the kernel is asked for randomness once, not for each request.
    private static let start = UInt64.random(in: .min ... .max)
    private static let count = Atomic<UInt64>(0)

    /// 16 hexadecimal digits that no other request of this process has, nor likely one of another.
    private static func random() -> String {
        // SplitMix64's finaliser, which maps no two numbers to one.
        var bits = start &+ count.add(1, ordering: .relaxed).newValue &* 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        bits ^= bits >> 31
        let digits: StaticString = "0123456789abcdef"
        return String(unsafeUninitializedCapacity: 16) { text in
            for place in 0..<16 { text[place] = digits.utf8Start[Int(bits >> UInt64(60 - 4 * place) & 15)] }
            return 16
        }
    }
}

extension UInt8 {
    fileprivate var isRequestIDByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// A W3C `traceparent`'s trace id, so that our log line can be found from the caller's trace.
/// Source: W3C Trace Context, section 3.2.
package struct TraceID: Sendable, Hashable, CustomStringConvertible {
    /// 32 lowercase hexadecimal digits, not all zero.
    package let description: String

    /// Nil where the header is absent or malformed; the standard says to go on as if there was none.
    package init?(traceparent: String?) {
        guard let parts = traceparent?.split(separator: "-", omittingEmptySubsequences: false), parts.count >= 4,
            parts[0].count == 2, parts[0] != "ff", parts[1].count == 32, parts[2].count == 16, parts[3].count == 2,
            parts[0...3].allSatisfy({ $0.utf8.allSatisfy(\.isLowerHex) }),
            parts[1].contains(where: { $0 != "0" })
        else { return nil }
        description = String(parts[1])
    }
}

extension UInt8 {
    fileprivate var isLowerHex: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self)
    }
}

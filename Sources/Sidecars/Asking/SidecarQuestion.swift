// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// What a sidecar asks of Berth with its sidecar token.
struct SidecarQuestion: Sendable {
    /// Below the URL of Berth.
    let path: String
    /// Nil is a GET.
    let body: JSON?

    static let walltime = SidecarQuestion(path: "/v1/sidecar/walltime", body: nil)
    static let extend = event(["event": "extend"])
    static let end = event(["event": "end"])

    /// The user has been shown the notice of what is left.
    static func shown(left: Duration) -> SidecarQuestion {
        event(["event": "notice", "left_s": JSON(Int(left.components.seconds))])
    }

    static func token(for audience: String) -> SidecarQuestion {
        SidecarQuestion(path: "/v1/sidecar/token?audience=" + percentEncoded(audience), body: nil)
    }

    private static func event(_ body: JSON) -> SidecarQuestion {
        SidecarQuestion(path: "/v1/sidecar/walltime", body: body)
    }

    /// All but RFC 3986's unreserved characters.
    private static func percentEncoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// Who is at the other end, in 24 bytes; made into text only when somebody asks.
package struct PeerAddress: Sendable, CustomStringConvertible {
    private enum Family: UInt8 { case none, unix, ipv4, ipv6 }

    private let family: Family
    private let port: UInt16
    /// Network order; IPv4 uses the first four bytes.
    private let bytes: (UInt64, UInt64)

    package static let unknown = PeerAddress(family: .none, port: 0, bytes: (0, 0))

    private init(family: Family, port: UInt16, bytes: (UInt64, UInt64)) {
        self.family = family
        self.port = port
        self.bytes = bytes
    }

    init(_ address: sockaddr_storage) {
        self = withUnsafeBytes(of: address) { raw in
            switch Int32(address.ss_family) {
            case AF_INET: PeerAddress(ipv4: raw.load(as: sockaddr_in.self))
            case AF_INET6: PeerAddress(ipv6: raw.load(as: sockaddr_in6.self))
            default: PeerAddress(family: .unix, port: 0, bytes: (0, 0))
            }
        }
    }

    private init(ipv4 address: sockaddr_in) {
        self.init(family: .ipv4, port: UInt16(bigEndian: address.sin_port), bytes: (UInt64(address.sin_addr.s_addr), 0))
    }

    private init(ipv6 address: sockaddr_in6) {
        let bytes = withUnsafeBytes(of: address.sin6_addr) { raw in
            (raw.loadUnaligned(as: UInt64.self), raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        self.init(family: .ipv6, port: UInt16(bigEndian: address.sin6_port), bytes: bytes)
    }

    /// `192.0.2.7:4711`, `[2001:db8::7]:4711` or `unix`.
    package var description: String {
        switch family {
        case .none: "unknown"
        case .unix: "unix"
        case .ipv4: "\(text(AF_INET)):\(port)"
        case .ipv6: "[\(text(AF_INET6))]:\(port)"
        }
    }

    private func text(_ family: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        return withUnsafeBytes(of: bytes) { raw in
            guard let text = inet_ntop(family, raw.baseAddress, &buffer, socklen_t(buffer.count)) else { return "?" }
            return String(cString: text)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// A `sockaddr` of any family, with its length.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private var length: socklen_t = 0

    /// The first address that `host` stands for; `*` is every address, of IPv6 and IPv4 where the host has both.
    init(resolving host: String, port: UInt16) throws(SocketError) {
        if host == "*" {
            self =
                SocketAddress.hasIPv6
                ? try .init(resolving: "::", port: port) : try .init(resolving: "0.0.0.0", port: port)
            return
        }
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let first = found else {
            throw .hostUnknown(host)
        }
        defer { freeaddrinfo(found) }
        length = first.pointee.ai_addrlen
        withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.copyMemory(from: UnsafeRawBufferPointer(start: first.pointee.ai_addr, count: Int(length)))
        }
    }

    init(path: String) throws(SocketError) {
        guard !path.isEmpty, path.utf8.count <= ListenAddress.pathBytesMax else { throw .pathTooLong(path) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        length = socklen_t(MemoryLayout<sockaddr_un>.size)
        withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: sockaddr_un.self) }
    }

    /// What the socket is bound to.
    init(localOf descriptor: Int32) {
        length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withMutablePointer { getsockname(descriptor, $0, $1) }
        precondition(result == 0, "getsockname on a bound socket")
    }

    private static var hasIPv6: Bool {
        let probe = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        if probe >= 0 { close(probe) }
        return probe >= 0
    }

    var family: sa_family_t { storage.ss_family }

    /// 0 for a Unix socket.
    var port: UInt16 {
        withUnsafeBytes(of: storage) { bytes in
            switch Int32(family) {
            case AF_INET: UInt16(bigEndian: bytes.load(as: sockaddr_in.self).sin_port)
            case AF_INET6: UInt16(bigEndian: bytes.load(as: sockaddr_in6.self).sin6_port)
            default: 0
            }
        }
    }

    func withPointer(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    private mutating func withMutablePointer(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> Int32 {
        withUnsafeMutablePointer(to: &storage) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
        }
    }
}

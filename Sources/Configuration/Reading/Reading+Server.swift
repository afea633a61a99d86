// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import Sockets

extension Reading {
    /// Where to listen; loopback when nothing is said.
    mutating func listen(_ item: Item?) -> [ListenAddress] {
        guard let item else { return [.tcp(host: "127.0.0.1", port: 8090)] }
        let items = item.isList ? item.elements : [item]
        let addresses = items.compactMap { one in address(one).map { (one, $0) } }
        refuseRepeats(addresses.map { ($1.description, $0) }, "address")
        return addresses.map(\.1)
    }

    private mutating func address(_ item: Item) -> ListenAddress? {
        guard let text = item.text else { return nil }
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard !path.isEmpty else {
                fault(item, "names no path of a socket", "Write `unix:/run/berth/berth.sock`.")
                return nil
            }
            return .unix(path: item.resolved(path))
        }
        guard let (host, port) = Reading.hostAndPort(text) else {
            fault(
                item, "\(quoted(text)) is not an address",
                "Write `127.0.0.1:8090`, `[::1]:8090`, `*:8090` or `unix:/run/berth/berth.sock`.")
            return nil
        }
        return .tcp(host: host, port: port)
    }

    private static func hostAndPort(_ text: String) -> (String, UInt16)? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            return host.count > 2 ? (String(host.dropFirst().dropLast()), port) : nil
        }
        let isHost = host == "*" || host.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?/) != nil
        return isHost ? (String(host), port) : nil
    }

    func limits(_ item: Item?) -> HTTPLimits {
        var limits = HTTPLimits()
        guard let item else { return limits }
        limits.headerBytes = item.integer("header_bytes") ?? limits.headerBytes
        limits.headerCount = item.integer("header_count") ?? limits.headerCount
        limits.bodyBytes = item.integer("body_bytes") ?? limits.bodyBytes
        limits.handshakeTimeout = item.span("handshake_timeout") ?? limits.handshakeTimeout
        limits.headerTimeout = item.span("header_timeout") ?? limits.headerTimeout
        limits.bodyTimeout = item.span("body_timeout") ?? limits.bodyTimeout
        limits.requestTimeout = item.span("request_timeout") ?? limits.requestTimeout
        limits.idleTimeout = item.span("idle_timeout") ?? limits.idleTimeout
        limits.writeTimeout = item.span("write_timeout") ?? limits.writeTimeout
        limits.connectionsMax = item.integer("connections_max") ?? limits.connectionsMax
        return limits
    }
}

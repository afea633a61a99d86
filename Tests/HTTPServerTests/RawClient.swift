// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc

/// A blocking socket that sends what it is told, right or wrong, and reads what comes.
final class RawClient {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let descriptor: Int32
    private(set) var received: [UInt8] = []
    private(set) var hasEnded = false
    /// The other side did not end in order: it had bytes left unread.
    private(set) var wasReset = false

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        try connect(&address)
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    }

    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        try connect(&address)
    }

    private func connect<Address>(_ address: inout Address) throws {
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "connect: \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    // MARK: Sending

    func send(_ text: String) { send(Array(text.utf8)) }

    /// A server may have closed in the middle of what it refuses, so a failure to send is no failure of the test.
    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CLINUX_MSG_NOSIGNAL)
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// In pieces, each in its own packet as far as the kernel goes along.
    func send(_ bytes: [UInt8], pieces size: Int) {
        for start in stride(from: 0, to: bytes.count, by: size) {
            send(Array(bytes[start..<min(start + size, bytes.count)]))
        }
    }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closes so that the other side gets a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        shutdown(descriptor, Int32(SHUT_RD))
    }

    // MARK: Receiving

    /// Reads once; false when nothing came in time or the other side has ended.
    @discardableResult
    func receive(withinMilliseconds timeout: Int32) -> Bool {
        guard !hasEnded else { return false }
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&poller, 1, timeout) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else {
            hasEnded = true
            wasReset = count < 0 && errno == ECONNRESET
            return false
        }
        received += buffer[..<count]
        return true
    }

    /// All answers until the other side ends or has been silent for so long; the bound is for hanging tests only.
    func answers(until done: ([RawAnswer]) -> Bool = { _ in false }, headFor methods: [String] = []) throws
        -> [RawAnswer]
    {
        var answers = try RawAnswer.all(in: received, headFor: methods)
        while !done(answers), receive(withinMilliseconds: 10_000) {
            answers = try RawAnswer.all(in: received, headFor: methods)
        }
        return answers
    }

    /// The next `count` answers.
    func answers(_ count: Int, headFor methods: [String] = []) throws -> [RawAnswer] {
        try answers(until: { $0.count >= count }, headFor: methods)
    }

    /// Whether the other side has closed, given a generous time for it.
    func isClosed() -> Bool {
        while receive(withinMilliseconds: 10_000) {}
        return hasEnded
    }
}

/// One answer as it stands in the bytes.
struct RawAnswer: Equatable {
    let status: Int
    let fields: [String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    func field(_ name: String) -> String? {
        fields.first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
            .map { String($0.dropFirst(name.count + 2)) }
    }

    /// Every answer that is there whole. `methods` names the requests, for those to HEAD have no body.
    static func all(in bytes: [UInt8], headFor methods: [String]) throws -> [RawAnswer] {
        var answers: [RawAnswer] = []
        var rest = bytes[...]
        var finals = 0
        while let end = headEnd(rest) {
            let lines = String(decoding: rest[..<(end - 4)], as: UTF8.self).split(separator: "\r\n").map(String.init)
            guard let first = lines.first, first.hasPrefix("HTTP/1.1 "), let status = Int(first.dropFirst(9).prefix(3))
            else { throw RawClient.Failure(description: "not a status line: \(lines)") }
            let head = RawAnswer(status: status, fields: Array(lines.dropFirst()), body: [])
            let isHead = finals < methods.count && methods[finals] == "HEAD"
            let length = status < 200 || isHead ? 0 : Int(head.field("Content-Length") ?? "") ?? 0
            guard rest.count - (end - rest.startIndex) >= length else { break }
            let body = Array(rest[end..<(end + length)])
            answers.append(RawAnswer(status: status, fields: head.fields, body: body))
            rest = rest[(end + length)...]
            if status >= 200 { finals += 1 }
        }
        return answers
    }

    private static func headEnd(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (bytes.startIndex...(bytes.endIndex - 4)).first { bytes[$0..<($0 + 4)].elementsEqual("\r\n\r\n".utf8) }
            .map { $0 + 4 }
    }
}

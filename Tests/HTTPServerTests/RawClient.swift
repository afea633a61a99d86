// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc

/// A blocking socket that sends what it is told, right or wrong, and reads what comes. Used by one thread at a time.
final class RawClient: @unchecked Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let descriptor: Int32
    private(set) var received: [UInt8] = []
    private var takenBytes = 0
    private var taken: [RawAnswer] = []
    /// Of the requests in their order, where one is not GET's like: an answer to HEAD has no body.
    var methods: [String] = []
    private(set) var hasEnded = false
    /// The other side did not end in order: it closed with bytes unread. Told by whichever call comes first.
    private(set) var wasReset = false
    /// Between what is sent and received here and what goes over the socket; nil for nothing.
    private let tls: TLSCodec?

    convenience init(port: UInt16) throws { try self.init(port: port, tls: nil) }

    /// Shakes hands, byte by byte where that is asked. Whether that went well, `tls` knows.
    convenience init(port: UInt16, tls: TLSCodec, pieces: Int? = nil) throws {
        try self.init(port: port, tls: .some(tls))
        while !tls.isReady, tls.failure == nil, !hasEnded {
            let output = tls.takeOutput()
            if let pieces { sendRaw(output, pieces: pieces) } else { sendRaw(output) }
            receive(withinMilliseconds: 10_000)
        }
        sendRaw(tls.takeOutput())
    }

    private init(port: UInt16, tls: TLSCodec?) throws {
        self.tls = tls
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
        tls = nil
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

    func send(_ bytes: [UInt8]) { sendRaw(tls?.encrypted(bytes) ?? bytes) }

    /// A server may have closed in the middle of what it refuses, so a failure to send is no failure of the test.
    func sendRaw(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CLINUX_MSG_NOSIGNAL)
            }
            guard count > 0 else {
                wasReset = true
                return
            }
            sent += count
        }
    }

    /// In pieces, each in its own packet as far as the kernel goes along.
    func send(_ bytes: [UInt8], pieces size: Int) {
        for start in stride(from: 0, to: bytes.count, by: size) {
            send(Array(bytes[start..<min(start + size, bytes.count)]))
        }
    }

    func sendRaw(_ bytes: [UInt8], pieces size: Int) {
        for start in stride(from: 0, to: bytes.count, by: size) {
            sendRaw(Array(bytes[start..<min(start + size, bytes.count)]))
        }
    }

    func endSending() {
        if let tls { sendRaw(tls.end()) }
        cutSending()
    }

    /// Ends the socket's side, without a word of TLS.
    func cutSending() { shutdown(descriptor, Int32(SHUT_WR)) }

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
            wasReset = wasReset || count < 0
            return false
        }
        received += tls?.decrypted(Array(buffer[..<count])) ?? Array(buffer[..<count])
        if let tls { hasEnded = tls.hasEnded }
        return true
    }

    /// All answers until `done`, or the other side ends or has been silent for long, which is for hanging tests only.
    func answers(until done: ([RawAnswer]) -> Bool = { _ in false }) throws -> [RawAnswer] {
        try takeAnswers()
        while !done(taken), receive(withinMilliseconds: 10_000) { try takeAnswers() }
        return taken
    }

    /// The first `count` answers, waiting for those that are missing.
    func answers(_ count: Int) throws -> [RawAnswer] { try answers(until: { $0.count >= count }) }

    /// Moves every answer that is whole from the bytes to `taken`.
    private func takeAnswers() throws {
        while let answer = try RawAnswer(at: &takenBytes, in: received, method: nextMethod) { taken.append(answer) }
    }

    private var nextMethod: String {
        let finals = taken.count { $0.status >= 200 }
        return finals < methods.count ? methods[finals] : "GET"
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

    /// The answer that starts at `place`, which moves past it; nil when it is not whole yet. One to HEAD has no body.
    init?(at place: inout Int, in bytes: [UInt8], method: String) throws {
        guard let bodyStart = RawAnswer.headEnd(in: bytes, from: place) else { return nil }
        let lines = String(decoding: bytes[place..<(bodyStart - 4)], as: UTF8.self).split(separator: "\r\n")
        guard let first = lines.first, first.hasPrefix("HTTP/1.1 "), let status = Int(first.dropFirst(9).prefix(3))
        else { throw RawClient.Failure(description: "not a status line: \(lines)") }
        let fields = lines.dropFirst().map(String.init)
        let length = status < 200 || method == "HEAD" ? 0 : RawAnswer.length(in: fields)
        guard bodyStart + length <= bytes.count else { return nil }
        self.status = status
        self.fields = fields
        body = Array(bytes[bodyStart..<(bodyStart + length)])
        place = bodyStart + length
    }

    private static func length(in fields: [String]) -> Int {
        fields.lazy.filter { $0.hasPrefix("Content-Length: ") }.compactMap { Int($0.dropFirst(16)) }.first ?? 0
    }

    private static func headEnd(in bytes: [UInt8], from start: Int) -> Int? {
        var place = start
        while place + 4 <= bytes.count {
            if bytes[place] == 0x0d, bytes[place..<(place + 4)].elementsEqual("\r\n\r\n".utf8) { return place + 4 }
            place += 1
        }
        return nil
    }
}

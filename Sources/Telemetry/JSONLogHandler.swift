// SPDX-License-Identifier: Apache-2.0
import Glibc
package import Logging

/// swift-log's back end: each message one line of JSON, its metadata as members beside `time`, `level` and `message`.
package struct JSONLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let sink: LogSink

    package init(label: String, level: Logger.Level, sink: LogSink) {
        self.label = label
        self.logLevel = level
        self.sink = sink
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var line = LogLine()
        line.add("time", timestamp())
        line.add("level", event.level.rawValue)
        line.add("logger", label)
        line.add("message", "\(event.message)")
        for (key, value) in members(of: event) { line.add(key, value) }
        sink.write(line.bytes())
    }

    /// By name, so that lines of one kind read alike; the event's own value counts where both have one.
    private func members(of event: LogEvent) -> [(key: String, value: Logger.Metadata.Value)] {
        let own = event.metadata ?? [:]
        let all = metadata.isEmpty ? own : metadata.merging(own) { _, own in own }
        return all.sorted { $0.key < $1.key }
    }

    private func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        var seconds = now.tv_sec
        gmtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 32)
        strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
        let milliseconds = String(now.tv_nsec / 1_000_000 + 1000).dropFirst()
        return text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) } + ".\(milliseconds)Z"
    }
}

extension UInt8 {
    /// A control character, a quote or a backslash: what cannot stand in a JSON string, or should not in a log line.
    fileprivate var needsEscape: Bool {
        self < 0x20 || self == 0x7F || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\")
    }
}

/// One JSON object under construction.
private struct LogLine {
    private var text: [UInt8]

    init() {
        text = []
        text.reserveCapacity(512)
        text.append(UInt8(ascii: "{"))
    }

    mutating func add(_ key: String, _ value: String) {
        name(key)
        quote(value)
    }

    mutating func add(_ key: String, _ value: Logger.MetadataValue) {
        name(key)
        write(value)
    }

    func bytes() -> [UInt8] { text + [UInt8(ascii: "}")] }

    private mutating func name(_ key: String) {
        if text.count > 1 { text.append(UInt8(ascii: ",")) }
        quote(key)
        text.append(UInt8(ascii: ":"))
    }

    private mutating func write(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let string): quote(string)
        case .stringConvertible(let number as Int): text += String(number).utf8
        case .stringConvertible(let flag as Bool): text += String(flag).utf8
        case .stringConvertible(let other): quote(other.description)
        case .array(let values):
            text.append(UInt8(ascii: "["))
            for (place, value) in values.enumerated() {
                if place > 0 { text.append(UInt8(ascii: ",")) }
                write(value)
            }
            text.append(UInt8(ascii: "]"))
        case .dictionary(let members):
            var inner = LogLine()
            for (key, value) in members.sorted(by: { $0.key < $1.key }) { inner.add(key, value) }
            text += inner.bytes()
        }
    }

    private mutating func quote(_ string: String) {
        text.append(UInt8(ascii: "\""))
        if string.utf8.contains(where: \.needsEscape) {
            for byte in string.utf8 { escape(byte) }
        } else {
            text += string.utf8
        }
        text.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): text += #"\""#.utf8
        case UInt8(ascii: "\\"): text += #"\\"#.utf8
        case 0x0A: text += #"\n"#.utf8
        case _ where byte.needsEscape: text += "\\u00".utf8 + hex(byte)
        default: text.append(byte)
        }
    }

    private func hex(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}

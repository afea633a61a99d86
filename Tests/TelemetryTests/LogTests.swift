// SPDX-License-Identifier: Apache-2.0
import Glibc
import Logging
import Telemetry
import Testing

struct LogTests {
    /// What a logger writes, through a pipe as an operator's collector would read it.
    private func lines(_ write: (Logger) -> Void) -> [String] {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let sink = LogSink(descriptor: ends[1])
        write(Logger(label: "test", factory: { JSONLogHandler(label: $0, level: .info, sink: sink) }))
        sink.close()
        close(ends[1])
        var text = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(ends[0], &text, text.count)
        close(ends[0])
        return String(decoding: text.prefix(count), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func `a message is one line of JSON with its metadata beside it`() {
        let lines = lines { $0.info("hello", metadata: ["user": "ada", "count": .stringConvertible(3)]) }
        #expect(lines.count == 1)
        #expect(lines[0].hasPrefix(#"{"time":"20"#))
        #expect(lines[0].hasSuffix(#","level":"info","logger":"test","message":"hello","count":3,"user":"ada"}"#))
    }

    @Test func `no value can start a line or a member of its own`() {
        let lines = lines { $0.info("a\nb", metadata: ["user": "\"},{\u{1}\\"]) }
        #expect(lines.count == 1)
        #expect(lines[0].contains(#""message":"a\nb""#) && lines[0].hasSuffix(#""user":"\"},{\u0001\\"}"#))
    }

    @Test func `what is below the level is not written`() {
        #expect(lines { $0.debug("quiet") }.isEmpty)
    }

    @Test func `a reader that is too slow costs lines, which are counted, and never the writer's time`() {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let sink = LogSink(descriptor: ends[1], bytesMax: 4096)
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 100)
        for _ in 0..<5000 { sink.write(line) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while !String(decoding: text, as: UTF8.self).contains("log lines dropped") {
            let count = read(ends[0], &chunk, chunk.count)
            text += chunk.prefix(count)
        }
        sink.close()
        close(ends[0])
        close(ends[1])
    }
}

// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import Testing

@Suite struct ParserTests {
    /// Cut once at every place, and everywhere at once; the longest only at some places, so that this stays quick.
    @Test(arguments: RawCase.all)
    func `a request means the same however its bytes are cut`(_ raw: RawCase) {
        let bytes = raw.bytes
        let whole = ParserRun([bytes])
        #expect(ParserRun(bytes.map { [$0] }) == whole)
        for cut in stride(from: 0, through: bytes.count, by: bytes.count > 2000 ? 1009 : 1) {
            #expect(ParserRun([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
        }
    }

    /// Prints its seed; the inputs are the cases with bytes changed, taken out, doubled or exchanged between them.
    @Test func `no mutation of a request crashes the parser or makes it depend on the cut`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed)
        let corpus = RawCase.all.map(\.bytes).filter { $0.count < 2000 }
        for round in 0..<5000 {
            let bytes = mutated(corpus.randomElement(using: &random)!, corpus: corpus, using: &random)
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let (whole, parted) = (ParserRun([bytes]), ParserRun([Array(bytes[..<cut]), Array(bytes[cut...])]))
            if whole != parted {
                Issue.record("seed \(seed), round \(round), cut \(cut): \(bytes)")
                return
            }
        }
    }

    private func mutated(_ bytes: [UInt8], corpus: [[UInt8]], using random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        let marks = Array("\r\n :;,\t\0%/?#*0aF\u{7f}".utf8) + [0x80, 0xff]
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes.insert(marks.randomElement(using: &random)!, at: place)
            case 1 where place < bytes.count: bytes.remove(at: place)
            case 2 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 3: bytes.insert(contentsOf: bytes[place...].prefix(20), at: place)
            default: bytes.replaceSubrange(place..., with: corpus.randomElement(using: &random)!.dropFirst(place))
            }
        }
        return bytes
    }

    // MARK: Grammar

    @Test func `a method is made of token characters and of nothing else`() {
        let token = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        for byte in UInt8.min...UInt8.max where byte != UInt8(ascii: " ") {
            let run = ParserRun([[0x47, byte] + Array(" / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)])
            #expect((run.fault == nil) == token.contains(byte), "\(byte)")
        }
    }

    @Test func `a target is made of the characters of a URI and of nothing else`() {
        let marks = "-._~!$&'()*+,;=:@/?"
        let uri = Set((marks + "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ").utf8)
        for byte in UInt8.min...UInt8.max {
            let run = ParserRun([Array("GET /".utf8) + [byte] + Array(" HTTP/1.1\r\nHost: x\r\n\r\n".utf8)])
            #expect((run.fault == nil) == uri.contains(byte), "\(byte)")
        }
    }

    @Test func `a field's value may hold any byte but control characters other than a tab`() {
        for byte in UInt8.min...UInt8.max {
            let run = ParserRun([Array("GET / HTTP/1.1\r\nHost: x\r\nA: b".utf8) + [byte] + Array("c\r\n\r\n".utf8)])
            #expect((run.fault == nil) == (byte >= 0x20 && byte != 0x7f || byte == 0x09), "\(byte)")
        }
    }

    @Test(arguments: [
        "", "x", "x:80", "x:", "127.0.0.1:8080", "[::1]", "[::1]:8080", "a-b.example.org", "a%41", "a_b",
    ])
    func `a host and port is taken`(_ host: String) {
        #expect(ParserRun([Array("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n".utf8)]).fault == nil)
    }

    @Test(arguments: ["x y", "x:8a", "x:80:80", "[::1", "[::1]x", "a/b", "u@x", "[g]", "x?", "ä"])
    func `what is no host and port is refused`(_ host: String) {
        let run = ParserRun([Array("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n".utf8)])
        #expect(run.fault == .malformed(.hostInvalid))
    }

    // MARK: Heads

    @Test(arguments: [
        ("/", "/"), ("/a/b", "/a/b"), ("/a%20b", "/a b"), ("/%C3%A9", "/é"), ("/a%2Fb", "/a%2Fb"),
        ("/a%2fb", "/a%2fb"), ("/a%252Fb", "/a%252Fb"), ("/a%00b", "/a%00b"), ("/%ff", "/%ff"), ("/a?b=%20", "/a"),
        ("http://x/a%20b?c", "/a b"), ("https://x:8443", "/"), ("http://x?c", "/"),
    ])
    func `a path is decoded where that cannot make two paths one`(target: String, path: String) throws {
        #expect(try HTTPRequestHead(text: "GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n").path == path)
    }

    @Test func `a query is what follows the question mark, as it is`() throws {
        #expect(try HTTPRequestHead(text: "GET /a?b=%20&c?d HTTP/1.1\r\nHost: x\r\n\r\n").query == "b=%20&c?d")
        #expect(try HTTPRequestHead(text: "GET /a? HTTP/1.1\r\nHost: x\r\n\r\n").query == "")
        #expect(try HTTPRequestHead(text: "GET /a HTTP/1.1\r\nHost: x\r\n\r\n").query == nil)
    }

    @Test func `a field is found whatever the case of its name, and repeated ones are joined`() throws {
        let head = try HTTPRequestHead(
            text: "GET / HTTP/1.1\r\nHost: x\r\naCCept: a\r\nX-Y: \t c:d \t\r\nAccept: b\r\nE:\r\n\r\n"
        )
        #expect(head.headers["ACCEPT"] == "a, b")
        #expect(head.headers["x-y"] == "c:d")
        #expect(head.headers["e"] == "")
        #expect(head.headers["accep"] == nil)
        #expect(head.headers.count == 5)
        #expect(head.headers.all.map(\.name) == ["Host", "aCCept", "X-Y", "Accept", "E"])
    }

    // MARK: Limits

    private func fault(_ text: String, _ change: (inout HTTPLimits) -> Void = { _ in }) -> HTTPFault? {
        var limits = HTTPLimits()
        change(&limits)
        return ParserRun([Array(text.utf8)], limits: limits).fault
    }

    @Test func `a head of exactly the limit is taken, and one byte more is not`() {
        let text = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        #expect(fault(text) { $0.headerBytes = text.utf8.count } == nil)
        #expect(fault(text) { $0.headerBytes = text.utf8.count - 1 } == .headTooLarge)
    }

    // MARK: Framing

    @Test func `the old version knows no transfer coding, and has one host at most`() {
        let coding = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        #expect(fault(coding) == .malformed(.codingInOldVersion))
        #expect(fault("GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n") == .malformed(.hostRepeated))
    }

    /// Each byte of the line ends that frame a chunk, replaced by another.
    @Test func `a chunk is framed by whole line ends`() {
        let start = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        let chunks = Array("3\r\nabc\r\n0\r\nT: v\r\n\r\n".utf8)
        #expect(ParserRun([Array(start.utf8) + chunks]).fault == nil)
        for place in chunks.indices where chunks[place] == 0x0d || chunks[place] == 0x0a {
            for byte in [UInt8(ascii: "x"), 0x0d, 0x0a] where byte != chunks[place] {
                var broken = chunks
                broken[place] = byte
                #expect(ParserRun([Array(start.utf8) + broken]).fault != nil, "\(byte) at \(place)")
            }
        }
    }

    @Test func `a request line without end is a target too long`() {
        #expect(fault("GET /aaaaaaaaaaaaaaaaaaaaaaaa") { $0.headerBytes = 20 } == .targetTooLong(limitBytes: 8000))
    }

    @Test func `as many fields as the limit are taken, and one more is not`() {
        let text = "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\nC: d\r\n\r\n"
        #expect(fault(text) { $0.headerCount = 3 } == nil)
        #expect(fault(text) { $0.headerCount = 2 } == .headTooLarge)
    }

    @Test func `a body of exactly the limit is taken, and one byte more is not`() {
        let length = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
        let chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
        for text in [length, chunked] {
            #expect(fault(text) { $0.bodyBytes = 3 } == nil)
            #expect(fault(text) { $0.bodyBytes = 2 } == .bodyTooLarge(limitBytes: 2))
        }
    }

    @Test func `chunk extensions and trailers are limited over the whole body`() {
        let start = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        let extensions = start + "1;ab\r\nx\r\n1;ab\r\nx\r\n0\r\n\r\n"
        #expect(fault(extensions) { $0.chunkExtensionBytes = 6 } == nil)
        #expect(fault(extensions) { $0.chunkExtensionBytes = 5 } == .malformed(.chunkExtensions))
        let trailers = start + "0\r\nA: b\r\nC: d\r\n\r\n"
        #expect(fault(trailers) { $0.trailerBytes = 30 } == nil)
        #expect(fault(trailers) { $0.trailerBytes = 6 } == .trailersTooLarge)
    }

    // MARK: Bodies

    /// The model: the chunks put together again. Prints its seed.
    @Test func `a body cut in any chunks comes out whole`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed)
        for _ in 0..<300 {
            let chunks = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                (0..<Int.random(in: 1...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
            var bytes = Array("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
            for chunk in chunks {
                bytes += Array("\(String(chunk.count, radix: 16)) ;x=\"y\"\r\n".utf8) + chunk + Array("\r\n".utf8)
            }
            bytes += Array("000\r\nT: v\r\n\r\n".utf8)
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let run = ParserRun([Array(bytes[..<cut]), Array(bytes[cut...])])
            #expect(run.fault == nil && run.events.last == "body \(chunks.flatMap { $0 })", "seed \(seed)")
        }
    }
}

/// SplitMix64, so that a printed seed repeats a run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

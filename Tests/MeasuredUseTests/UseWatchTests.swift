// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import RawPeer
import SpawnModel
import Testing

@testable import MeasuredUse

@Suite struct UseWatchTests {
    private func page(_ percent: Int, _ mebibytes: Int = 100) -> String {
        "DCGM_FI_DEV_GPU_UTIL{UUID=\"g\"} \(percent)\nDCGM_FI_DEV_FB_USED{UUID=\"g\"} \(mebibytes)\n"
    }

    @Test func `E33: while an exporter is away what it told last is shown, until that is stale`() async throws {
        let (lab, server) = (try Lab(), try PageServer(page(70)))
        let terms = terms([exporter(server.url)])
        await lab.watch.look(terms)
        #expect(lab.device("g").busy == Measured(70, at: noon))
        server.say("gone", status: "503 Service Unavailable")
        lab.clock.pass(120)
        await lab.watch.look(terms)
        #expect(lab.device("g").busy == Measured(70, at: noon))
        lab.clock.pass(1)
        #expect(lab.device("g") == Use())
        server.say(page(20))
        await lab.watch.look(terms)
        #expect(lab.device("g").busy == Measured(20, at: noon + .seconds(121)))
        #expect(lab.news.told == ["source-status", "ok"])
    }

    @Test func `an exporter that restarts tells anew, and nothing is carried over`() async throws {
        let (lab, server) = (try Lab(), try PageServer(page(70, 30_000)))
        let terms = terms([exporter(server.url)])
        await lab.watch.look(terms)
        lab.clock.pass(30)
        server.say("DCGM_FI_DEV_GPU_UTIL{UUID=\"g\"} 0\n")
        await lab.watch.look(terms)
        #expect(lab.device("g") == Use(busy: Measured(0, at: noon + .seconds(30))))
    }

    @Test(.timeLimit(.minutes(1)))
    func `an exporter that never ends its answer is left after the time-out, and the next is heard`() async throws {
        let lab = try Lab()
        let slow = try RawServer { connection in
            guard connection.readHead() else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nDCGM_")
            connection.awaitEnd()
        }
        let server = try PageServer(page(5))
        await lab.watch.look(terms([exporter(slow.url), exporter(server.url)], timeout: .milliseconds(200)))
        #expect(lab.device("g").busy?.value == 5)
        #expect(lab.news.told == ["source-unreachable"])
    }

    @Test func `an exporter that is gone is told of once`() async throws {
        let lab = try Lab()
        let url = try PageServer().url
        for _ in 0..<3 { await lab.watch.look(terms([exporter(url)])) }
        #expect(lab.news.told == ["source-unreachable"])
    }

    @Test(arguments: [true, false])
    func `an answer of 100 MB is not read, announced or not`(isAnnounced: Bool) async throws {
        let lab = try Lab()
        let server = try RawServer { connection in
            guard connection.readHead() else { return }
            let length = isAnnounced ? "Content-Length: 100000000" : "Connection: close"
            connection.send("HTTP/1.1 200 OK\r\n\(length)\r\n\r\n")
            let line = "DCGM_FI_DEV_GPU_UTIL{UUID=\"g\"} 5\n"
            let block = Array(String(repeating: line, count: 30_000).utf8)
            for _ in 0..<100 where !connection.send(block) { return }
        }
        await lab.watch.look(terms([exporter(server.url)], timeout: .seconds(20)))
        #expect(lab.news.told == ["source-unreachable"])
        #expect(lab.device("g") == Use())
    }

    @Test(arguments: ["<html>hello</html>", "", "other 1\n"])
    func `a page without any of the metrics is told of`(text: String) async throws {
        let (lab, server) = (try Lab(), try PageServer(text))
        await lab.watch.look(terms([exporter(server.url)]))
        #expect(lab.news.told == ["source-tells-nothing"])
    }

    @Test func `a Prometheus server is asked for the metrics with the token, and a page of another kind is refused`()
        async throws
    {
        let (lab, server) = (try Lab(), try PageServer("nonsense"))
        let source = UseSource(
            kind: .prometheus, url: server.server.url, origin: server.server.url, token: SourceToken("secret-word"))
        await lab.watch.look(terms([source]))
        #expect(lab.news.told == ["source-unreadable"])
        let head = try #require(server.server.heads.first)
        #expect(head.hasPrefix("GET /api/v1/query?query=%7B__name__%3D~%22metagpu_device_memory_used%7C"))
        #expect(head.contains("\r\nAuthorization: Bearer secret-word\r\n"))
        #expect(!"\(source)".contains("secret-word"))
    }

    @Test func `a source that is no longer written is forgotten`() async throws {
        let (lab, server) = (try Lab(), try PageServer(page(70)))
        await lab.watch.look(terms([exporter(server.url)]))
        await lab.watch.look(nil)
        #expect(lab.device("g") == Use())
    }

    @Test func `where two sources tell of one device the first counts`() async throws {
        let lab = try Lab()
        let (one, two) = (try PageServer(page(1)), try PageServer(page(2)))
        await lab.watch.look(terms([exporter(two.url), exporter(one.url)]))
        #expect(lab.device("g").busy?.value == 2)
        two.say("", status: "500 No")
        lab.clock.pass(130)
        await lab.watch.look(terms([exporter(two.url), exporter(one.url)]))
        #expect(lab.device("g").busy?.value == 1)
    }

    @Test func `what was measured of a former pod of the same name is not the next one's`() async throws {
        let (lab, server) = (try Lab(), try PageServer())
        func told(_ uid: String?) -> String {
            let uid = uid.map { ",pod_uid=\"\($0)\"" } ?? ""
            return "DCGM_FI_DEV_GPU_UTIL{UUID=\"g\",pod=\"jupyter-ana\",namespace=\"jupyter\"\(uid)} 90\n"
        }
        func seen(_ uid: String, since: Int) -> Int? {
            let since = noon + .seconds(since)
            return lab.watch.board.use(of: pod("jupyter-ana"), uid: uid, since: since, now: lab.clock.now).busy?.value
        }
        server.say(told(nil))
        await lab.watch.look(terms([exporter(server.url)]))
        lab.clock.pass(20)
        #expect(seen("one", since: -600) == 90)
        #expect(seen("two", since: 10) == nil)
        server.say(told("one"))
        await lab.watch.look(terms([exporter(server.url)]))
        #expect(seen("one", since: -600) == 90)
        #expect(seen("two", since: 10) == nil)
    }
}

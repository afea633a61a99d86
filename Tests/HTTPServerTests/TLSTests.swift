// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import CertificateForge
import HTTPServer
import Sockets
import Testing

/// TLS as a client meets it that holds each byte in its hand.
@Suite struct TLSTests {
    private let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    private let who = "GET /who HTTP/1.1\r\nHost: x\r\n\r\n"

    private func limits(_ change: (inout HTTPLimits) -> Void) -> HTTPLimits {
        var limits = HTTPLimits()
        change(&limits)
        return limits
    }

    // MARK: Handshakes

    @Test(arguments: [(TLS1_2_VERSION, "TLSv1.2"), (TLS1_3_VERSION, "TLSv1.3")])
    func `both versions are spoken`(version: Int32, name: String) throws {
        let server = try SecureServer()
        let codec = TLSCodec(server.certificates, .init(version: version))
        let client = try RawClient(port: server.port, tls: codec)
        client.send(get)
        #expect(try client.answers(1).map(\.text) == ["hello, world\n"])
        #expect(codec.version == name)
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `a handshake that comes byte by byte ends well`(version: Int32) throws {
        let server = try SecureServer()
        let client = try server.client(.init(version: version), pieces: 1)
        client.send(get)
        #expect(try client.answers(1).map(\.status) == [200])
    }

    @Test func `a handshake that stalls ends at its deadline`() throws {
        let server = try SecureServer(limits: limits { $0.handshakeTimeout = .milliseconds(100) })
        let client = try RawClient(port: server.port)
        client.sendRaw(Array(TLSCodec(server.certificates).takeOutput().prefix(100)))
        #expect(client.isClosed())
        #expect(server.running.service.failedHandshakes == ["it took too long"])
    }

    /// Each byte comes in time, and all of them do not.
    @Test func `a handshake that trickles in ends at its deadline`() throws {
        let server = try SecureServer(limits: limits { $0.handshakeTimeout = .milliseconds(200) })
        let client = try RawClient(port: server.port)
        var sent = 0
        for byte in TLSCodec(server.certificates).takeOutput() where !client.hasEnded {
            client.sendRaw([byte])
            sent += 1
            client.receive(withinMilliseconds: 20)
        }
        #expect(client.isClosed() && sent < 150)
    }

    @Test func `bytes that are no TLS end the connection, and only that`() throws {
        let server = try SecureServer()
        let client = try RawClient(port: server.port)
        client.send([UInt8](repeating: 0x7f, count: 3000))
        #expect(client.isClosed())
        let other = try server.client()
        other.send(get)
        #expect(try other.answers(1).map(\.status) == [200])
        #expect(server.running.service.failedHandshakes.count == 1)
    }

    @Test func `HTTP without TLS is told in HTTP what to do`() throws {
        let server = try SecureServer()
        let client = try RawClient(port: server.port)
        client.send("GET / HTTP/1.1\r\nHost: x\r\nCookie: " + String(repeating: "a", count: 20_000) + "\r\n\r\n")
        let answers = try client.answers(1)
        #expect(answers.map(\.status) == [400])
        #expect(answers.first?.text == "This port speaks TLS: write https:// in place of http://.\n")
        client.endSending()
        #expect(client.isClosed() && !client.wasReset)
    }

    @Test func `a connection that is cut during the handshake leaves nothing`() throws {
        let server = try SecureServer()
        do {
            let client = try RawClient(port: server.port)
            client.sendRaw(TLSCodec(server.certificates).takeOutput())
            client.receive(withinMilliseconds: 10_000)
        }
        #expect(eventually { server.running.server.connectionsOpen == 0 })
    }

    // MARK: Streams

    @Test func `pipelined requests in one record are answered in order`() throws {
        let server = try SecureServer()
        let client = try server.client()
        let echo = { (word: String) in "POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n\(word)" }
        client.send(echo("one") + echo("two") + get)
        #expect(try client.answers(3).map(\.text) == ["one", "two", "hello, world\n"])
    }

    @Test func `a client that ends its side in order still gets its answer, and an end in order`() throws {
        let server = try SecureServer()
        let codec = TLSCodec(server.certificates)
        let client = try RawClient(port: server.port, tls: codec)
        client.send("GET /wait?a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(eventually { server.running.service.gate.arrived == 1 })
        client.sendRaw(codec.end())
        server.running.service.gate.open()
        #expect(try client.answers(1).map(\.text) == ["waited for a\n"])
        #expect(client.isClosed() && codec.hasEnded && codec.failure == nil)
    }

    @Test func `a request whose stream is cut in the middle is never answered`() throws {
        let server = try SecureServer()
        let client = try server.client()
        client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello")
        client.cutSending()
        #expect(client.isClosed() && client.received.isEmpty)
        #expect(server.running.service.servedCount == 0)
        #expect(eventually { server.running.server.connectionsOpen == 0 })
    }

    @Test func `a record that is changed on its way ends the connection`() throws {
        let server = try SecureServer()
        let codec = TLSCodec(server.certificates)
        let client = try RawClient(port: server.port, tls: codec)
        var record = codec.encrypted(Array(get.utf8))
        record[record.count - 1] ^= 1
        client.sendRaw(record)
        #expect(client.isClosed() && client.received.isEmpty)
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `a large answer reaches a client that reads late`(version: Int32) throws {
        let server = try SecureServer(service: TestService(bigBytes: 12 << 20))
        let client = try server.client(.init(version: version))
        client.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n" + get)
        let answers = try client.answers(2)
        #expect(answers.map(\.status) == [200, 200])
        #expect(answers.first?.body.count == 12 << 20)
        #expect(answers.first?.body.allSatisfy { $0 == 0x62 } == true)
    }

    @Test func `a client that changes its keys is served on`() throws {
        let server = try SecureServer()
        let codec = TLSCodec(server.certificates, .init(version: TLS1_3_VERSION))
        let client = try RawClient(port: server.port, tls: codec)
        for count in 1...3 {
            codec.changeKeys()
            client.send(get)
            #expect(try client.answers(count).count == count)
        }
    }

    @Test func `a second handshake is not made`() throws {
        let server = try SecureServer()
        let codec = TLSCodec(server.certificates, .init(version: TLS1_2_VERSION))
        let client = try RawClient(port: server.port, tls: codec)
        client.send(get)
        #expect(try client.answers(1).count == 1)
        codec.renegotiate()
        client.sendRaw(codec.takeOutput())
        while codec.failure == nil, client.receive(withinMilliseconds: 10_000) {}
        #expect(codec.failure == "no renegotiation")
    }

    @Test func `a drain ends idle connections in order`() throws {
        let server = try SecureServer()
        let codec = TLSCodec(server.certificates)
        let client = try RawClient(port: server.port, tls: codec)
        client.send(get)
        #expect(try client.answers(1).count == 1)
        server.running.server.drain(deadline: .seconds(60))
        #expect(client.isClosed() && codec.hasEnded)
        server.running.join()
    }

    // MARK: Clients' certificates

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `a request tells whom its client has proven to be`(version: Int32) throws {
        let server = try SecureServer(clients: "ca")
        let client = try server.client(.init(version: version, certificate: "client"))
        client.send(who)
        #expect(try client.answers(1).map(\.text) == ["CN=client client berth.example.org"])
    }

    @Test func `a client without a certificate is nobody, where none is required`() throws {
        let server = try SecureServer(clients: "ca")
        let client = try server.client()
        client.send(who)
        #expect(try client.answers(1).map(\.text) == ["nobody"])
    }

    @Test(arguments: ["foreign", "expired"])
    func `a certificate that is not good is refused, also where none is required`(name: String) throws {
        let server = try SecureServer(clients: "ca")
        let client = try server.client(.init(certificate: name))
        client.send(who)
        #expect(client.isClosed() && client.received.isEmpty)
        #expect(server.running.service.failedHandshakes == ["certificate verify failed"])
        #expect(server.running.service.servedCount == 0)
    }

    @Test func `a client without a certificate is turned away with an alert, where one is required`() throws {
        let server = try SecureServer(clients: "ca", requires: true)
        let codec = TLSCodec(server.certificates, .init(version: TLS1_3_VERSION))
        let client = try RawClient(port: server.port, tls: codec)
        client.send(who)
        #expect(client.isClosed() && client.received.isEmpty)
        #expect(codec.failure == "tlsv13 alert certificate required")
    }

    @Test func `a connection does not inherit the name of the one before`() throws {
        let server = try SecureServer(clients: "ca")
        for (certificate, name) in [("client", "CN=client client berth.example.org"), (nil, "nobody")] {
            let client = try server.client(.init(certificate: certificate))
            client.send(who)
            #expect(try client.answers(1).map(\.text) == [name])
            client.endSending()
            #expect(client.isClosed())
            #expect(eventually { server.running.server.connectionsOpen == 0 })
        }
    }

    // MARK: Another certificate

    @Test func `new connections get the new certificate while the old ones go on`() throws {
        let server = try SecureServer()
        let codec = TLSCodec(server.certificates)
        let client = try RawClient(port: server.port, tls: codec)
        client.send("GET /wait?a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(eventually { server.running.service.gate.arrived == 1 })
        server.tls.replace(by: try TLSContext(SecureServer.material("renewed", server.certificates)))
        let later = TLSCodec(server.certificates)
        let other = try RawClient(port: server.port, tls: later)
        other.send(get)
        #expect(try other.answers(1).map(\.status) == [200])
        #expect((codec.serverName, later.serverName) == ("good", "renewed"))
        server.running.service.gate.open()
        client.send(get)
        #expect(try client.answers(2).map(\.text) == ["waited for a\n", "hello, world\n"])
    }

    @Test func `material that does not fit is refused by its fault`() throws {
        let certificates = try SecureServer.forge.get()
        func fault(_ change: (inout TLSMaterial) throws -> Void) throws -> TLSFault? {
            var material = try SecureServer.material("good", certificates, clients: "ca")
            try change(&material)
            do throws(TLSFault) { _ = try TLSContext(material) } catch { return error }
            return nil
        }
        #expect(try fault { _ in } == nil)
        #expect(try fault { $0.key = try certificates.bytes("client", "key") } == .keyOfAnotherCertificate)
        #expect(try fault { $0.key = $0.certificate } == .keyUnreadable)
        #expect(try fault { $0.key = [] } == .keyUnreadable)
        #expect(try fault { $0.certificate = $0.key } == .certificateUnreadable)
        #expect(try fault { $0.certificate = Array($0.certificate.dropLast(100)) } == .certificateUnreadable)
        #expect(try fault { $0.clientAuthorities = Array("nothing".utf8) } == .authoritiesUnreadable)
        #expect(try fault { $0.key = Array(encryptedKey.utf8) } == .keyEncrypted)
    }
}

/// Of `openssl genpkey -algorithm ed25519 -aes256 -pass pass:secret`.
private let encryptedKey = """
    -----BEGIN ENCRYPTED PRIVATE KEY-----
    MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjN09HWmbsFuQICCAAw
    DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEELRKQXloMq4DpVvK8VFHnAEQLmA
    KuXPueoFxX/qDN3VX+9g0T/MY+9iSmpwnVm8kwzhy5Mx5TtSaJYrX7+L3Hoxrkpy
    vZqe29sgweUnVtndiXA=
    -----END ENCRYPTED PRIVATE KEY-----
    """

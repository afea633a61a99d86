// SPDX-License-Identifier: Apache-2.0
import Foundation
import HTTPServer
import Sockets
import Testing

@Suite struct AddressTests {
    private let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    private func refusal(of address: ListenAddress) -> SocketError? {
        do throws(SocketError) {
            _ = try HTTPServer(addresses: [address], loops: 2, service: TestService())
            return nil
        } catch {
            return error
        }
    }

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("berth-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.path)
    }

    @Test func `a port in use is said to be, also when both would share it`() throws {
        let server = try RunningServer(loops: 2)
        let address = ListenAddress.tcp(host: "127.0.0.1", port: server.port)
        let error = refusal(of: address)
        #expect(error == .addressInUse(address))
        let sentence = "is in use by another process (EADDRINUSE): choose another or stop it"
        #expect(error?.description == "port \(server.port) on 127.0.0.1 \(sentence)")
    }

    @Test func `an address of another host is said to be so`() {
        #expect(
            refusal(of: .tcp(host: "192.0.2.1", port: 8080))
                == .addressNotOfThisHost(.tcp(host: "192.0.2.1", port: 8080))
        )
    }

    @Test func `every loop gets its share of a port`() throws {
        let server = try RunningServer(loops: 2)
        for _ in 0..<50 {
            let client = try RawClient(port: server.port)
            client.send(get)
            #expect(try client.answers(1).map(\.status) == [200])
        }
    }

    @Test func `a star listens on every address`() throws {
        let server = try RunningServer(address: .tcp(host: "*", port: 0))
        let client = try RawClient(port: server.port)
        client.send(get)
        #expect(try client.answers(1).map(\.status) == [200])
    }

    // MARK: Unix sockets

    @Test func `a Unix socket serves, has the mode asked for, and its file goes with the server`() throws {
        try withDirectory { directory in
            let path = directory + "/berth.sock"
            let server = try RunningServer(loops: 2, address: .unix(path: path, mode: 0o600))
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            for _ in 0..<20 {
                let client = try RawClient(path: path)
                client.send(get + get)
                #expect(try client.answers(2).map(\.status) == [200, 200])
            }
            server.server.drain(deadline: .seconds(60))
            server.join()
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func `a socket file that a dead process left is replaced, and one in use is not`() throws {
        try withDirectory { directory in
            let path = directory + "/berth.sock"
            try leaveStaleSocket(at: path)
            let server = try RunningServer(address: .unix(path: path))
            #expect(refusal(of: .unix(path: path)) == .addressInUse(.unix(path: path)))
            let client = try RawClient(path: path)
            client.send(get)
            #expect(try client.answers(1).map(\.status) == [200])
            withExtendedLifetime(server) {}
        }
    }

    @Test func `a file that is no socket is left alone`() throws {
        try withDirectory { directory in
            let path = directory + "/notes.txt"
            try "notes".write(toFile: path, atomically: true, encoding: .utf8)
            #expect(refusal(of: .unix(path: path)) == .pathNotASocket(path))
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "notes")
        }
    }

    @Test func `a path too long for a socket is said to be`() {
        let path = "/tmp/" + String(repeating: "a", count: 200)
        #expect(refusal(of: .unix(path: path)) == .pathTooLong(path))
    }

    /// Bound and closed without being removed, as a killed process leaves it.
    private func leaveStaleSocket(at path: String) throws {
        let opened = try ListenAddress.unix(path: path).open(copies: 1)
        for descriptor in opened.descriptors { close(descriptor) }
    }
}

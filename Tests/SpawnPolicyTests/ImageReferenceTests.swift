// SPDX-License-Identifier: Apache-2.0
import SpawnPolicy
import Testing

struct ImageReferenceTests {
    static let hex = String(repeating: "0123456789abcdef", count: 4)

    @Test(arguments: [
        "busybox", "busybox:1", "library/busybox", "registry.example.org/a/b:tag", "registry.example.org:5000/a:T.1-x_",
        "localhost/a", "localhost:5000/a:1", "UPPER.example.org/a", "a/b/c/d", "a__b/c_d", "a--b---c/d.e",
        "[2001:db8::1]:5000/a:1", "r.example.org/a@sha256:\(hex)", "r.example.org/a:1@sha256:\(hex)",
        "quay.io/jupyter/scipy-notebook:2026-01-05", "a:" + String(repeating: "x", count: 128),
    ]) func `a reference in the full grammar is taken`(text: String) {
        #expect(ImageReference(text) != nil)
    }

    @Test(arguments: [
        "", " : ", ":::", ":1", "a:", "a@", "a:b:c", "Upper", "a/Upper", "a//b", "/a", "a/", "a b", "a\n", "a:1\n",
        "a:-1", "a:.1", "a..b", "a___b", "-a", "a-", "_a", "a_", "http://r.example.org/a", "r.example.org:/a",
        "r.example.org:0/a", "r.example.org:99999/a", "r.example.org:x/a", "-r.example.org/a", "r-.example.org/a",
        "r..example.org/a", "a@sha256:\(hex)0", "a@sha256:\(hex.uppercased())", "a@sha256:abc", "a@sha256", "a@:\(hex)",
        "a@sha256:\(hex)@sha256:\(hex)", "\(hex)", "a:" + String(repeating: "x", count: 129), "ä", "а", "a:ä", "[::1/a",
        "$(id)", "a;id", "a/../b", "{value}", String(repeating: "a", count: 256),
    ]) func `anything else is not`(text: String) {
        #expect(ImageReference(text) == nil)
    }

    @Test func `its parts are told apart`() throws {
        let full = try #require(ImageReference("r.example.org:5000/team/lab:2026.1@sha256:\(Self.hex)"))
        #expect(full.registry == "r.example.org:5000")
        #expect(full.repository == "team/lab")
        #expect(full.tag == "2026.1")
        #expect(full.digest == "sha256:\(Self.hex)")
        #expect(try #require(ImageReference("team/lab")).registry == nil)
    }
}

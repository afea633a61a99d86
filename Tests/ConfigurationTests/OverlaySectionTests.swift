// SPDX-License-Identifier: Apache-2.0
import Configuration
import Directory
import Testing

/// `directory.overlay` and `directory.sync`.
struct OverlaySectionTests {
    private func sample(_ more: String, files: [String: String] = [:]) throws -> Sample {
        try Sample(
            "directory: {urls: \"ldaps://d.example.org\", people: {base: \"ou=p,dc=x\"}, \(more)}\n", files: files)
    }

    private func source(_ more: String, files: [String: String] = [:]) throws -> DirectorySource {
        let outcome = try sample(more, files: files).load()
        expect(outcome.faults + outcome.warnings, are: [])
        return try #require(outcome.site?.directory)
    }

    @Test func `nothing is made unless it is asked for, and then has good values`() throws {
        let none = try source("claim: d")
        #expect(none.overlay == nil && none.sync == nil && none.terms.accounts == nil)
        let plain = try source("overlay: {}, sync: {}")
        #expect(plain.overlay == OverlayTerms() && plain.sync == SyncTerms())
        #expect(plain.terms.accounts == DirectoryTerms.Accounts())
    }

    @Test func `all that can be said reaches the terms`() throws {
        let source = try source(
            """
            overlay: {objects: shared, prefix: names, base_passwd_file: passwd, base_group_file: group, nsswitch: true,
              home: "/homes/{name}", shell: unixShell, full_name_attributes: [gecos]},
            sync: {every: 1h, shrink_percent: 5, changes: syncrepl, changes_every: 10s, page_size: 100, timeout: 2m,
              page_timeout: 3s}
            """, files: ["passwd": "root:x:0:0:root:/root:/bin/sh\n", "group": "root:x:0:\n"])
        let base = try BaseAccounts(passwd: "root:x:0:0:root:/root:/bin/sh", group: "root:x:0:")
        #expect(source.overlay == OverlayTerms(objects: .shared, prefix: "names", base: base, hasNSSwitch: true))
        #expect(
            source.terms.accounts
                == .init(
                    fullName: ["gecos"], home: .template("/homes/{name}"),
                    shell: .attribute("unixShell", else: "/bin/sh")))
        #expect(
            source.sync
                == SyncTerms(
                    every: .seconds(3600), shrinkPercent: 5, changes: .syncrepl, changesEvery: .seconds(10),
                    pageSize: 100, timeout: .seconds(120), pageTimeout: .seconds(3)))
    }

    @Test(arguments: [
        (
            "sync: {}",
            "berth.yaml:1:73: directory.sync: has nothing to make. Add `overlay: {}` beside it, or leave `sync` out."
        ),
        (
            "ids: {use: none}, overlay: {}",
            """
            berth.yaml:1:91: directory.overlay: needs people's numbers, and `ids: {use: none}` does not read them. Leave \
            `use` out, or leave `overlay` out.
            """
        ),
        (
            "overlay: {home: /home/../x}",
            """
            berth.yaml:1:89: directory.overlay.home: "/home/../x" is no path that fits a passwd line. Write one without \
            `..`, `:` and other braces than `{name}` and `{uid}`.
            """
        ),
        (
            "overlay: {shell: bin/sh}",
            """
            berth.yaml:1:90: directory.overlay.shell: "bin/sh" is neither a path nor an attribute. Write a path such as \
            `/bin/sh`, or an attribute such as `homeDirectory`.
            """
        ),
        (
            "overlay: {base_passwd_file: passwd}",
            """
            berth.yaml:1:101: directory.overlay.base_passwd_file: line 2 is no line of a passwd file. Write \
            `name:x:uid:gid:full name:home:shell`, each name once.
            """
        ),
        (
            "overlay: {base_group_file: passwd}",
            """
            berth.yaml:1:100: directory.overlay.base_group_file: line 1 is no line of a group file. Write `name:x:gid:`, \
            each name once.
            """
        ),
        (
            "overlay: {base_group_file: gone}",
            """
            berth.yaml:1:100: directory.overlay.base_group_file: the file "gone" does not exist. Name a file as an image \
            has it in /etc.
            """
        ),
        (
            "overlay: {}, sync: {every: 1s}",
            "berth.yaml:1:100: directory.sync.every: is out of range. Write 1m to 24h."
        ),
    ])
    func `what cannot be is refused with its place and a remedy`(more: String, fault: String) throws {
        let files = ["passwd": "root:x:0:0:root:/root:/bin/sh\nroot:x:1:1:again:/:/bin/sh\n"]
        expect(try sample(more, files: files).load().faults, are: [fault])
    }
}

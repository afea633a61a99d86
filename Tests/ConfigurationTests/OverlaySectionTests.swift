// SPDX-License-Identifier: Apache-2.0
import Configuration
import Directory
import Testing

/// `directory.overlay` and `directory.sync`.
struct OverlaySectionTests {
    private func sample(_ more: String, files: [String: String] = [:]) throws -> Sample {
        try Sample(
            """
            directory: {urls: "ldaps://d.example.org", people: {base: "ou=p,dc=x"}, \(more)}
            kubernetes: {kubeconfig: kubeconfig}
            deployments: {production: {hook_token_file: production.token, namespace: jupyter}}

            """, files: files.merging(["kubeconfig": Self.kubeconfig]) { own, _ in own })
    }

    private static let kubeconfig = """
        current-context: berth
        clusters: [{name: lab, cluster: {server: "https://10.0.0.1:6443"}}]
        users: [{name: berth, user: {token: abc}}]
        contexts: [{name: berth, context: {cluster: lab, user: berth}}]
        """

    @Test func `objects are made in a cluster, and in a namespace`() throws {
        let directory = "directory: {urls: \"ldaps://d.example.org\", people: {base: \"ou=p,dc=x\"}, overlay: {}}\n"
        let without = try Sample(directory).load().faults
        #expect(
            without.count == 1 && without[0].contains("directory.overlay: makes objects in a cluster"), "\(without)")
        let nowhere = try Sample(
            directory + "kubernetes: {kubeconfig: kubeconfig}\n", files: ["kubeconfig": Self.kubeconfig]
        ).load().faults
        #expect(nowhere.count == 1, "\(nowhere)")
        #expect(nowhere.first?.contains("has no `namespace` to make passwd and group files in") == true, "\(nowhere)")
    }

    @Test func `objects of rules are made in a cluster, in the hub's namespace or their own`() throws {
        func outcome(_ key: String, namespace: String, cluster: Bool) throws -> Sample.Outcome {
            let rule = """
                rules:
                  - set: {objects: {\(key): {manifest: {apiVersion: v1, kind: Secret, metadata: {\(namespace)}}}}}

                """
            let kubernetes = cluster ? "kubernetes: {kubeconfig: kubeconfig}\n" : ""
            return try Sample(rule + kubernetes, files: ["kubeconfig": Self.kubeconfig]).load()
        }
        let without = try outcome("cred", namespace: "", cluster: false)
        expect(without.faults, are: [])
        #expect(without.warnings.count == 1 && without.warnings[0].contains("is made in a cluster, and none"))
        let nowhere = try outcome("cred", namespace: "", cluster: true)
        #expect(nowhere.faults.first?.contains("has no `namespace` to make the object \"cred\" in") == true)
        let placed = try outcome("cred", namespace: "namespace: vault", cluster: true)
        expect(placed.faults + placed.warnings, are: [])
        let reserved = try outcome("overlay", namespace: "namespace: vault", cluster: true)
        #expect(reserved.faults.first?.contains("is what Berth calls passwd and group files by") == true)
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
            overlay: {objects: shared, prefix: names, base_passwd_file: passwd, base_group_file: group, nsswitch: true, variables: [HOME, SHELL],
              home: "/homes/{name}", shell: unixShell, full_name_attributes: [gecos]},
            sync: {every: 1h, shrink_percent: 5, changes: syncrepl, changes_every: 10s, page_size: 100, timeout: 2m,
              page_timeout: 3s}
            """, files: ["passwd": "root:x:0:0:root:/root:/bin/sh\n", "group": "root:x:0:\n"])
        let base = try BaseAccounts(passwd: "root:x:0:0:root:/root:/bin/sh", group: "root:x:0:")
        let wanted = OverlayTerms(
            objects: .shared, prefix: "names", base: base, hasNSSwitch: true, variables: [.home, .shell])
        #expect(source.overlay == wanted)
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

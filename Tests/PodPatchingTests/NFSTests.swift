// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

struct NFSTests {
    private func warnings(
        _ volume: String, groups: [Int] = [30_001], uid: Int = 10_010, spec: String = "", mount: String = "",
        claimsAreNFS: Bool = false
    ) throws -> [String] {
        var context = Site.context()
        context.posix = PosixIdentity(uid: uid, gid: 20_000, supplementalGroups: groups)
        var terms = PodTerms()
        terms.claimsAreNFS = claimsAreNFS
        let pod = try Pods.pod(
            """
            {"containers": [{"name": "notebook", "volumeMounts": [{"name": "home", "mountPath": "/home"\(mount)}]}],
            "volumes": [{"name": "home", \(volume)}]\(spec)}
            """
        )
        return try terms.patch(pod, for: context).warnings
    }

    static let nfs = #""nfs": {"server": "s", "path": "/h"}"#
    static let claim = #""persistentVolumeClaim": {"claimName": "home"}"#

    /// The primary group is one of the sixteen, and goes along by itself however high it is.
    @Test func `more groups than NFS carries are told, the highest that it leaves out by number`() throws {
        let most = Array(30_001...30_015)
        #expect(try warnings(Self.nfs, groups: most) == [])
        let expected =
            "the user has more than 16 groups, and NFS carries no more: without `manage-gids` its server does "
            + "not see 30016, 30017"
        #expect(try warnings(Self.nfs, groups: [30_017, 30_016] + most) == [expected])
        #expect(try warnings(Self.claim, groups: [30_017, 30_016] + most) == [])
        #expect(try warnings(Self.claim, groups: [30_017, 30_016] + most, claimsAreNFS: true) == [expected])
        #expect(
            try warnings(#""csi": {"driver": "nfs.csi.k8s.io"}"#, groups: [30_017, 30_016] + most) == [expected])
    }

    @Test func `a primary group above all others is none of those that are left out`() throws {
        let warning = try warnings(Self.nfs, groups: Array(101...117))
        #expect(warning.count == 1 && warning[0].hasSuffix("does not see 117"))
    }

    @Test func `a subPath on NFS is told, and on other volumes it is not`() throws {
        for path in [#""subPath": "ana""#, #""subPathExpr": "$(USER)""#] {
            #expect(try warnings(Self.nfs, mount: ", " + path).map { $0.prefix(25) } == ["/home is a subPath on NFS"])
            #expect(try warnings(Self.claim, mount: ", " + path) == [])
        }
    }

    @Test func `user namespaces and NFS exclude each other, and so do they and high ids`() throws {
        let spec = #", "hostUsers": false"#
        #expect(
            try warnings(Self.nfs, spec: spec) == ["hostUsers is false, and NFS cannot be mounted in a user namespace"])
        #expect(try warnings(Self.claim, spec: spec) == [])
        #expect(
            try warnings(Self.claim, uid: 65_536, spec: spec)
                == ["hostUsers is false, and id 65536 is above 65535: the pod cannot have it"])
        #expect(try warnings(Self.nfs, spec: #", "hostUsers": true"#) == [])
    }
}

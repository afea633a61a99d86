// SPDX-License-Identifier: Apache-2.0
import Foundation
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

struct BackendTests {
    static let pools = [
        "nvidia", "mig", "mig-single", "time-slicing", "mps", "mortalgpu", "metagpu", "hami", "hami-mig", "kai",
        "kai-fraction", "kai-whole", "volcano", "dra", "own",
    ]

    @Test(arguments: pools)
    func `a pod of each backend is the one on file, and patched twice is the same`(_ name: String) throws {
        let terms = try BackendSite.terms()
        let context = BackendSite.context(try BackendSite.gpu(name, in: terms))
        let patched = try terms.patch(Pods.named("crowded"), for: context)
        try GoldenTests().compare(patched.pod.pretty + "\n", with: "backend-\(name).json")
        let again = try terms.patch(patched.pod, for: context)
        #expect(again.pod == patched.pod && again.corrected == [])
        #expect(terms.gpuAsks(of: patched.pod) == (try terms.gpuAsks(for: context)))
    }

    @Test func `a pod without a reservation asks for a GPU by a backend's annotation or claim too`() throws {
        let terms = try BackendSite.terms()
        let pod = try Pods.pod(
            """
            {"containers": [{"name": "notebook"}],
            "resourceClaims": [{"name": "a", "resourceClaimTemplateName": "one-a100"},
            {"name": "b", "resourceClaimTemplateName": "others"}]}
            """, metadata: #"{"annotations": {"gpu-fraction": "0.5"}}"#)
        let asks = terms.gpuAsks(of: pod)
        #expect(Set(asks.map(\.resource)) == ["gpu-fraction", "one-a100"])
        #expect(!asks.areAll(of: []))
    }

    @Test func `more than one unit of a time-sliced card cannot be had`() throws {
        let terms = try BackendSite.terms()
        var gpu = try BackendSite.gpu("time-slicing", in: terms)
        gpu.amount = .share(request: MiB(20_480), limit: MiB(20_480))
        #expect(throws: PodPatchError.amountNotOfPool(pool: "time-slicing")) {
            try terms.patch(Pods.named("plain"), for: BackendSite.context(gpu))
        }
    }

    @Test func `a card is not pinned by an id that is no UUID`() throws {
        let terms = try BackendSite.terms()
        var gpu = try BackendSite.gpu("hami", in: terms)
        gpu.placement = [Reservation.Placement(node: "n1", device: "n1/0", units: 1)]
        let pod = try terms.patch(Pods.named("plain"), for: BackendSite.context(gpu)).pod
        #expect(pod.at("/metadata/annotations")?["nvidia.com/use-gpuuuid"] == nil)
        #expect(pod.container("notebook")?["resources"]?["limits"]?["nvidia.com/gpumem"] == "20480")
    }
}

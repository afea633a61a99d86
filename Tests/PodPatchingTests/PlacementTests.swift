// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

struct PlacementTests {
    static let alone = #""containers": [{"name": "notebook"}]"#

    @Test func `a pool's selector goes over the base, and the base stays where they differ in key`() throws {
        var terms = Site.bare
        terms.nodeSelector = ["pool": "user", "zone": "a"]
        let pod = try Pods.pod(#"{"nodeSelector": {"own": "kept", "pool": "user"}, \#(Self.alone)}"#)
        let patched = try terms.patch(pod, for: Site.context(Site.oneCard))
        #expect(patched.pod.at("/spec/nodeSelector")?.text == #"{"own": "kept", "pool": "gpu","zone":"a"}"#)
        #expect(patched.corrected == ["the pod's node selector pool user replaced by gpu"])
    }

    @Test func `a selector that a hub set itself stays, even under a pool's key`() throws {
        let pod = try Pods.pod(#"{"nodeSelector": {"pool": "user"}, \#(Self.alone)}"#)
        let patched = try Site.bare.patch(pod, for: Site.context())
        #expect(patched.pod.at("/spec/nodeSelector")?.text == #"{"pool": "user"}"#)
        #expect(patched.corrected == [])
    }

    @Test func `a toleration that is there in other words is not added again`() throws {
        let pod = try Pods.pod(
            """
            {"tolerations": [{"effect": "NoSchedule", "key": "hub.jupyter.org/dedicated", "operator": "Equal",
            "value": "user", "x-unknown": 1}], \(Self.alone)}
            """
        )
        let patched = try Site.full.patch(pod, for: Site.context())
        #expect(patched.pod.at("/spec/tolerations")?.text == pod.at("/spec/tolerations")?.text)
    }

    @Test func `another runtime class than the pool's is a conflict, a former pool's is not`() throws {
        let other = Pool(
            name: "old",
            displayName: "Old",
            mode: .whole,
            resourceName: "nvidia.com/old",
            runtimeClassName: "nvidia-old"
        )
        var terms = Site.bare
        terms.pools = [Site.card, other]
        let own = try Pods.pod(#"{"runtimeClassName": "gvisor", \#(Self.alone)}"#)
        #expect(throws: PodPatchError.runtimeClassDiffers(pod: "gvisor", wanted: "nvidia")) {
            try terms.patch(own, for: Site.context(Site.oneCard))
        }
        #expect(try terms.patch(own, for: Site.context()).pod.at("/spec/runtimeClassName") == "gvisor")
        let former = try Pods.pod(#"{"runtimeClassName": "nvidia-old", \#(Self.alone)}"#)
        let patched = try terms.patch(former, for: Site.context(Site.oneCard))
        #expect(patched.pod.at("/spec/runtimeClassName") == "nvidia")
        #expect(patched.corrected == ["the pod's runtimeClassName nvidia-old replaced by nvidia"])
    }

    @Test func `the pod's own class of priority gives way to the configuration's`() throws {
        let pod = try Pods.pod(#"{"priorityClassName": "default", \#(Self.alone)}"#)
        var terms = PodTerms()
        #expect(try terms.patch(pod, for: Site.context()).pod.at("/spec/priorityClassName") == "default")
        terms.priorityClassName = "gpu"
        #expect(try terms.patch(pod, for: Site.context()).pod.at("/spec/priorityClassName") == "gpu")
    }

    @Test func `a mark from outside is no reservation and changes nothing`() throws {
        let forged = #"{"annotations": {"berth.io/reservation-id": "r-9", "berth.io/gpu-amount": "cards=8"}}"#
        let pod = try Pods.pod("{\(Self.alone)}", metadata: forged)
        let patched = try Site.full.patch(pod, for: Site.context())
        #expect(patched.pod.at("/metadata/annotations")?["berth.io/reservation-id"] == "r-0001")
        #expect(patched.pod.at("/metadata/annotations")?["berth.io/gpu-amount"] == nil)
        #expect(patched.pod.container("notebook")?.variable("NVIDIA_VISIBLE_DEVICES") == ["void"])
    }

    @Test func `an id that no label can hold is an annotation only`() throws {
        var context = Site.context()
        context.reservationID = "prod/ana/:1"
        let pod = try PodTerms().patch(Pods.pod("{\(Self.alone)}"), for: context).pod
        #expect(pod.at("/metadata/labels")?["berth.io/reservation-id"] == nil)
        #expect(pod.at("/metadata/annotations")?["berth.io/reservation-id"] == "prod/ana/:1")
    }
}

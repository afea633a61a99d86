// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Testing

@testable import MeasuredUse

@Suite struct UseSumsTests {
    private func util(_ value: String, pod: String = "", uuid: String = "g") -> String {
        let owner = pod.isEmpty ? "" : ",container=\"c\",namespace=\"jupyter\",pod=\"\(pod)\""
        return "DCGM_FI_DEV_GPU_UTIL{UUID=\"\(uuid)\"\(owner)} \(value)\n"
    }

    private func memory(_ value: String, pod: String = "", uuid: String = "g") -> String {
        util(value, pod: pod, uuid: uuid).replacing("GPU_UTIL", with: "FB_USED")
    }

    @Test func `DCGM's page tells of cards, MIG instances and pods`() throws {
        let sums = sums(try Pages.named("dcgm"))
        #expect(sums.devices["GPU-aaaa"] == Use(busy: Measured(87, at: noon), memory: Measured(MiB(30112), at: noon)))
        #expect(sums.devices["GPU-bbbb"] == Use(busy: Measured(0, at: noon), memory: Measured(MiB(4), at: noon)))
        #expect(sums.devices["GPU-cccc/9"] == Use(busy: Measured(43, at: noon), memory: Measured(MiB(2048), at: noon)))
        #expect(sums.devices["GPU-cccc"] == nil)
        #expect(sums.pods[pod("jupyter-ana")] == [nil: try #require(sums.devices["GPU-aaaa"])])
        #expect(sums.pods[pod("jupyter-bo")]?[.none] == Use(memory: Measured(MiB(2048), at: noon)))
        #expect(sums.pods.count == 2)
    }

    @Test func `MetaGPU's page is the sum of processes for a pod, and of all of them for a card`() throws {
        let sums = sums(try Pages.named("metagpu"))
        #expect(sums.devices == ["GPU-dddd": Use(busy: Measured(42, at: noon), memory: Measured(MiB(15360), at: noon))])
        #expect(
            sums.pods[pod("jupyter-ana")]
                == [nil: Use(busy: Measured(42, at: noon), memory: Measured(MiB(9216), at: noon))])
        #expect(sums.pods[pod("jupyter-bo")]?[.none]?.memory?.value == MiB(6000))
        #expect(
            sums.pods[pod("jupyter-cy")]?[.none] == Use(busy: Measured(0, at: noon), memory: Measured(MiB(0), at: noon))
        )
    }

    @Test(arguments: ["NaN", "+Inf", "-1", "101", "1e300", "1e999"])
    func `a value that no GPU can have makes the whole unknown, and nothing else`(value: String) {
        let sums = sums(util(value) + memory("512") + util("7", uuid: "h"))
        #expect(sums.devices["g"] == Use(memory: Measured(MiB(512), at: noon)))
        #expect(sums.devices["h"]?.busy?.value == 7)
        #expect(self.sums(util(value, pod: "a") + util("9", pod: "b")).devices["g"]?.busy == nil)
    }

    private func sums(_ page: String) -> UseSums { MeasuredUseTests.sums(page) }

    @Test(arguments: ["4194305", "1e18", "NaN"])
    func `memory beyond any card is unknown`(value: String) {
        #expect(sums(memory(value)).devices["g"] == Use())
    }

    @Test func `the same series twice is one, and unknown where it contradicts itself`() {
        #expect(sums(memory("9", pod: "a") + memory("9", pod: "a")).devices["g"]?.memory?.value == MiB(9))
        let lying = sums(memory("9", pod: "a") + memory("8", pod: "a"))
        #expect(lying.devices["g"] == Use())
        #expect(lying.pods[pod("a")] == [:] || lying.pods[pod("a")] == nil)
    }

    @Test func `of the same series at two times the younger counts`() {
        let page = "DCGM_FI_DEV_FB_USED{UUID=\"g\"} 5 1764331190000\nDCGM_FI_DEV_FB_USED{UUID=\"g\"} 6 1764331180000\n"
        #expect(sums(page).devices["g"]?.memory == Measured(MiB(5), at: noon + .seconds(-10)))
    }

    @Test func `what is copied to each sharing pod is not added up, and what is split among them is`() {
        #expect(sums(memory("900", pod: "a") + memory("900", pod: "b")).devices["g"]?.memory?.value == MiB(900))
        let split = sums(
            memory("900", pod: "a") + memory("100", pod: "b") + util("80", pod: "a") + util("70", pod: "b"))
        #expect(split.devices["g"] == Use(busy: Measured(100, at: noon), memory: Measured(MiB(1000), at: noon)))
        #expect(split.pods[pod("a")]?[.none]?.memory?.value == MiB(900))
    }

    @Test func `a pod on two cards has the memory of both, and is as busy as the busier`() {
        let page =
            memory("10", pod: "a") + memory("30", pod: "a", uuid: "h") + util("5", pod: "a")
            + util("60", pod: "a", uuid: "h")
        #expect(
            sums(page).pods[pod("a")]?[.none] == Use(busy: Measured(60, at: noon), memory: Measured(MiB(40), at: noon)))
    }

    @Test(arguments: [
        "DCGM_FI_DEV_GPU_UTIL 50", "DCGM_FI_DEV_GPU_UTIL{gpu=\"0\"} 50", "DCGM_FI_DEV_GPU_UTIL{UUID=\"\",pod=\"a\"} 5",
    ])
    func `a series without the labels that say whose it is counts for nobody`(page: String) {
        #expect(sums(page).devices.isEmpty)
        #expect(sums(page).pods.isEmpty)
    }

    @Test func `labels that Prometheus has renamed are the pod's, and its own are not`() {
        let page =
            #"DCGM_FI_DEV_FB_USED{UUID="g",pod="dcgm-x",namespace="ops",exported_pod="a",exported_namespace="jupyter"} 3"#
        #expect(Array(sums(page).pods.keys) == [pod("a")])
    }

    @Test func `a MIG instance that has a name of its own goes by it`() {
        let page = #"DCGM_FI_DEV_FB_USED{UUID="g",GPU_I_ID="3",dra_mig_device_uuid="MIG-1"} 3"#
        #expect(Array(sums(page).devices.keys) == ["MIG-1"])
    }
}

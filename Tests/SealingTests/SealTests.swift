// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Sealing

struct SealTests {
    private let key = [UInt8](repeating: 7, count: 32)
    private let facts = SealedFacts(
        reservationID: "r1", deployment: "production", namespace: "jupyter", pod: "jupyter-ada",
        gpu: .init(pool: "a100", resource: "nvidia.com/gpu", count: 1, limitMiB: 20480))

    private func changed(
        id: String = "r1", deployment: String = "production", namespace: String = "jupyter",
        pod: String = "jupyter-ada",
        pool: String = "a100", resource: String = "nvidia.com/gpu", count: Int = 1, limitMiB: Int? = 20480
    ) -> SealedFacts {
        SealedFacts(
            reservationID: id, deployment: deployment, namespace: namespace, pod: pod,
            gpu: .init(pool: pool, resource: resource, count: count, limitMiB: limitMiB))
    }

    @Test func `a seal fits its own facts and no others`() {
        let keys = SealKeys(key)
        let seal = keys.seal(facts)
        #expect(seal.utf8.count == 64 && seal == keys.seal(facts))
        #expect(keys.accept(seal, for: facts))
        let others = [
            changed(id: "r2"), changed(deployment: "test"), changed(namespace: "jupyter2"), changed(pod: "jupyter-bob"),
            changed(pool: "a10"), changed(resource: "nvidia.com/gpu2"), changed(count: 2), changed(limitMiB: 40960),
            changed(limitMiB: nil),
            SealedFacts(reservationID: "r1", deployment: "production", namespace: "jupyter", pod: "jupyter-ada"),
        ]
        for other in others { #expect(!keys.accept(seal, for: other), "\(other)") }
    }

    @Test(arguments: ["", "0", String(repeating: "0", count: 64), String(repeating: "é", count: 32)])
    func `what is no seal is accepted for nothing`(text: String) {
        #expect(!SealKeys(key).accept(text, for: facts))
    }

    @Test func `letters that move from one fact to the next make other facts`() {
        #expect(
            changed(id: "r1p", deployment: "roduction").encoded != changed(id: "r1", deployment: "production").encoded)
        #expect(changed(pool: "", resource: "a").encoded != changed(pool: "a", resource: "").encoded)
        let without = SealedFacts(reservationID: "r", deployment: "d", namespace: "n", pod: "p")
        #expect(facts.encoded.count > without.encoded.count)
    }

    @Test func `the previous key is believed and does not seal`() {
        let old = SealKeys(key)
        let new = SealKeys([UInt8](repeating: 8, count: 32), previous: key)
        #expect(new.accept(old.seal(facts), for: facts) && new.accept(new.seal(facts), for: facts))
        #expect(new.seal(facts) != old.seal(facts) && !old.accept(new.seal(facts), for: facts))
    }

    /// `printf '\x00…' | openssl mac -digest SHA256 -macopt hexkey:0707… HMAC` of the bytes that the README describes.
    @Test func `a seal is the HMAC that another program makes of the same bytes`() {
        #expect(
            SealKeys(key).seal(SealedFacts(reservationID: "r", deployment: "d", namespace: "n", pod: "p"))
                == "ea4fb89c745460570a7795e58d73f8a883999681a198309d5c9b2106f101e7d3")
    }

    private func owner(
        id: String = "r1", deployment: String = "production", namespace: String = "jupyter",
        pod: String = "jupyter-ada", user: String = "ada", server: String = "", pool: String = "a100",
        amount: String = "cards=1",
        walltime: Int64? = 3600
    ) -> SealedOwner {
        SealedOwner(
            reservationID: id, deployment: deployment, namespace: namespace, pod: pod, user: user, server: server,
            pool: pool, amount: amount, walltimeSeconds: walltime)
    }

    @Test func `a seal of whose a pod is fits no other user, amount or walltime, and is no seal of a pod`() {
        let keys = SealKeys(key)
        let seal = keys.seal(owner())
        #expect(keys.accept(seal, for: owner()) && !keys.accept(seal, for: facts))
        let others = [
            owner(id: "r2"), owner(deployment: "test"), owner(namespace: "jupyter2"), owner(pod: "jupyter-bob"),
            owner(user: "bob"), owner(server: "second"), owner(pool: "a10"), owner(amount: "cards=2"),
            owner(walltime: 7200), owner(walltime: nil), owner(user: "", server: "ada"),
        ]
        for other in others { #expect(!keys.accept(seal, for: other), "\(other)") }
    }

    @Test func `keys are never printed`() {
        var text = ""
        dump(SealKeys(key), to: &text)
        #expect(!"\(SealKeys(key))\(text)".contains("7"))
    }
}

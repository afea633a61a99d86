// SPDX-License-Identifier: Apache-2.0
import PodPatching
import SpawnModel
import Testing

/// `berth.io/gpu-amount`, written and read.
struct AmountAnnotationTests {
    @Test(arguments: [
        (GPUAmount.cards(2), "cards=2"), (.migInstances(1), "mig-instances=1"),
        (.share(request: MiB(10_240), limit: MiB(20_480)), "request=10240Mi,limit=20480Mi"),
    ])
    func `an amount is read as it was written`(amount: GPUAmount, text: String) {
        #expect(amount.annotation == text)
        #expect(GPUAmount(annotation: text) == amount)
    }

    @Test(arguments: [
        "", "cards", "cards=", "cards=0", "cards=-1", "cards=99999999999999999999", "cards=4294967297", "cards=1,",
        "cards=1,cards=1", "request=1Mi", "limit=2Mi,request=1Mi", "request=1,limit=2", "request=1Mi,limit=2Mi,",
        "gpus=1", "=1", "cards= 1",
    ])
    func `what was never written is no amount`(text: String) {
        #expect(GPUAmount(annotation: text) == nil)
    }
}

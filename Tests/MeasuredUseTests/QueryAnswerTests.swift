// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Testing

@testable import MeasuredUse

@Suite struct QueryAnswerTests {
    private func read(_ text: String) throws -> [Sample] { try QueryAnswer(Array(text.utf8), now: noon).samples }

    private func answer(_ series: String) -> String {
        #"{"status":"success","data":{"resultType":"matrix","result":[\#(series)]}}"#
    }

    @Test func `the query names each metric, over as long as an answer counts`() {
        let terms = terms([])
        #expect(
            QueryAnswer.query(terms.metrics, over: terms.staleAfter)
                == #"{__name__=~"metagpu_device_memory_used|metagpu_process_absolute_gpu_utilization|metagpu_process_memory_usage|"#
                + #"DCGM_FI_DEV_GPU_UTIL|DCGM_FI_PROF_GR_ENGINE_ACTIVE|DCGM_FI_DEV_FB_USED"}[120s]"#)
    }

    @Test func `of each series the last value counts, with its own time`() throws {
        let series = #"{"metric":{"__name__":"m","UUID":"g"},"values":[[1764331130.25,"1"],[1764331190.25,"2"]]}"#
        #expect(
            try read(answer(series)) == [
                Sample(metric: "m", labels: ["UUID": "g"], value: 2, at: Instant(unixMilliseconds: 1_764_331_190_250))
            ])
    }

    @Test(arguments: [
        #"{"metric":{"__name__":"m"},"values":[]}"#, #"{"metric":{"UUID":"g"},"values":[[1764331190,"2"]]}"#,
        #"{"metric":{"__name__":"m"},"values":[[1764331190,2]]}"#, #"{"metric":{"__name__":"m"},"values":[["x","2"]]}"#,
        #"{"metric":{"__name__":"m"},"values":[[1e300,"2"]]}"#, #"{"metric":{"__name__":"m"},"values":[[-1,"2"]]}"#,
        #"{"metric":{"__name__":"m"},"values":[[1764331190]]}"#, "7",
    ])
    func `a series that makes no sense is left out, and no other`(series: String) throws {
        let good = #"{"metric":{"__name__":"m"},"values":[[1764331190,"NaN"]]}"#
        #expect(try read(answer("\(series),\(good)")).map(\.value.isNaN) == [true])
    }

    @Test(arguments: [
        "", "<html>", #"{"status":"error","errorType":"bad_data","error":"x"}"#,
        #"{"status":"success","data":{"resultType":"vector","result":[]}}"#,
        #"{"status":"success","data":{"resultType":"matrix"}}"#,
    ])
    func `what is no answer to the query is refused`(text: String) {
        #expect(throws: QueryAnswer.Unreadable.self) { try read(text) }
    }

    @Test func `a real server's answer says of DCGM's page what the page says`() throws {
        let now = Instant(unixSeconds: 4_000_000_000)
        let answer = try QueryAnswer(Array(Pages.named("prometheus").utf8), now: now)
        let (told, read) = (UseSums(answer.samples, Exporters.all), sums(try Pages.named("dcgm")))
        #expect(told.devices.mapValues { $0.busy?.value } == read.devices.mapValues { $0.busy?.value })
        #expect(told.devices.mapValues { $0.memory?.value } == read.devices.mapValues { $0.memory?.value })
        #expect(told.pods.keys == read.pods.keys)
        #expect(told.devices["GPU-aaaa"]?.at == answer.samples.map(\.at).max())
    }
}

// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import SpawnModel

extension HubRoutes {
    /// Answers where it stands if it is known whom the call is about, which needs no wait but for a token that was not
    /// proven lately, and for a directory or look-up that was not asked lately.
    func about(
        _ call: HubCall, _ work: @escaping @Sendable (Subject) throws(Problem) -> HTTPResponse
    ) -> HTTPAnswer {
        let atHand: Subject?
        do throws(Problem) { atHand = try call.subjectAtHand(sources) } catch { return .now(refused(call, error)) }
        if let atHand { return .now(settled(call) { () throws(Problem) in try work(atHand) }) }
        return later(call) { () async throws(Problem) in try work(try await call.subject(by: sources)) }
    }
}

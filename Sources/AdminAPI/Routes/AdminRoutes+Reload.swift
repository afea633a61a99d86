// SPDX-License-Identifier: Apache-2.0
import GPULedger
import HTTPServer
import HubAPI
import JSONTree
import SpawnModel

extension AdminRoutes {
    /// Reads the configuration again and waits for the outcome. Written to the audit before, so that nothing is changed
    /// that could not be written down.
    func reload(_ call: AdminCall) async throws(Problem) -> HTTPResponse {
        try call.members("reason")
        let author = try call.author()
        do {
            try await ledger.audit(
                .reload, "configuration", before: "", after: "asked for", by: author, now: call.now)
        } catch {
            throw Problem(error)
        }
        let report = await reload()
        return call.ok([
            "outcome": JSON(report.isInForce ? "loaded" : "refused"),
            "faults": JSON(report.faults.prefix(100).map { JSON($0) }),
            "waiting_for_restart": JSON(report.waitingForRestart.map { JSON($0) }),
            "loaded_at": JSON(report.loadedAt.description),
        ])
    }
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Sidecars

struct Token: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep the files with a user's access tokens fresh, inside their pod.",
        discussion: """
            A sidecar: Berth puts it into the pod and tells it all by BERTH_URL, BERTH_CREDENTIAL_FILE and BERTH_TOKENS. \
            Beside each file is one that ends in .status and says how the \
            token stands. All of them are removed when the reservation has ended or at SIGTERM; then it exits 0. The log \
            goes to standard error, one JSON object a line.
            """
    )

    func run() throws {
        let pod = try InPod("berth-token")
        let files: [TokenFile]
        do throws(SidecarError) { files = try TokenFile.all(of: .own) } catch { throw Failure("\(error)") }
        let sidecar = TokenSidecar(files, asking: pod.calls, log: pod.log, now: ClockReading.now)
        try pod.run({ await sidecar.run() }, stop: { await sidecar.stop() })
    }
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HTTPServer
import Logging
import Sidecars
import Sockets

struct Walltime: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Count a server's time down, inside its pod.",
        discussion: """
            A sidecar: Berth puts it into the pod and tells it all by BERTH_URL, BERTH_CREDENTIAL_FILE, \
            BERTH_RESERVATION_ID, BERTH_WALLTIME_S and BERTH_NOTICE_DIR. It tells the user in JupyterLab, in terminals and \
            by a Unix socket, asks Berth to end the server when its time is over, and exits 0 when the reservation has \
            ended or at SIGTERM. The log goes to standard error, one JSON object a line.
            """
    )

    func run() throws {
        let pod = try InPod("berth-walltime")
        let sidecar: WalltimeSidecar
        do throws(SidecarError) {
            sidecar = try WalltimeSidecar(.own, asking: pod.calls, log: pod.log, now: ClockReading.now)
        } catch {
            throw Failure("\(error)")
        }
        try pod.run({ await sidecar.run() }, stop: { await sidecar.stop() }, serving: try socket(of: sidecar, in: pod))
    }

    /// On no address where the socket cannot be had: the notices are worth more than it.
    private func socket(of sidecar: WalltimeSidecar, in pod: InPod) throws(SocketError) -> HTTPServer {
        let service = WalltimeSocket(sidecar)
        // Whoever the user's programs run as: only the server's container sees the directory.
        let address = ListenAddress.unix(path: sidecar.socketPath, mode: 0o666)
        do throws(SocketError) {
            return try HTTPServer(addresses: [address], limits: WalltimeSocket.limits, on: [pod.loop], service: service)
        } catch {
            pod.log.warning("nobody can ask by the socket", metadata: ["detail": .string("\(error)")])
            return try HTTPServer(addresses: [], on: [pod.loop], service: service)
        }
    }
}

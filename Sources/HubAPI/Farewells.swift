// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import Logging
import SpawnModel
import Synchronization

/// Tells programs that a server is gone: again and again until they have heard it, or for long enough.
final class Farewells: Sendable {
    /// What is not told within these, a quarter of an hour in all, is told to the operators.
    static let pauses: [Duration] = [
        .seconds(1), .seconds(5), .seconds(30), .seconds(120), .seconds(300), .seconds(450),
    ]
    /// A program that is away for long must not have Berth keep all stops of a day.
    static let waitingMost = 1000

    private let asking: any WebAsking
    private let log: Logger
    private let waiting = Mutex(0)

    init(asking: any WebAsking, log: Logger) {
        self.asking = asking
        self.log = log
    }

    /// Returns at once.
    func say(_ request: HTTPClientRequest, to name: String, start: StartID) {
        let isRoom = waiting.withLock { waiting in
            guard waiting < Self.waitingMost else { return false }
            waiting += 1
            return true
        }
        guard isRoom else { return giveUp(name, start, "too many stops wait to be told") }
        Task {
            await sayUntilHeard(request, name, start)
            waiting.withLock { $0 -= 1 }
        }
    }

    private func sayUntilHeard(_ request: HTTPClientRequest, _ name: String, _ start: StartID) async {
        var reason = await fault(of: request)
        for pause in Self.pauses {
            guard reason != nil else { return }
            try? await Task.sleep(for: pause)
            reason = await fault(of: request)
        }
        if let reason { giveUp(name, start, reason) }
    }

    /// Nil once it is heard.
    private func fault(of request: HTTPClientRequest) async -> String? {
        do throws(HTTPClientError) {
            let status = try await asking.send(request).status
            return (200..<300).contains(status) ? nil : "it answers with status \(status)"
        } catch {
            return "\(error)"
        }
    }

    private func giveUp(_ name: String, _ start: StartID, _ reason: String) {
        log.error(
            "a program was not told of a stop",
            metadata: ["call": .string(name), "start": .string(start.text), "reason": .string(reason)])
    }
}

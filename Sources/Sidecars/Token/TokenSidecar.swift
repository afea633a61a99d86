// SPDX-License-Identifier: Apache-2.0
package import Logging

/// Keeps the files with the user's access tokens fresh, and removes them when it ends.
///
/// `run` returns when the reservation has ended, and after `stop`.
package actor TokenSidecar {
    private let files: [TokenFile]
    private let calls: BerthCalls
    private let now: @Sendable () -> ClockReading
    private let log: Logger
    private var keepings: [TokenFile: TokenKeeping] = [:]
    private var isOver = false

    package init(
        _ files: [TokenFile], asking calls: BerthCalls, log: Logger, now: @escaping @Sendable () -> ClockReading
    ) {
        self.files = files
        self.calls = calls
        self.log = log
        self.now = now
    }

    package func run() async {
        await withTaskGroup { group in
            for file in files { group.addTask { await self.keepFresh(file) } }
        }
    }

    /// No token, status or draft is left, and none is written any more.
    package func stop() {
        isOver = true
        for file in files { file.remove() }
    }

    private func keepFresh(_ file: TokenFile) async {
        guard !isOver else { return }
        keepings[file] = file.taken(over: now())
        while !isOver {
            var keeping = keepings[file] ?? TokenKeeping()
            takeAwayExpired(file, &keeping)
            if keeping.renewal <= now().sinceBoot { await renew(file, &keeping) }
            guard !isOver else { return }
            takeAwayExpired(file, &keeping)
            note(keeping, of: file)
            // Not longer, since the machine may sleep; not shorter, since an expired token may not be to be taken away.
            try? await Task.sleep(for: min(max(keeping.quiet(at: now().sinceBoot), .seconds(1)), .seconds(10)))
        }
    }

    private func renew(_ file: TokenFile, _ keeping: inout TokenKeeping) async {
        let asked = now()
        do throws(SidecarError) {
            let answer = try TokenAnswer(try await calls.ask(.token(for: file.audience)), for: file.audience)
            guard !isOver else { return }
            try file.write(answer.token)
            keeping.received(
                life: answer.life, expiresAt: answer.expiresAt, warning: answer.warning, asked: asked,
                random: .random(in: 0..<1))
        } catch {
            if error == .ended {
                log.notice("the reservation has ended")
                return stop()
            }
            keeping.failed(error, at: now().sinceBoot, random: .random(in: 0..<1))
        }
    }

    /// Most readers of the file take an empty one for none, and look elsewhere.
    private func takeAwayExpired(_ file: TokenFile, _ keeping: inout TokenKeeping) {
        guard keeping.isExpired(at: now().sinceBoot), (try? file.empty()) != nil else { return }
        keeping.noteTakenAway()
    }

    /// Tells by the status file and the log, where something has changed.
    private func note(_ keeping: TokenKeeping, of file: TokenFile) {
        let before = keepings.updateValue(keeping, forKey: file)
        guard before != keeping else { return }
        do throws(SidecarError) { try file.write(keeping) } catch { complain(error, of: file) }
        guard before?.state != keeping.state || before?.detail != keeping.detail else { return }
        let words: Logger.Message = keeping.state == .ok ? "the token is fresh" : "the token is not renewed"
        log.log(
            level: keeping.state == .ok ? .info : .warning, words,
            metadata: [
                "audience": .string(file.audience), "state": .string(keeping.state.rawValue),
                "detail": .string(keeping.detail ?? ""),
            ])
    }

    private func complain(_ error: SidecarError, of file: TokenFile) {
        log.warning("the token's status is not written", metadata: ["detail": .string("\(error)")])
    }
}

// SPDX-License-Identifier: Apache-2.0
import JSONTree
package import Logging
import SpawnModel

/// Counts a server's time down beside it: tells its user, and Berth when it is over.
///
/// `run` returns when the reservation has ended, and after `stop`.
package actor WalltimeSidecar {
    private let reservation: String
    private let calls: BerthCalls
    private let board: NoticeBoard
    private let now: @Sendable () -> ClockReading
    private let log: Logger
    private var countdown: Countdown
    private var answer: WalltimeAnswer?
    private var notice: Notice?
    private var isPrepared = false
    private var isOver = false
    private var backoff = Backoff()
    /// The last complaint of each kind, so that one that goes on is logged once.
    private var complaints: [String: String] = [:]

    /// Where the user's programs ask.
    package nonisolated var socketPath: String { board.directory + "/socket" }

    package init(
        _ environment: PodEnvironment, asking calls: BerthCalls, log: Logger,
        now: @escaping @Sendable () -> ClockReading
    ) throws(SidecarError) {
        reservation = try environment.required("BERTH_RESERVATION_ID", expected: "the reservation's id")
        board = NoticeBoard(try environment.directory("BERTH_NOTICE_DIR"))
        self.calls = calls
        self.log = log
        self.now = now
        let time = now()
        let kept = board.keptState()
        if let kept, let countdown = Countdown(state: kept, of: reservation, at: time) {
            self.countdown = countdown
            notice = kept["notice"].flatMap { Notice($0) }
        } else if let walltime = environment["BERTH_WALLTIME_S"].flatMap(Int.init), walltime > 0 {
            countdown = Countdown(walltime: .seconds(walltime), at: time.sinceBoot)
        } else {
            countdown = Countdown()
        }
    }

    package func run() async {
        async let asking: Void = keepAsking()
        await keepShowing()
        await asking
    }

    /// The pod is being stopped, or this container is: what is known stays for the next one.
    package func stop() { isOver = true }

    // MARK: Asking

    private func keepAsking() async {
        while !isOver {
            var pause = Duration.seconds(30) * Double.random(in: 0.9..<1.1)
            do throws(SidecarError) {
                try await askWhatIsDue()
                await giveDueNotice()
                backoff.reset()
                settle("asking")
                // Notices and the end are on time; after a failure Berth is left in peace instead.
                if !countdown.isEndTold, let quiet = countdown.quiet(at: now().sinceBoot) { pause = min(pause, quiet) }
            } catch {
                if error == .ended { return finish() }
                complain(of: "asking", error)
                pause = backoff.pause(asked: error.retryAfter, random: .random(in: 0..<1))
            }
            await sleep(pause)
        }
    }

    private var isEndDue: Bool { countdown.due(at: now().sinceBoot) == .end }

    private func askWhatIsDue() async throws(SidecarError) {
        let asked = now().sinceBoot
        guard isEndDue else { return try hear(try await calls.ask(.walltime), asked: asked) }
        let json = try await calls.ask(.end)
        switch json["outcome"]?.string {
        case "stopping":
            countdown.hearStopping()
            post(.ended, WalltimeWords.ended)
            log.notice("the server's time is over", metadata: ["reservation_id": .string(reservation)])
        case "not-due":
            countdown.hearNotDue(left: json["left_s"]?.span, asked: asked)
        default:
            throw .unexpected("no outcome of the end")
        }
        keep()
    }

    private func hear(_ json: JSON, asked: Duration) throws(SidecarError) {
        let answer = try WalltimeAnswer(json)
        guard !isOver else { return }
        self.answer = answer
        let move = countdown.hear(answer, asked: asked)
        if let move { tellMove(move) }
        keep()
    }

    /// Who has been told of the old end is told of the new one.
    private func tellMove(_ move: Countdown.Move) {
        let time = now()
        guard let left = countdown.left(at: time.sinceBoot) else { return }
        log.info("the end was moved", metadata: ["left_s": .stringConvertible(Int(left.wholeSeconds))])
        guard notice != nil || move == .earlier else { return }
        post(.moved, WalltimeWords.moved(left, at: time.wall))
    }

    // MARK: Showing

    private func keepShowing() async {
        while !isOver {
            await giveDueNotice()
            guard !isOver else { return }
            show()
            await sleep(pauseOfShowing)
        }
    }

    private func giveDueNotice() async {
        let time = now()
        guard !isOver, case .notice(let span) = countdown.due(at: time.sinceBoot),
            let left = countdown.left(at: time.sinceBoot)
        else { return }
        countdown.noteNotice(before: span)
        post(.left, WalltimeWords.left(left, at: time.wall, answer?.extending))
        keep()
        show()
        // Berth keeps it for those who ask later; the user has seen it whether Berth hears of it or not.
        _ = try? await calls.ask(.shown(left: span))
    }

    private func post(_ kind: Notice.Kind, _ text: String) {
        notice = Notice(number: (notice?.number ?? 0) + 1, kind: kind, text: text)
        attempt("notice") { () throws(SidecarError) in try board.post(text) }
    }

    /// JupyterLab counts on from what it reads, so it needs to be told often only near the end.
    private var pauseOfShowing: Duration {
        let time = now().sinceBoot
        let usual = (countdown.left(at: time) ?? .seconds(3600)) < .seconds(60) ? Duration.seconds(1) : .seconds(5)
        guard let quiet = countdown.quiet(at: time), quiet > .zero else { return usual }
        return min(usual, quiet)
    }

    private func show() {
        attempt("showing") { () throws(SidecarError) in
            if !isPrepared {
                try board.prepare()
                isPrepared = true
            }
            try board.showInLab(labState)
        }
    }

    private var labState: JSON {
        let left = countdown.left(at: now().sinceBoot)
        return [
            "left_s": left.map { JSON(Int($0.wholeSeconds)) } ?? .null,
            "warn_before_s": JSON(countdown.warnBefore.map { JSON(Int($0.wholeSeconds)) }),
            "notice": notice?.json ?? .null, "extension": answer?.extending?.json ?? .null,
            "page": answer?.page.map { JSON($0) } ?? .null,
        ]
    }

    // MARK: Keeping

    private func keep() {
        attempt("keeping") { () throws(SidecarError) in
            var state = countdown.state(of: reservation, at: now())
            state["notice"] = notice?.json
            try board.keep(state)
        }
    }

    private func finish() {
        isOver = true
        board.forget()
        attempt("showing") { () throws(SidecarError) in try board.showInLab(labState) }
        log.notice("the reservation has ended", metadata: ["reservation_id": .string(reservation)])
    }

    /// What cannot be written now is written the next time.
    private func attempt(_ what: String, _ work: () throws(SidecarError) -> Void) {
        do throws(SidecarError) {
            try work()
            settle(what)
        } catch {
            complain(of: what, error)
        }
    }

    private func complain(of what: String, _ error: SidecarError) {
        guard complaints.updateValue("\(error)", forKey: what) != "\(error)" else { return }
        log.warning("\(error)", metadata: ["at": .string(what)])
    }

    private func settle(_ what: String) {
        guard complaints.removeValue(forKey: what) != nil else { return }
        log.notice("it works again", metadata: ["at": .string(what)])
    }

    /// Nothing waits for it once the sidecar is stopped.
    private func sleep(_ span: Duration) async { try? await Task.sleep(for: span) }
}

// MARK: - Asked by the user

extension WalltimeSidecar {
    /// How long the server still runs.
    func standing() -> String {
        let time = now()
        guard let left = countdown.left(at: time.sinceBoot) else { return WalltimeWords.endless }
        if countdown.isEndTold { return WalltimeWords.ended }
        return WalltimeWords.left(left, at: time.wall, answer?.extending)
    }

    /// Moves the end as far as Berth lets the user, and says where it is now.
    func extend() async throws(SidecarError) -> String {
        let asked = now().sinceBoot
        try hear(try await calls.ask(.extend), asked: asked)
        show()
        let time = now()
        guard let left = countdown.left(at: time.sinceBoot) else { return WalltimeWords.endless }
        return WalltimeWords.moved(left, at: time.wall)
    }
}

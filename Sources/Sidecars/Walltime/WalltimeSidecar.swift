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
    let board: NoticeBoard
    let now: @Sendable () -> ClockReading
    private let log: Logger
    var countdown: Countdown
    /// To where it ends for being unused.
    var idle = Countdown()
    var answer: WalltimeAnswer?
    var notice: Notice?
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
        let reservation = try environment.required("BERTH_RESERVATION_ID", expected: "the reservation's id")
        self.reservation = reservation
        board = NoticeBoard(try environment.directory("BERTH_NOTICE_DIR"))
        self.calls = calls
        self.log = log
        self.now = now
        let time = now()
        let kept = board.keptState()
        if let kept, let countdown = Countdown(state: kept, of: reservation, at: time) {
            self.countdown = countdown
            idle = kept["idle"].flatMap { Countdown(state: $0, of: reservation, at: time) } ?? Countdown()
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
            let pause: Duration
            do throws(SidecarError) {
                try await askWhatIsDue()
                await giveDueNotice()
                backoff.reset()
                settle("asking")
                // Notices and the end are on time; after a failure Berth is left in peace instead.
                let usual = askEvery * Double.random(in: 0.9..<1.1)
                pause = quiet.map { min(usual, $0) } ?? usual
            } catch {
                if error == .ended { return finish() }
                complain(of: "asking", error)
                pause = backoff.pause(asked: error.retryAfter, random: .random(in: 0..<1))
            }
            await sleep(pause)
        }
    }

    /// Whether the server is used changes at any time: where that ends it soon, it is asked often enough to tell its user.
    private var askEvery: Duration { min(.seconds(30), (answer?.idle?.limit ?? .seconds(300)) / 10) }

    private var isEndDue: Bool {
        let time = now().sinceBoot
        return counting.contains { $0.due(at: time) == .end }
    }

    /// Until something becomes due; nil where nothing will.
    private var quiet: Duration? {
        let time = now().sinceBoot
        return counting.filter { !$0.isEndTold }.compactMap { $0.quiet(at: time) }.min()
    }

    private func askWhatIsDue() async throws(SidecarError) {
        let asked = now().sinceBoot
        guard isEndDue else { return try hear(try await calls.ask(.walltime), asked: asked) }
        let json = try await calls.ask(.end)
        switch json["outcome"]?.string {
        case "stopping": hearStopping(json["reason"]?.string == "idle" ? answer?.idle : nil)
        case "not-due":
            countdown.hearNotDue(left: json["left_s"]?.span, asked: asked)
            hearIdleNotDue(json["idle_left_s"]?.span, asked: asked)
        default:
            throw .unexpected("no outcome of the end")
        }
        keep()
    }

    /// - Parameter unused: what it ends for, where it is not its walltime.
    private func hearStopping(_ unused: WalltimeAnswer.Idle?) {
        if let unused {
            idle.hearStopping()
            post(.ended, WalltimeWords.endedUnused(unused.limit))
        } else {
            countdown.hearStopping()
            post(.ended, WalltimeWords.ended)
        }
        log.notice(
            "the server is being stopped",
            metadata: ["reservation_id": .string(reservation), "reason": .string(unused == nil ? "walltime" : "idle")])
    }

    private func hear(_ json: JSON, asked: Duration) throws(SidecarError) {
        let answer = try WalltimeAnswer(json)
        guard !isOver else { return }
        self.answer = answer
        let move = countdown.hear(left: answer.left, warnBefore: answer.warnBefore, asked: asked)
        if let move { tellMove(move) }
        hear(answer.idle, asked: asked)
        keep()
    }

    /// Who has been told of the old end is told of the new one, by one notice: one that is due says it, too.
    private func tellMove(_ move: Countdown.Move) {
        let time = now()
        guard let left = countdown.left(at: time.sinceBoot) else { return }
        log.info("the end was moved", metadata: ["left_s": .stringConvertible(Int(left.wholeSeconds))])
        guard notice != nil || move == .earlier, countdown.due(at: time.sinceBoot) == nil else { return }
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
        guard !isOver, let span = noticeOfEnd(at: time) ?? noticeOfIdle(at: time) else { return }
        keep()
        show()
        // Berth keeps it for those who ask later; the user has seen it whether Berth hears of it or not.
        _ = try? await calls.ask(.shown(left: span))
    }

    /// Gives it if it is due; before which span.
    private func noticeOfEnd(at time: ClockReading) -> Duration? {
        guard case .notice(let span) = countdown.due(at: time.sinceBoot),
            let left = countdown.left(at: time.sinceBoot)
        else { return nil }
        countdown.noteNotice(before: span)
        post(.left, WalltimeWords.left(left, at: time.wall, answer?.extending))
        return span
    }

    func post(_ kind: Notice.Kind, _ text: String) {
        notice = Notice(number: (notice?.number ?? 0) + 1, kind: kind, text: text)
        attempt("notice") { () throws(SidecarError) in try board.post(text) }
    }

    /// JupyterLab counts on from what it reads, so it needs to be told often only near the end.
    private var pauseOfShowing: Duration {
        let time = now().sinceBoot
        let left = counting.compactMap { $0.left(at: time) }.min() ?? .seconds(3600)
        let usual = left < .seconds(60) ? Duration.seconds(1) : .seconds(5)
        guard let quiet, quiet > .zero else { return usual }
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
        let time = now().sinceBoot
        return [
            "left_s": countdown.left(at: time).json,
            "warn_before_s": JSON(countdown.warnBefore.map { JSON(Int($0.wholeSeconds)) }),
            "notice": notice?.json ?? .null, "extension": answer?.extending?.json ?? .null,
            "page": answer?.page.map { JSON($0) } ?? .null,
            "idle": answer?.idle.map { ["limit_s": $0.limit.json, "left_s": idle.left(at: time).json] } ?? .null,
        ]
    }

    // MARK: Keeping

    private func keep() {
        attempt("keeping") { () throws(SidecarError) in
            var state = countdown.state(of: reservation, at: now())
            state["idle"] = idle.state(of: reservation, at: now())
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
    func attempt(_ what: String, _ work: () throws(SidecarError) -> Void) {
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
        if countdown.isEndTold { return WalltimeWords.ended }
        if let idle = idleStanding(at: time) { return idle }
        guard let left = countdown.left(at: time.sinceBoot) else { return WalltimeWords.endless }
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

extension Duration {
    fileprivate var json: JSON { JSON(Int(wholeSeconds)) }
}

extension Duration? {
    fileprivate var json: JSON { map(\.json) ?? .null }
}

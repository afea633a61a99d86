// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

// The end of a server that nobody uses, beside that of its walltime.

extension WalltimeSidecar {
    /// What was said of being unused is taken back once the server was used, or nobody can tell any more.
    func hear(_ answer: WalltimeAnswer.Idle?, asked: Duration) {
        let wasEndTold = idle.isEndTold
        idle.slack = min(Countdown.usualSlack, (answer?.limit ?? Countdown.usualSlack) / 8)
        let move = idle.hear(left: answer?.left, warnBefore: answer?.warnBefore ?? [], asked: asked)
        if wasEndTold, !idle.isEndTold { return takeBack() }
        guard notice?.kind == .idle else { return }
        if idle.warned.isEmpty { takeBack() } else if move != nil { tellIdle() }
    }

    /// - Parameter left: when to ask again. Longer than the last notice's span, it says that the server was used.
    func hearIdleNotDue(_ left: Duration?, asked: Duration) {
        guard var known = answer?.idle else { return }
        known.left = left.map { max($0, .seconds(1)) }
        hear(known, asked: asked)
    }

    /// What counts down now: being unused only where it ends the server first.
    var counting: [Countdown] { endsUnused ? [countdown, idle] : [countdown] }

    /// Gives it if it is due; before which span.
    func noticeOfIdle(at time: ClockReading) -> Duration? {
        guard endsUnused, case .notice(let span) = idle.due(at: time.sinceBoot) else { return nil }
        idle.noteNotice(before: span)
        tellIdle()
        return span
    }

    /// What its user is told who asks; nil where being unused is not what ends it.
    func idleStanding(at time: ClockReading) -> String? {
        guard let limit = answer?.idle?.limit else { return nil }
        if idle.isEndTold { return WalltimeWords.endedUnused(limit) }
        guard endsUnused, let left = idle.left(at: time.sinceBoot) else { return nil }
        return WalltimeWords.idle(limit, left: left, at: time.wall)
    }

    private var endsUnused: Bool {
        guard let end = idle.end, answer?.idle != nil else { return false }
        return countdown.end.map { end < $0 } ?? true
    }

    private func tellIdle() {
        let time = now()
        guard let limit = answer?.idle?.limit, let left = idle.left(at: time.sinceBoot) else { return }
        post(.idle, WalltimeWords.idle(limit, left: left, at: time.wall))
    }

    /// What was said of the walltime before still holds.
    private func takeBack() {
        let time = now()
        if !countdown.warned.isEmpty, let left = countdown.left(at: time.sinceBoot) {
            return post(.left, WalltimeWords.left(left, at: time.wall, answer?.extending))
        }
        notice = Notice(number: (notice?.number ?? 0) + 1, kind: .used, text: "")
        attempt("notice") { () throws(SidecarError) in try board.clear() }
    }
}

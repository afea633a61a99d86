// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// What a person is told of the end. JupyterLab knows by the number whether it has shown it.
struct Notice: Hashable, Sendable {
    enum Kind: String, Sendable {
        case left, moved, ended
        /// It ends for being unused.
        case idle
        /// It was used again: what was said of that no longer holds.
        case used
    }

    let number: Int
    let kind: Kind
    let text: String

    var json: JSON { ["number": JSON(number), "kind": JSON(kind.rawValue), "text": JSON(text)] }

    init(number: Int, kind: Kind, text: String) {
        (self.number, self.kind, self.text) = (number, kind, text)
    }

    init?(_ json: JSON) {
        guard let number = json["number"]?.int, let kind = json["kind"]?.string.flatMap(Kind.init),
            let text = json["text"]?.string
        else { return nil }
        self.init(number: number, kind: kind, text: text)
    }
}

/// The sentences, without a line end.
enum WalltimeWords {
    static func left(_ left: Duration, at now: Instant, _ extending: WalltimeAnswer.Extension?) -> String {
        "This server ends in \(spoken(left)), at \(clock(now + left)). Save your work." + offer(extending)
    }

    static func moved(_ left: Duration, at now: Instant) -> String {
        "The end was moved: this server now ends in \(spoken(left)), at \(clock(now + left))."
    }

    static func idle(_ limit: Duration, left: Duration, at now: Instant) -> String {
        "Nobody has used this server for \(spoken(max(.zero, limit - left))). It ends in \(spoken(left)), at "
            + "\(clock(now + left)), unless it is used."
    }

    static func endedUnused(_ limit: Duration) -> String {
        "Nobody has used this server for \(spoken(limit)), and it is being stopped."
    }

    static let ended = "This server's time is over, and it is being stopped."
    static let endless = "Nothing ends this server at a set time."

    /// With a command for the terminal in which it may be read.
    private static func offer(_ extending: WalltimeAnswer.Extension?) -> String {
        guard let extending else { return "" }
        return " For \(min(extending.by, extending.left).words) more: "
            + "curl -X POST --unix-socket $\(socketVariable) http://berth/extend"
    }

    private static let socketVariable = "BERTH_WALLTIME_SOCKET"

    /// As people say it: from two minutes up to the nearest minute, and so on.
    static func spoken(_ span: Duration) -> String {
        let seconds = (span + .milliseconds(500)).wholeSeconds
        for (least, unit) in [(Int64(48 * 3600), Int64(3600)), (120, 60)] where seconds >= least {
            let rounded = (seconds + unit / 2) / unit
            return unit == 60 && rounded > 120 ? hours(rounded) : Duration.seconds(rounded * unit).words
        }
        return Duration.seconds(seconds).words
    }

    private static func hours(_ minutes: Int64) -> String {
        let (hours, rest) = minutes.quotientAndRemainder(dividingBy: 60)
        return Duration.seconds(hours * 3600).words + (rest == 0 ? "" : " \(Duration.seconds(rest * 60).words)")
    }

    /// `14:20 UTC`
    private static func clock(_ instant: Instant) -> String {
        instant.description.split(separator: "T").last.map { $0.prefix(5) + " UTC" } ?? ""
    }
}

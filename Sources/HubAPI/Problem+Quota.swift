// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import JSONTree
import SpawnModel

extension Refusal {
    /// A quota is in the way: whose, how much of it is used, and what to do. Names nobody but the user and their group.
    init(_ quota: QuotaShortage, pool: String, at now: Instant, contact: String?) {
        let used = quota.measure.amount(quota.used)
        let limit = quota.measure.amount(quota.limit)
        let remedy = quota.remedy(at: now) + (contact.map { " Ask \($0) if you need more." } ?? "")
        self.init(
            quota.refusal,
            userMessage: "\(quota.sentence(pool: pool, used: used, limit: limit)) \(remedy)",
            detail: "quota of \(quota.scope.words), \(quota.measure.rawValue): \(used) used, "
                + "\(quota.measure.amount(quota.asked)) asked, \(limit) allowed",
            retryAfter: quota.resetsAt.map { max(.seconds(1), $0 - now) })
    }

    /// The hub named a payer that the user has no part in.
    static func payerNotAllowed(_ payer: String) -> Refusal {
        Refusal(
            .payerNotAllowed,
            userMessage: "You are not in the group that was to pay for this session. Choose another group.",
            detail: "`payer` is \(payer), which is not one of the user's groups under `quotas.groups`")
    }
}

extension QuotaShortage {
    /// Hours have a code of their own: they come back by waiting, and by nothing else.
    fileprivate var refusal: Refusal.Reason {
        if measure == .gpuHours { return .gpuHours }
        return switch scope {
        case .user: .userQuota
        case .group: .groupQuota
        case .deployment: .deploymentQuota
        case .pool: .poolQuota
        }
    }

    fileprivate func sentence(pool: String, used: String, limit: String) -> String {
        let most = measure == .gpuHours ? "\(limit) in each period" : "\(limit) at one time"
        return switch scope {
        case .user where self.limit == 0: "You may not use GPUs of this hub."
        case .user where measure == .sessions:
            "You already have \(used)\(Self.list(ownServers)), and may have \(most)."
        case .user: "You already use \(used), and may use \(most)."
        case .group(let name?) where self.limit == 0: "Your group \(name) may not use GPUs."
        case .group(let name?): "Your group \(name) uses \(used), and may use \(most)."
        case .group(nil): "You are in none of the groups that pay for GPUs. All such users together may use \(most)."
        case .deployment: "All users of this hub together use \(used), and may use \(most)."
        case .pool: "\(pool): all users together use \(used), and may use \(most)."
        }
    }

    private static func list(_ servers: [ServerID]) -> String {
        guard !servers.isEmpty else { return "" }
        return " (" + servers.map { $0.name.isEmpty ? "your default server" : "'\($0.name)'" }.joined(separator: ", ")
            + ")"
    }

    fileprivate func remedy(at now: Instant) -> String {
        if let resetsAt {
            return "They begin anew on \(Words.time(resetsAt, from: now)). Until then choose a profile without a GPU."
        }
        guard limit > 0 else { return "Choose a profile without a GPU." }
        return switch scope {
        case .user where ownServers.isEmpty: "Choose a smaller one, or a profile without a GPU."
        case .user: "Stop \(ownServers.count == 1 ? "it" : "one of them"), or choose a profile without a GPU."
        case .group, .deployment, .pool:
            "Choose a smaller one or a profile without a GPU, or try again when another session has ended."
        }
    }
}

extension QuotaMeasure {
    /// `2 GPU servers`, `1.5 GPU cards`, `20 GiB of GPU memory`, `40 GPU hours`.
    fileprivate func amount(_ count: Int) -> String {
        switch self {
        case .sessions: "\(count) GPU server\(count == 1 ? "" : "s")"
        case .milliCards: "\(thousandths(count)) GPU card\(count == 1000 ? "" : "s")"
        case .memory: "\(thousandths(count * 1000 / 1024)) GiB of GPU memory"
        case .gpuHours: "\(thousandths(count / 3600)) GPU hours"
        }
    }

    /// `1500` as `1.5`.
    private func thousandths(_ count: Int) -> String {
        guard count % 1000 != 0 else { return String(count / 1000) }
        var rest = String(1000 + count % 1000).dropFirst()
        while rest.last == "0" { rest.removeLast() }
        return "\(count / 1000).\(rest)"
    }
}

extension QuotaScope {
    fileprivate var words: String {
        switch self {
        case .user(let deployment, let name): "user \(deployment)/\(name)"
        case .group(let name?): "group \(name)"
        case .group(nil): "users without a group"
        case .deployment(let name): "deployment \(name)"
        case .pool(let name): "pool \(name)"
        }
    }
}

extension WaitingPlace {
    var json: JSON {
        [
            "ticket": JSON(ticket), "position": JSON(position), "length": JSON(length),
            "ask_within_s": JSON(Int(seenWithin.wholeSeconds)),
        ]
    }

    var words: String {
        "You are number \(position) of \(length) in the waiting list. Ask again within "
            + "\(Words.span(seenWithin)) to keep your place."
    }
}

// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import HTTPServer
import JSONTree
import SpawnForm
import SpawnModel
import SpawnPolicy
import Telemetry

/// What is free of one GPU choice that a user may make.
struct AvailabilityRow: Sendable {
    let place: OfferPlace
    let pool: String
    let availability: Availability
    /// What quotas leave of it to the one who asks.
    let quota: QuotaView

    /// How many this user could start now.
    var freeNow: Int { min(availability.freeNow, quota.left) }
}

extension AvailabilityRow {
    /// One row for each choice of `offer` that asks for a GPU, in the order of the form.
    static func rows(
        of offer: Offer, for asker: QuotaAsker, from ledger: Ledger, at now: Instant
    ) -> [AvailabilityRow] {
        var asked: [(OfferPlace, GPURequest)] = []
        for profile in offer.profiles {
            for option in profile.options {
                for choice in option.choices {
                    guard let request = choice.gpu?.smallestRequest else { continue }
                    asked.append((OfferPlace(profile.slug, option.key, choice.id), request))
                }
            }
        }
        return rows(asked, for: asker, from: ledger, at: now)
    }

    /// One row for each GPU choice of the whole policy, whoever may make it.
    static func rows(
        of policy: Policy, for asker: QuotaAsker, from ledger: Ledger, at now: Instant
    ) -> [AvailabilityRow] {
        var asked: [(OfferPlace, GPURequest)] = []
        for profile in policy.profiles {
            for option in profile.options {
                for choice in option.choices {
                    guard let request = choice.gpu?.smallestRequest else { continue }
                    asked.append((OfferPlace(profile.slug, option.key, choice.id), request))
                }
            }
        }
        return rows(asked, for: asker, from: ledger, at: now)
    }

    private static func rows(
        _ asked: [(place: OfferPlace, request: GPURequest)], for asker: QuotaAsker, from ledger: Ledger, at now: Instant
    ) -> [AvailabilityRow] {
        let requests = asked.map(\.request)
        let answers = ledger.availability(of: requests, now: now)
        let views = ledger.quotaViews(
            of: requests, for: asker.server, groups: asker.groups, under: asker.quotas, now: now)
        return asked.indices.map { place in
            AvailabilityRow(
                place: asked[place].place, pool: requests[place].pool, availability: answers[place],
                quota: views[place])
        }
    }

    func json(at now: Instant) -> JSON {
        [
            "profile": JSON(place.profile), "option": JSON(place.option), "choice": JSON(place.choice),
            "pool": JSON(pool), "state": JSON(state),
            "free_now": JSON(freeNow), "total": JSON(availability.total),
            "limited_by": limitedBy.map { JSON($0) } ?? .null,
            "next_free_by": nextFreeBy.map { JSON($0.description) } ?? .null,
            "queue_length": quota.queueLength.map { JSON($0) } ?? .null,
            "your_position": quota.position.map { JSON($0) } ?? .null,
        ]
    }

    private var state: String {
        if availability.limitedBy == .staleData { return "unknown" }
        if freeNow > 0 { return "now" }
        return quota.limitedBy == nil && quota.queueLength != nil ? "queue" : "later"
    }

    /// Used-up GPU-hours come back when their period is over, and not before.
    private var nextFreeBy: Instant? { quota.limitedBy?.resetsAt ?? availability.nextFreeBy }

    private var limitedBy: String? {
        if quota.limitedBy?.measure == .gpuHours { return "gpu-hours" }
        return switch quota.limitedBy?.scope {
        case .user: "user-quota"
        case .group: "group-quota"
        case .deployment: "deployment-quota"
        case .pool: "pool-quota"
        case nil: availability.limitedBy?.rawValue
        }
    }

    /// `2 of 4 free`, or when the next is: a latest time, never a promise that it is exactly then.
    func words(at now: Instant) -> FreeWords {
        if let words = quotaWords(at: now) { return words }
        if freeNow > 0 { return FreeWords(text: "\(freeNow) of \(availability.total) free now", isClosed: false) }
        if let length = quota.queueLength, availability.total > 0 {
            return FreeWords(text: line(length), isClosed: false)
        }
        if availability.limitedBy == .staleData { return FreeWords(text: "not known at this moment", isClosed: false) }
        guard let next = availability.nextFreeBy else { return FreeWords(text: "none free now", isClosed: true) }
        let time = Words.time(next, from: now)
        return FreeWords(text: "none free now; one by \(time) at the latest, often sooner", isClosed: true)
    }
}

/// Whose quotas are looked at.
struct QuotaAsker {
    /// Nil for nobody in particular.
    let server: ServerID?
    let groups: [String]
    let quotas: Quotas
}

extension AvailabilityRow {
    private func quotaWords(at now: Instant) -> FreeWords? {
        if let resetsAt = quota.limitedBy?.resetsAt {
            return FreeWords(text: "GPU hours are used up until \(Words.time(resetsAt, from: now))", isClosed: true)
        }
        return switch quota.limitedBy?.scope {
        case .user: FreeWords(text: "your limit is reached", isClosed: true)
        case .group: FreeWords(text: "your group's limit is reached", isClosed: true)
        case .deployment: FreeWords(text: "this hub's limit is reached", isClosed: true)
        case .pool: FreeWords(text: "the limit is reached", isClosed: true)
        case nil: nil
        }
    }

    private func line(_ length: Int) -> String {
        if let position = quota.position { return "none free now; you are number \(position) of \(length) in line" }
        return "none free now; \(length == 0 ? "nobody waits" : "\(length) wait\(length == 1 ? "s" : "")")"
    }
}

extension GPUOffer {
    /// The least that somebody who makes this choice asks for: what decides whether any is free.
    var smallestRequest: GPURequest {
        switch amount {
        case .fixed(let amount): GPURequest(pool: pool, amount: amount)
        case .sized(let sizes):
            GPURequest(pool: pool, amount: .share(request: MiB(sizes.min * 1024), limit: MiB(sizes.min * 1024)))
        }
    }
}

extension HubRoutes {
    /// Every GPU choice of the policy, whoever may make it: what an operator or a hub's dashboard asks for.
    func availability(at site: Site, id: RequestID) -> HTTPResponse {
        let at = now()
        let nobody = QuotaAsker(server: nil, groups: [], quotas: site.quotas)
        let rows = AvailabilityRow.rows(of: site.policy, for: nobody, from: ledger, at: at)
        return .ok(JSON(rows.map { $0.json(at: at) }).bytes, to: id)
    }
}

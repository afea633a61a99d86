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
}

extension AvailabilityRow {
    /// One row for each choice of `offer` that asks for a GPU, in the order of the form.
    static func rows(of offer: Offer, from ledger: Ledger, at now: Instant) -> [AvailabilityRow] {
        var asked: [(OfferPlace, GPURequest)] = []
        for profile in offer.profiles {
            for option in profile.options {
                for choice in option.choices {
                    guard let request = choice.gpu?.smallestRequest else { continue }
                    asked.append((OfferPlace(profile.slug, option.key, choice.id), request))
                }
            }
        }
        return rows(asked, from: ledger, at: now)
    }

    /// One row for each GPU choice of the whole policy, whoever may make it.
    static func rows(of policy: Policy, from ledger: Ledger, at now: Instant) -> [AvailabilityRow] {
        var asked: [(OfferPlace, GPURequest)] = []
        for profile in policy.profiles {
            for option in profile.options {
                for choice in option.choices {
                    guard let request = choice.gpu?.smallestRequest else { continue }
                    asked.append((OfferPlace(profile.slug, option.key, choice.id), request))
                }
            }
        }
        return rows(asked, from: ledger, at: now)
    }

    private static func rows(
        _ asked: [(place: OfferPlace, request: GPURequest)], from ledger: Ledger, at now: Instant
    ) -> [AvailabilityRow] {
        let answers = ledger.availability(of: asked.map(\.request), now: now)
        return zip(asked, answers).map { AvailabilityRow(place: $0.place, pool: $0.request.pool, availability: $1) }
    }

    func json(at now: Instant) -> JSON {
        [
            "profile": JSON(place.profile), "option": JSON(place.option), "choice": JSON(place.choice),
            "pool": JSON(pool), "state": JSON(state),
            "free_now": JSON(availability.freeNow), "total": JSON(availability.total),
            "limited_by": availability.limitedBy.map { JSON($0.rawValue) } ?? .null,
            "next_free_by": availability.nextFreeBy.map { JSON($0.description) } ?? .null,
        ]
    }

    private var state: String {
        if availability.limitedBy == .staleData { return "unknown" }
        return availability.freeNow > 0 ? "now" : "later"
    }

    /// `2 of 4 free`, or when the next is: a latest time, never a promise that it is exactly then.
    func words(at now: Instant) -> FreeWords {
        if availability.freeNow > 0 {
            return FreeWords(text: "\(availability.freeNow) of \(availability.total) free now", isClosed: false)
        }
        if availability.limitedBy == .staleData { return FreeWords(text: "not known at this moment", isClosed: false) }
        guard let next = availability.nextFreeBy else { return FreeWords(text: "none free now", isClosed: true) }
        let time = Words.time(next, from: now)
        return FreeWords(text: "none free now; one by \(time) at the latest, often sooner", isClosed: true)
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
        let rows = AvailabilityRow.rows(of: site.policy, from: ledger, at: at)
        return .ok(JSON(rows.map { $0.json(at: at) }).bytes, to: id)
    }
}

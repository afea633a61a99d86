// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// How long a server may run, and be idle, under all that its start is made of.
struct WalltimeBounds {
    /// What a server gets unasked.
    private(set) var standard: Duration?
    /// The most that may be asked for, before what only lowers it.
    private(set) var askedMost: Duration?
    /// The most that a server gets.
    private(set) var most: Duration?
    private(set) var idle: Duration?

    /// What one part of a start says of it.
    struct Limit {
        let walltime: SpanChange?
        let idle: SpanChange?
        /// False where only what restricts applies.
        let isCertain: Bool
    }

    init(_ selection: Selection) { self.init(selection.profile, selection.layers) }

    init(_ profile: Profile, _ layers: [Layer]) {
        self.init(profile, layers.lazy.map { Limit($0.set, isCertain: $0.isCertain) })
    }

    init(_ profile: Profile, _ limits: some Sequence<Limit>) {
        standard = profile.walltime?.standard
        askedMost = profile.walltime?.max
        most = askedMost
        for limit in limits { apply(limit) }
    }

    fileprivate mutating func apply(_ limit: Limit) {
        if let change = limit.walltime, limit.isCertain || change.isLowering {
            most = change.applied(to: most)
            if !change.isLowering { askedMost = change.applied(to: askedMost) }
            if most == nil { standard = nil }
        }
        if let change = limit.idle, limit.isCertain || change.isLowering { idle = change.applied(to: idle) }
    }

    /// What the user of a server that got `walltime` may add to it: nothing beyond a limit that only lowers.
    func extending(_ walltime: Duration?, by terms: WalltimeTerms?) -> WalltimeExtension? {
        guard let walltime, let extending = terms?.extending else { return nil }
        guard let most, askedMost.map({ most < $0 }) ?? true else { return extending }
        return extending.within(most - walltime)
    }

    /// What a start gets, with a sentence where that is less than was wanted.
    func granted(asked: Duration?) -> (Duration?, warning: String?) {
        let wanted = asked ?? standard ?? askedMost
        guard let most, let wanted else { return (most ?? wanted, nil) }
        guard most < wanted else { return (wanted, nil) }
        return (
            most, "This server may run for \(most.words), not \(wanted.words): a shorter limit applies to your account."
        )
    }
}

extension Reach {
    /// As far as it does not hang on what is chosen in the profile.
    func walltimeBounds(of profile: Profile) -> WalltimeBounds {
        let limits = boundsOfAll ?? limits(evaluation.starting(StartFacts(profile: profile.slug, answers: nil)))
        var bounds = WalltimeBounds(profile, CollectionOfOne(WalltimeBounds.Limit(profile.set, isCertain: true)))
        for limit in limits { bounds.apply(limit) }
        return bounds
    }

    /// Of rules alone. Only those with a word on time are asked, since this may be done for each of many profiles.
    func limits(_ evaluation: Evaluation) -> [WalltimeBounds.Limit] {
        policy.applied(evaluation, among: policy.tables.rules.limiting).lazy.filter { !$0.rule.when.asksForChoice }
            .map { WalltimeBounds.Limit($0.rule.set, isCertain: $0.isCertain) }
    }
}

extension WalltimeBounds.Limit {
    fileprivate init(_ set: SetBlock, isCertain: Bool) {
        self.init(walltime: set.walltime, idle: set.idle, isCertain: isCertain)
    }
}

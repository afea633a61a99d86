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

    init(_ selection: Selection) { self.init(selection.profile, selection.layers) }

    init(_ profile: Profile, _ layers: [Layer]) {
        standard = profile.walltime?.standard
        askedMost = profile.walltime?.max
        most = askedMost
        for layer in layers { apply(layer.set, isCertain: layer.isCertain) }
    }

    private mutating func apply(_ set: SetBlock, isCertain: Bool) {
        if let change = set.walltime, isCertain || change.isLowering {
            most = change.applied(to: most)
            if !change.isLowering { askedMost = change.applied(to: askedMost) }
            if most == nil { standard = nil }
        }
        if let change = set.idle, isCertain || change.isLowering { idle = change.applied(to: idle) }
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
        let facts = StartFacts(profile: profile.slug, answers: nil)
        let applied = policy.applied(evaluation.starting(facts)).filter { !$0.rule.when.asksForChoice }
        return WalltimeBounds(profile, [Layer(profile)] + applied.map { Layer($0) })
    }
}

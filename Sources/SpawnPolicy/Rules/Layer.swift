// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// One part of what a start is made of: a profile, a chosen value, or a rule.
struct Layer {
    /// As messages name it.
    let origin: String
    /// `kubespawner_override`, which KubeSpawner's own rules merge.
    let overrides: JSONObject
    let set: SetBlock
    let typed: JSON?
    /// What a rule's `for_each` found; nil without one.
    let matches: [Match]?
    /// False where only what restricts applies.
    let isCertain: Bool
    let fault: ValueError?

    init(_ profile: Profile) {
        self.init("profile \(profile.slug) (line \(profile.line))", profile.overrides, profile.set)
    }

    init(_ answer: Selection.Answer, of profile: Profile) {
        let place = "\(profile.slug), \(answer.option.key)"
        switch answer.value {
        case .listed(let choice):
            self.init("\(place)=\(choice.id) (line \(choice.line))", choice.layer, choice.set)
        case .typed(let unlisted, let text):
            self.init(
                "\(place) (line \(unlisted.line))", unlisted.overrides(for: text), unlisted.set,
                typed: unlisted.value(of: text))
        }
    }

    init(_ applied: AppliedRule) {
        self.init(
            applied.rule.words, [:], applied.rule.set, matches: applied.rule.forEach == nil ? nil : applied.matches,
            isCertain: applied.isCertain, fault: applied.fault)
    }

    private init(
        _ origin: String, _ overrides: JSONObject, _ set: SetBlock, typed: JSON? = nil, matches: [Match]? = nil,
        isCertain: Bool = true, fault: ValueError? = nil
    ) {
        self.origin = origin
        self.overrides = overrides
        self.set = set
        self.typed = typed
        self.matches = matches
        self.isCertain = isCertain
        self.fault = fault
    }
}

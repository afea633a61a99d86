// SPDX-License-Identifier: Apache-2.0
import Configuration
import HubAPI
import JSONTree
import PodPatching
import SpawnModel
import SpawnPolicy

extension Standing {
    /// Asks what `berth explain`, the form and a start ask.
    ///
    /// - Parameter pod: a manifest whose fields are compared as well, patched for the default choice of each profile.
    init(of subject: Subject, at site: Site, pod: JSON?) {
        tell(Fact(kind: .claims), "accepted")
        let offer = site.policy.offer(for: subject)
        let details = OfferDetails(offer)
        for row in site.policy.explain(for: subject) where row.isAllowed {
            if let fact = Fact(row.item, details) { tell(fact, details.value(of: row.item)) }
        }
        tell(Fact(kind: .standard), offer.defaultProfile?.slug ?? "none")
        for profile in offer.profiles { tellStart(of: profile, for: subject, at: site, pod) }
    }

    /// Claims that are refused leave the user with nothing.
    init(refused reason: String) { tell(Fact(kind: .claims), "refused: \(reason)") }

    private mutating func tellStart(of profile: OfferedProfile, for subject: Subject, at site: Site, _ pod: JSON?) {
        for option in profile.options {
            let standard = option.choices.first(where: \.isDefault)?.id ?? (option.mustType ? "must be typed" : "none")
            tell(Fact(kind: .standard, profile: profile.slug, name: option.key), standard)
        }
        let decision = decision(profile, [:], for: subject, at: site)
        let standard = decision.grant
        tell(Fact(kind: .start, profile: profile.slug), decision.words)
        tell(Fact(kind: .walltime, profile: profile.slug), profile.walltimeWords(standard))
        for token in standard?.tokens ?? [] {
            tell(Fact(kind: .token, profile: profile.slug), "for \(token.audience) in \(token.file)")
        }
        if let idle = standard?.idle { tell(Fact(kind: .idle, profile: profile.slug), idle.words) }
        for object in standard?.objects ?? [] {
            tell(Fact(kind: .object, profile: profile.slug, name: object.key), object.words)
        }
        tellTraits(of: profile, standard, for: subject, at: site)
        if let pod, let standard { tellPod(pod, under: standard, for: subject, at: site) }
    }

    /// All traits of the default start; of a start with another choice those that differ from it.
    private mutating func tellTraits(
        of profile: OfferedProfile, _ standard: Grant?, for subject: Subject, at site: Site
    ) {
        let said = profile.traitsOfImages
        for (trait, value) in standard?.overrides ?? [:] where !said.contains(trait) {
            tell(Fact(kind: .trait, profile: profile.slug, name: trait), value.text)
        }
        for option in profile.options {
            for choice in option.choices where !choice.isDefault || standard == nil {
                let grant = decision(profile, [option.key: JSON(choice.id)], for: subject, at: site).grant
                for (trait, value) in grant?.overrides ?? [:]
                where !said.contains(trait) && standard?.overrides[trait] != value {
                    let way = "\(option.key)=\(choice.id)"
                    tell(
                        Fact(kind: .trait, profile: profile.slug, name: "\(trait) with \(way)", choice: way), value.text
                    )
                }
            }
        }
    }

    private func decision(
        _ profile: OfferedProfile, _ options: JSONObject, for subject: Subject, at site: Site
    ) -> Decision {
        var options = options
        options["profile"] = JSON(profile.slug)
        return site.policy.decide(JSON(options), for: subject)
    }

    private mutating func tellPod(_ pod: JSON, under grant: Grant, for subject: Subject, at site: Site) {
        let server = ServerID(deployment: subject.deployment, user: subject.name, name: "")
        do {
            let patched = try site.pod.patch(pod, for: try site.podContext(of: grant, for: server)).pod
            for (path, value) in PodFields.of(patched) {
                tell(Fact(kind: .pod, profile: grant.profile, name: path), value)
            }
        } catch {
            tell(Fact(kind: .pod, profile: grant.profile, name: "cannot be made"), "\(error)")
        }
    }
}

extension Decision {
    /// Nil where the start is refused, as for a size that must be typed.
    fileprivate var grant: Grant? { if case .allow(let grant) = self { grant } else { nil } }

    fileprivate var words: String {
        switch self {
        case .allow: "allowed"
        case .refuse(let refusal): "refused: \(refusal.reason.rawValue)"
        }
    }
}

/// What the form shows of each choice, for look-up.
private struct OfferDetails {
    private var choices: [Explanation.Item: OfferedChoice] = [:]
    private var typed: [Explanation.Item: UnlistedChoice] = [:]

    init(_ offer: Offer) {
        for profile in offer.profiles {
            for option in profile.options {
                for choice in option.choices {
                    choices[.choice(profile: profile.slug, option: option.key, choice: choice.id)] = choice
                }
                typed[.unlistedChoice(profile: profile.slug, option: option.key)] = option.unlisted
            }
        }
    }

    func isGPU(_ item: Explanation.Item) -> Bool { choices[item]?.gpu != nil }

    func value(of item: Explanation.Item) -> String {
        if let choice = choices[item] { return choice.gpu?.words ?? choice.image ?? "yes" }
        return typed[item].map { $0.validationRegex.map { "what matches \($0)" } ?? "any text" } ?? "yes"
    }
}

extension Fact {
    /// Nil for what no user has or has not, such as a rule that applies: what it does is a fact.
    fileprivate init?(_ item: Explanation.Item, _ details: OfferDetails) {
        switch item {
        case .profile(let slug): self.init(kind: .profile, profile: slug)
        case .option(let slug, let option): self.init(kind: .option, profile: slug, name: option)
        case .choice(let slug, let option, let choice):
            let way = "\(option)=\(choice)"
            let kind: Kind = option == Key.image ? .image : details.isGPU(item) ? .gpu : .choice
            self.init(kind: kind, profile: slug, name: kind == .choice ? way : choice, choice: way)
        case .unlistedChoice(let slug, let option): self.init(kind: .typed, profile: slug, name: option)
        default: return nil
        }
    }
}

extension OfferedProfile {
    /// `image`, where the images that the user may choose say it already.
    fileprivate var traitsOfImages: Set<String> {
        let images = options.first { $0.key == Key.image }?.choices ?? []
        return !images.isEmpty && images.allSatisfy { $0.image != nil } ? [Key.image] : []
    }

    /// `12 hours, at most 7 days`; caps on the user are in it.
    fileprivate func walltimeWords(_ grant: Grant?) -> String {
        guard let terms = walltime else { return grant?.walltime.map(\.words) ?? "no limit" }
        let standard = grant?.walltime ?? terms.standard
        return standard == terms.max ? standard.words : "\(standard.words), at most \(terms.max.words)"
    }
}

extension SessionObject {
    /// Its lifetime and manifest; of a Secret the keys only.
    fileprivate var words: String {
        var manifest = manifest.object ?? [:]
        for part in ["data", "stringData"] where manifest["kind"]?.string == "Secret" {
            guard let content = manifest[part]?.object else { continue }
            manifest[part] = JSON(content.keys.map { JSON($0) })
        }
        return "\(lifetime.rawValue): \(JSON(manifest).text)"
    }
}

extension GPUOffer {
    /// `a100: 1 card`.
    fileprivate var words: String {
        switch amount {
        case .fixed(.cards(let count)): "\(pool): \(Count.of(count, "card"))"
        case .fixed(.migInstances(let count)): "\(pool): \(Count.of(count, "MIG instance"))"
        case .fixed(.share(let request, let limit)):
            request == limit ? "\(pool): \(request)" : "\(pool): \(request), up to \(limit)"
        case .sized(let sizes): "\(pool): \(sizes.min) to \(sizes.max) GiB in steps of \(sizes.step)"
        }
    }
}

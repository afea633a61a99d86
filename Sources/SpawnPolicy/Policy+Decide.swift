// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

extension Policy {
    /// Whether `subject` may start a server with these options, and on what terms.
    ///
    /// The options are `user_options` as the hub has them, whoever wrote them: a form, an API call, a link, or an old
    /// record. Absent, null and `{}` mean the defaults that the form would show. Everything is checked; nothing in
    /// them is ever merged into a spawner.
    package func decide(_ options: JSON?, for subject: Subject) -> Decision {
        let reach = Reach(of: subject, in: self)
        do throws(Objection) {
            let options = try UserOptions(options)
            let profile = try profile(named: options.profile, reach: reach)
            switch SelectionCheck(options, of: profile, reach: reach).run() {
            case .selection(let selection): return .allow(grant(selection, reach: reach))
            case .objections(let objections): return .refuse(objections[0].refusal)
            }
        } catch {
            return .refuse(error.refusal)
        }
    }

    /// The profile to start: the named one if the user may have it, the standard one where none is named.
    func profile(named slug: String?, reach: Reach) throws(Objection) -> Profile {
        guard let slug else {
            guard let profile = reach.standardProfile else {
                throw .nothingAllowed(Contact(self), detail: "no profile is open to \(reach.evaluation.subject.name)")
            }
            return profile
        }
        guard let profile = profile(slug) else { throw .unknownProfile(slug) }
        guard reach.isOpen(profile) else {
            throw .profileNotAllowed(profile, Contact(self), detail: reach.whyClosed(profile))
        }
        return profile
    }

    private func grant(_ selection: Selection, reach: Reach) -> Grant {
        let (overrides, reset) = overrides(of: selection)
        let (walltime, warning) = walltime(of: selection, cap: reach.walltimeCap)
        return Grant(
            profile: selection.profile.slug, profileDisplayName: selection.profile.displayName,
            choices: selection.answers.map(\.chosenOption), image: overrides[Key.image]?.string, gpu: selection.gpu,
            walltime: walltime, token: selection.profile.token, overrides: overrides, reset: reset,
            posix: reach.evaluation.subject.posix, warnings: warning.map { [$0] } ?? [])
    }

    /// Every trait that the policy knows: set here, or with its base value, or named for the hub to put back.
    private func overrides(of selection: Selection) -> (values: JSONObject, reset: [String]) {
        var merge = Overrides(base: base)
        merge.apply(selection.profile.overrides)
        for answer in selection.answers { answer.apply(to: &merge) }

        var values = JSONObject()
        for trait in traits { values[trait] = merge.values[trait] }
        return (values, traits.filter { merge.values[$0] == nil })
    }

    private func walltime(of selection: Selection, cap: Duration?) -> (Duration?, warning: String?) {
        let wanted = selection.walltime ?? selection.profile.walltime?.standard
        guard let cap, let wanted else { return (cap ?? wanted, nil) }
        guard cap < wanted else { return (wanted, nil) }
        return (
            cap, "This server may run for \(cap.words), not \(wanted.words): a shorter limit applies to your account."
        )
    }
}

extension Selection.Answer {
    fileprivate func apply(to merge: inout Overrides) {
        switch value {
        case .listed(let choice):
            merge.apply(choice.overrides)
            if let image = choice.image { merge.apply(JSON(image), to: Key.image) }
        case .typed(let unlisted, let text):
            merge.apply(unlisted.overrides(for: text))
        }
    }
}

extension Reach {
    /// For the log: the line that closes the profile, or the option that leaves nothing to choose.
    func whyClosed(_ profile: Profile) -> String {
        guard evaluation.allows(profile.allow) else { return "profile \(profile.slug): \(reason(profile.allow))" }
        let blocked = profile.options.first(where: isBlocked)?.key ?? "?"
        return "profile \(profile.slug): allowed, but no choice of its option \(blocked) is"
    }
}

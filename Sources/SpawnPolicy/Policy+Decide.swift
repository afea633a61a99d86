// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

extension Policy {
    /// Whether `subject` may start a server with these options, and on what terms.
    ///
    /// The options are `user_options` as the hub has them, whoever wrote them: a form, an API call, a link, or an old
    /// record. Absent, null and `{}` mean the defaults that the form would show. Everything is checked; nothing in
    /// them is ever merged into a spawner.
    ///
    /// - Parameters:
    ///   - server: the server's name; empty for the default server.
    ///   - calls: what calls to other programs have answered, by their names.
    package func decide(
        _ options: JSON?, for subject: Subject, server: String = "", calls: JSONObject = [:]
    ) -> Decision {
        let reach = Reach(of: subject, in: self)
        let decision = decide(options, server: server, calls: calls, reach: reach)
        return reach.overspent.map { .refuse($0.refusal) } ?? decision
    }

    private func decide(_ options: JSON?, server: String, calls: JSONObject, reach: Reach) -> Decision {
        do throws(Objection) {
            let read = try UserOptions(options)
            let profile = try profile(named: read.profile, reach: reach)
            let selection = try selection(read, of: profile, reach: reach)
            guard let any = selection.anyOf else {
                var making = GrantMaking(selection, reach: reach, server: server, calls: calls)
                return .allow(try making.grant())
            }
            return firstOf(
                any.ids.map {
                    decide(
                        read.choosing($0, for: any.option, of: profile), server: server, calls: calls, reach: reach)
                })
        } catch {
            return .refuse(error.refusal)
        }
    }

    func selection(
        _ options: UserOptions, of profile: Profile, reach: Reach
    ) throws(Objection) -> Selection {
        switch SelectionCheck(options, of: profile, reach: reach).run() {
        case .selection(let selection): return selection
        case .objections(let objections): throw objections[0]
        }
    }

    /// The first that is allowed, with the others that are as its alternatives; the first refusal where none is.
    private func firstOf(_ decisions: [Decision]) -> Decision {
        var grants = decisions.compactMap { if case .allow(let grant) = $0 { grant } else { nil } }
        guard var first = grants.first else { return decisions[0] }
        grants.removeFirst()
        first.alternatives = grants
        return .allow(first)
    }

    /// The profile to start: the named one if the user may have it, the standard one where none is named.
    func profile(named slug: String?, reach: Reach) throws(Objection) -> Profile {
        guard let slug else {
            guard let profile = reach.standardProfile else {
                throw nothingAllowed(reach)
            }
            return profile
        }
        guard let profile = profile(slug) else {
            throw slug == NothingAllowed.slug ? nothingAllowed(reach) : .unknownProfile(slug)
        }
        guard reach.isOpen(profile) else {
            if reach.allows(profile.allow), let rule = reach.refusal(of: profile) {
                throw .refused(by: rule, reach.evaluation)
            }
            throw .profileNotAllowed(profile, Contact(self), detail: reach.whyClosed(profile))
        }
        return profile
    }

    /// In the words of a rule that refuses everything, else of the file, else in ours.
    func nothingAllowed(_ reach: Reach) -> Objection {
        if let rule = reach.refusal { return .refused(by: rule, reach.evaluation) }
        return .nothingAllowed(
            Contact(self), words: nothingAllowed?.message,
            detail: "no profile is open to \(reach.evaluation.subject.name)")
    }
}

extension NothingAllowed {
    /// The slug of the entry that only explains; no profile may have it.
    package static let slug = "nothing-allowed"
}

extension Reach {
    /// For the log: the line that closes the profile, or the option that leaves nothing to choose.
    func whyClosed(_ profile: Profile) -> String {
        guard allows(profile.allow) else { return "profile \(profile.slug): \(reason(profile.allow))" }
        if let rule = refusal(of: profile) { return "profile \(profile.slug): \(rule.words) refuses it" }
        let blocked = profile.options.first(where: isBlocked)?.key ?? "?"
        return "profile \(profile.slug): allowed, but no choice of its option \(blocked) is"
    }
}

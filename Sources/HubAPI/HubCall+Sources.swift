// SPDX-License-Identifier: Apache-2.0
import Configuration
import Directory
import Identity
import JSONTree
import SpawnModel
import SpawnPolicy

extension HubCall {
    /// What directory and look-ups say of the user, as far as it is remembered; nil where one has to be asked.
    ///
    /// - Parameter plain: the user as claims and hub say, for the conditions on look-ups.
    func addedAtHand(_ sources: SubjectSources, to plain: Subject) throws(Problem) -> AddedClaims? {
        var added = AddedClaims()
        if let source = site.directory {
            guard let answer = sources.directories.people(source.terms).remembered(user.name) else { return nil }
            try source.add(.success(answer), to: &added, user.name)
        }
        for (source, verdict) in lookUpsWanted(for: plain) {
            guard verdict == .yes else {
                added.add(notAsked: verdict, source)
                continue
            }
            let terms = source.terms
            guard let answer = sources.lookUps.remembered(terms, question(of: terms, plain)) else { return nil }
            added.add(answer, as: terms.name)
        }
        return added
    }

    /// The same, asking all at one time; the wait is as long as the slowest's. The person is as the directory has them.
    func added(
        by sources: SubjectSources, to plain: Subject
    ) async throws(Problem) -> (AddedClaims, Person?) {
        async let person = person(by: sources)
        let answers = await answers(to: lookUpsWanted(for: plain), about: plain, by: sources)
        var added = AddedClaims()
        let answer = await person
        if let source = site.directory, let answer { try source.add(answer, to: &added, user.name) }
        for (source, verdict, answer) in answers {
            guard let answer else {
                added.add(notAsked: verdict, source)
                continue
            }
            do throws(LookUpError) { added.add(try answer.get(), as: source.terms.name) } catch { throw Problem(error) }
        }
        return (added, try? answer?.get().person)
    }

    private func person(by sources: SubjectSources) async -> Result<PersonAnswer, DirectoryError>? {
        guard let source = site.directory else { return nil }
        return await sources.person(source, named: user.name)
    }

    /// Each look-up with whether it is wanted: only a plain yes asks.
    private func lookUpsWanted(for plain: Subject) -> [(LookUpSource, Verdict)] {
        guard !site.lookUps.isEmpty else { return [] }
        let evaluation = Evaluation(of: plain)
        return site.lookUps.map { ($0, evaluation.verdict(of: $0.when)) }
    }

    private func question(of terms: LookUpTerms, _ plain: Subject) -> LookUpQuestion {
        LookUpQuestion(
            user: user.name, deployment: deployment.name, claims: plain.claims,
            usersToken: terms.usersToken.flatMap { presentableToken($0) })
    }

    /// The user's access token, where this hub's may be presented. An ID token says who logged in at the hub, and is
    /// for nobody else.
    private func presentableToken(_ wanted: LookUpTerms.UsersToken) -> ClientSecret? {
        guard deployment.presents(wanted) else { return nil }
        return body["auth_state"]?[deployment.tokenAuthStateKey]?.string.map(ClientSecret.init)
    }

    /// In the order of the file; nil for those that are not wanted.
    private func answers(
        to wanted: [(LookUpSource, Verdict)], about plain: Subject, by sources: SubjectSources
    ) async -> [(LookUpSource, Verdict, Result<JSON?, LookUpError>?)] {
        var answers = wanted.map { ($0.0, $0.1, Result<JSON?, LookUpError>?.none) }
        await withTaskGroup(of: (Int, Result<JSON?, LookUpError>).self) { group in
            for (place, (source, verdict)) in wanted.enumerated() where verdict == .yes {
                let question = question(of: source.terms, plain)
                group.addTask { (place, await sources.lookUp(source.terms, question)) }
            }
            for await (place, answer) in group { answers[place].2 = answer }
        }
        return answers
    }
}

extension AddedClaims {
    /// Where the condition is not met there is nothing to know; where that is unknown, so is what would have been said.
    fileprivate mutating func add(notAsked verdict: Verdict, _ source: LookUpSource) {
        add(verdict == .no ? .null : nil, as: source.terms.name)
    }
}

extension DirectorySource {
    /// What the answer, or its failing, is worth.
    fileprivate func add(
        _ answer: Result<PersonAnswer, DirectoryError>, to added: inout AddedClaims, _ name: String
    ) throws(Problem) {
        switch answer {
        case .success(.unknown) where onUnknownPerson == .refuse: throw .unknownPerson(name)
        case .success(let answer):
            added.add(answer.claim, as: claim)
            added.posix = answer.person?.posix
            if addsGroups { added.add(groups: answer.person?.groups ?? []) }
        case .failure(let error) where error.isOfEntry || onFailure == .refuse: throw Problem(error)
        case .failure:
            added.add(nil, as: claim)
            if addsGroups { added.add(groups: nil) }
        }
    }
}

extension PersonAnswer {
    var person: Person? { if case .person(let person) = self { person } else { nil } }
}

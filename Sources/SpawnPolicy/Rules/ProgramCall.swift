// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// An entry of `calls`: another program that is asked before some starts.
package struct ProgramCall: Sendable {
    package let name: String
    package let when: Rule

    package init(name: String, when: Rule) {
        self.name = name
        self.when = when
    }
}

/// Which programs a start has to ask, and what they are told of it.
package struct CallPlan: Sendable {
    /// In the file's order.
    package let calls: [String]
    /// The profile's slug.
    package let profile: String
    package let choices: [ChosenOption]
}

extension Policy {
    /// The calls of a start with these options; their answers are what `decide` takes as `calls`.
    package func plan(_ options: JSON?, for subject: Subject) -> Result<CallPlan, Refusal> {
        let reach = Reach(of: subject, in: self)
        do throws(Objection) {
            let read = try UserOptions(options)
            let profile = try profile(named: read.profile, reach: reach)
            let selection = try selection(read, of: profile, reach: reach)
            let evaluation = reach.evaluation.starting(selection.facts)
            let plan = CallPlan(
                calls: calls.filter { evaluation.allows($0.when) }.map(\.name), profile: profile.slug,
                choices: selection.answers.map(\.chosenOption))
            if let overspent = reach.overspent { throw overspent }
            return .success(plan)
        } catch {
            return .failure((reach.overspent ?? error).refusal)
        }
    }
}

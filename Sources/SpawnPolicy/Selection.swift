// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// A start's options after every check: each value is one that this user may have.
struct Selection {
    let profile: Profile
    /// One for each option that is open to the user and has an answer, in the profile's order.
    let answers: [Answer]
    let gpu: GPURequest?
    /// What the user asked for; nil for the profile's standard.
    let walltime: Duration?
    /// Those that hold, in the order in which they apply.
    let rules: [AppliedRule]

    struct Answer {
        let option: ProfileOption
        let value: Value

        enum Value {
            case listed(Choice)
            case typed(UnlistedChoice, text: String)
        }
    }
}

extension Selection {
    /// What a start is made of, the weakest first.
    var layers: [Layer] {
        [Layer(profile)] + answers.map { Layer($0, of: profile) } + rules.map { Layer($0) }
    }

    /// The option of a choice that stands for the first free one of others, with their ids.
    var anyOf: (option: String, ids: [String])? {
        answers.lazy.compactMap { answer in
            answer.choice.flatMap { $0.anyOf.isEmpty ? nil : (answer.option.key, $0.anyOf) }
        }.first
    }

    var facts: StartFacts { StartFacts(profile: profile.slug, answers: answers.facts) }
}

extension [Selection.Answer] {
    /// Option key to chosen id; a typed text has none.
    var ids: [String: String] {
        Dictionary(compactMap { answer in answer.choice.map { (answer.option.key, $0.id) } }) { first, _ in first }
    }

    var facts: [String: StartFacts.Answer] {
        Dictionary(map { ($0.option.key, $0.fact) }) { first, _ in first }
    }
}

extension Selection.Answer {
    fileprivate var fact: StartFacts.Answer {
        switch value {
        case .listed(let choice): .listed(choice.id)
        case .typed(let unlisted, let text): .typed(unlisted.value(of: text))
        }
    }

    var choice: Choice? {
        switch value {
        case .listed(let choice): choice
        case .typed: nil
        }
    }

    var chosenOption: ChosenOption {
        switch value {
        case .listed(let choice): ChosenOption(key: option.key, value: choice.id, isUnlisted: false)
        case .typed(_, let text): ChosenOption(key: option.key, value: text, isUnlisted: true)
        }
    }
}

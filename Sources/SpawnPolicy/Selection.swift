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

    struct Answer {
        let option: ProfileOption
        let value: Value

        enum Value {
            case listed(Choice)
            case typed(UnlistedChoice, text: String)
        }
    }
}

extension Selection.Answer {
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

// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// What is left of the options of an earlier start, value by value, under the policy of today.
struct LastChoice {
    /// Nil when it is gone or closed; nothing else counts then.
    let profile: Profile?
    let answers: [String: Selection.Answer.Value]
    let gpuSize: String?
    let walltime: String?
    /// Whether anything that was chosen cannot be chosen any more.
    let isStale: Bool

    /// Nil when there was no earlier choice, or none that can be read.
    init?(_ json: JSON?, reach: Reach) {
        guard let options = try? UserOptions(json), options.profile != nil || !options.entries.isEmpty else {
            return nil
        }
        guard let profile = try? reach.policy.profile(named: options.profile, reach: reach) else {
            self.init()
            return
        }
        self.init(options, of: profile, reach: reach)
    }

    private init() { (profile, answers, gpuSize, walltime, isStale) = (nil, [:], nil, nil, true) }

    private init(_ options: UserOptions, of profile: Profile, reach: Reach) {
        let check = SelectionCheck(options, of: profile, reach: reach)
        var answers: [String: Selection.Answer.Value] = [:]
        var chosen: [String: String] = [:]
        for place in profile.answerOrder {
            let option = profile.options[place]
            guard let answer = (try? check.answer(to: option, beside: chosen)) ?? nil else { continue }
            answers[option.key] = answer.value
            chosen[option.key] = answer.choice?.id
        }
        let objected: Set<String?>
        switch check.run() {
        case .selection: objected = []
        case .objections(let objections): objected = Set(objections.map(\.key))
        }
        self.profile = profile
        self.answers = answers
        gpuSize = objected.contains(Key.gpuSize) ? nil : (try? options.text(Key.gpuSize)) ?? nil
        walltime = objected.contains(Key.walltime) ? nil : (try? options.text(Key.walltime)) ?? nil
        isStale = !objected.isEmpty
    }
}

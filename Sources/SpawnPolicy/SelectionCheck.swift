// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// Checks options against one profile and collects every objection, so that a form can show all of them at once.
struct SelectionCheck {
    let reach: Reach
    let options: UserOptions
    let profile: Profile
    private let optionKeys: Set<String>

    init(_ options: UserOptions, of profile: Profile, reach: Reach) {
        self.reach = reach
        self.options = options
        self.profile = profile
        optionKeys = profile.optionKeys
    }

    enum Outcome {
        case selection(Selection)
        /// At least one. Keys that the profile does not have come first: nothing is decided as if they were not there.
        case objections([Objection])
    }

    func run() -> Outcome {
        var objections = unknownKeys
        var found = [Selection.Answer?](repeating: nil, count: profile.options.count)
        var chosen: [String: String] = [:]
        var isGPUKnown = true
        for place in profile.answerOrder {
            let option = profile.options[place]
            let isFine = objections.collect { () throws(Objection) in
                guard let answer = try answer(to: option, beside: chosen) else { return }
                found[place] = answer
                chosen[option.key] = answer.choice?.id
            }
            if !isFine, option.carriesGPU { isGPUKnown = false }
        }
        let answers = found.compactMap(\.self)
        var gpu: GPURequest?
        if isGPUKnown { objections.collect { () throws(Objection) in gpu = try self.gpu(of: answers) } }
        var asked: Duration?
        objections.collect { () throws(Objection) in asked = try self.walltime() }

        guard objections.isEmpty else {
            objections.collect { () throws(Objection) in try check(asked, reach.walltimeBounds(of: profile)) }
            return .objections(objections)
        }
        return finished(answers, gpu: gpu, walltime: asked)
    }

    /// What only the whole choice can tell: rules that refuse it, and how long it may run under those that hold.
    private func finished(_ answers: [Selection.Answer], gpu: GPURequest?, walltime: Duration?) -> Outcome {
        let evaluation = reach.evaluation.starting(StartFacts(profile: profile.slug, answers: answers.facts))
        if let rule = reach.policy.refusing(evaluation) { return .objections([.refused(by: rule, evaluation)]) }
        let selection = Selection(
            profile: profile, answers: answers, gpu: gpu, walltime: walltime,
            rules: reach.policy.applied(evaluation))
        do throws(Objection) { try check(walltime, WalltimeBounds(selection)) } catch { return .objections([error]) }
        return .selection(selection)
    }

    private func check(_ walltime: Duration?, _ bounds: WalltimeBounds) throws(Objection) {
        guard let walltime, let most = bounds.askedMost, walltime > most else { return }
        throw .walltimeTooLong(walltime, max: most)
    }

    private var unknownKeys: [Objection] {
        options.entries.lazy.map(\.key).filter { !optionKeys.contains($0) }.map { .unknownOption($0, profile) }
    }

    // MARK: One option

    /// - Parameter chosen: ids chosen of the options that this one may need.
    func answer(to option: ProfileOption, beside chosen: [String: String]) throws(Objection) -> Selection.Answer? {
        let listed = try options.text(option.key)
        let typed = try options.text(typedKey(option.key))
        guard reach.allows(option.allow) else {
            return try refuseClosed(option, isNamed: listed != nil || typed != nil)
        }
        if let needs = option.needs, !needs.areMet(by: chosen) {
            if listed == nil, typed == nil { return nil }
            throw .optionNeeds(option, needs)
        }
        switch (listed, typed) {
        case (.some, .some): throw .ambiguousOption(option)
        case (let id?, nil): return try self.listed(id, of: option, beside: chosen)
        case (nil, let text?): return Selection.Answer(option: option, value: try self.typed(text, for: option))
        case (nil, nil): return try unanswered(option, beside: chosen)
        }
    }

    private func listed(
        _ id: String, of option: ProfileOption, beside chosen: [String: String]
    ) throws(Objection) -> Selection.Answer {
        let choice = try choice(id, of: option)
        if let needs = choice.needs, !needs.areMet(by: chosen) { throw .choiceNeeds(choice, of: option, needs) }
        return Selection.Answer(option: option, value: .listed(choice))
    }

    private func refuseClosed(_ option: ProfileOption, isNamed: Bool) throws(Objection) -> Selection.Answer? {
        guard isNamed else { return nil }
        throw .optionNotAllowed(
            option, key: option.key, Contact(reach.policy), detail: detail(option.key, option.allow))
    }

    private func unanswered(
        _ option: ProfileOption, beside chosen: [String: String]
    ) throws(Objection) -> Selection.Answer? {
        if reach.mustType(option, beside: chosen) { throw .typedMissing(option) }
        if let choice = reach.standardChoice(of: option, beside: chosen) {
            return Selection.Answer(option: option, value: .listed(choice))
        }
        if option.choices.isEmpty { return nil }
        throw .nothingFits(option, open: reach.openWords(option))
    }

    private func choice(_ id: String, of option: ProfileOption) throws(Objection) -> Choice {
        guard let choice = option.choices.first(where: { $0.id == id }) else {
            throw unknown(id, of: option)
        }
        guard reach.isOpen(choice) else {
            throw .choiceNotAllowed(
                choice, of: option, open: reach.openWords(option), detail: detail("\(option.key)=\(id)", choice.allow))
        }
        return choice
    }

    /// A profile that offers images of one's own to some: whoever is not among them learns that, whatever the key
    /// under which they tried.
    private func unknown(_ id: String, of option: ProfileOption) -> Objection {
        guard option.isImage, option.unlisted != nil, reach.openUnlisted(of: option) == nil else {
            return .unknownChoice(id, of: option, open: reach.openWords(option))
        }
        return typedRefused(id, option, key: option.key)
    }

    private func typed(_ text: String, for option: ProfileOption) throws(Objection) -> Selection.Answer.Value {
        guard let unlisted = reach.openUnlisted(of: option) else {
            throw typedRefused(text, option, key: typedKey(option.key))
        }
        if let fault = unlisted.fault(in: text) { throw .typedInvalid(option, why: fault) }
        return .typed(unlisted, text: text)
    }

    private func typedRefused(_ text: String, _ option: ProfileOption, key: String) -> Objection {
        let why = option.unlisted.map { detail(key, $0.allow) } ?? "\(key): no free text is configured"
        let open = reach.openWords(option)
        return option.isImage
            ? .customImageNotAllowed(text, key: key, open: open, Contact(reach.policy), detail: why)
            : .typedNotAllowed(option, key: key, open: open, detail: why)
    }

    private func detail(_ what: String, _ rule: Rule) -> String {
        "profile \(profile.slug), \(what): \(reach.reason(rule))"
    }

    // MARK: GPU and walltime

    /// At most one choice may carry a GPU; the configuration sees to it, and this holds if it did not.
    private func gpu(of answers: [Selection.Answer]) throws(Objection) -> GPURequest? {
        let carriers = answers.filter { $0.choice?.gpu != nil }
        if carriers.count > 1 { throw .severalGPUs(carriers.map(\.option.key)) }
        let size = try options.text(Key.gpuSize)
        guard let offer = carriers.first?.choice?.gpu else {
            if size != nil, optionKeys.contains(Key.gpuSize) { throw .sizeWithoutShare(profile) }
            return nil
        }
        switch offer.amount {
        case .fixed(let amount):
            if size != nil, optionKeys.contains(Key.gpuSize) { throw .sizeWithoutShare(profile) }
            return GPURequest(pool: offer.pool, amount: amount)
        case .sized(let sizes):
            let memory = MiB(try sizes.size(size) * 1024)
            return GPURequest(pool: offer.pool, amount: .share(request: memory, limit: memory))
        }
    }

    private func walltime() throws(Objection) -> Duration? {
        guard let terms = profile.walltime, let text = try options.text(Key.walltime) else { return nil }
        guard let asked = Duration(span: text) else { throw .walltimeFormat(text, max: terms.max) }
        return asked
    }
}

extension [Objection] {
    /// Runs a check and keeps its objection; whether there was none.
    @discardableResult
    fileprivate mutating func collect(_ check: () throws(Objection) -> Void) -> Bool {
        do throws(Objection) {
            try check()
            return true
        } catch {
            append(error)
            return false
        }
    }
}

extension ShareSizes {
    /// The size in GiB that `text` stands for; never a whole card because it was left out.
    fileprivate func size(_ text: String?) throws(Objection) -> Int {
        guard let text else {
            guard let standard else { throw .sizeMissing(self) }
            return standard
        }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            throw .sizeFormat(text, self)
        }
        guard let size = wholeNumber(text), contains(size) else { throw .sizeOutOfRange(text, self) }
        return size
    }

    /// Within the range, and a whole number of steps above the least.
    package func contains(_ size: Int) -> Bool {
        (min...Swift.max(min, max)).contains(size) && (size - min) % Swift.max(step, 1) == 0
    }
}

extension Reach {
    /// "You can choose "s" or "m"." – what this user may answer, at most twenty values.
    fileprivate func openWords(_ option: ProfileOption) -> String {
        let ids = option.choices.lazy.filter { [self] in !$0.isHidden && isOpen($0) }.map { quoted($0.id) }
        let shown = Array(ids.prefix(21))
        let listed = shown.prefix(20).joined(separator: ", ") + (shown.count > 20 ? " and others" : "")
        let key = quoted(typedKey(option.key))
        let own = openUnlisted(of: option) == nil ? "" : " A text of your own goes under \(key)."
        return (shown.isEmpty ? "Leave it out." : "You can choose \(listed).") + own
    }
}

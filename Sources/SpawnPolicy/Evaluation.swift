// SPDX-License-Identifier: Apache-2.0
import JSONTree
package import SpawnModel

/// Answers rules for one subject; made once a request, so that each membership test is one look into a set.
package struct Evaluation {
    package let subject: Subject
    /// What is being started; nil while that is not known, which leaves rules about it unknown.
    var start: StartFacts?
    private let roles: Set<ExactText>?
    private let groups: Set<ExactText>?
    private let entitlements: Set<ExactText>?
    /// What rules with a number have answered, given what is granted.
    private var memory = VerdictMemory()
    /// Memberships that rules give: known, even where the claim is missing.
    var granted = SiteRule.Granted() { didSet { memory = VerdictMemory() } }
    /// Shared by all evaluations of one decision.
    let effort: MatchEffort

    package init(of subject: Subject) { self.init(of: subject, effort: MatchEffort()) }

    init(of subject: Subject, effort: MatchEffort) {
        self.subject = subject
        self.effort = effort
        roles = subject.roles.map(Self.exact)
        groups = subject.groups.map(Self.exact)
        entitlements = subject.entitlements.map(Self.exact)
    }

    /// The same, with what is started known.
    func starting(_ start: StartFacts) -> Evaluation {
        var evaluation = self
        evaluation.start = start
        return evaluation
    }

    var isExempt: Bool { granted.isExempt }

    /// Only a plain yes allows.
    package func allows(_ rule: Rule) -> Bool { verdict(of: rule) == .yes }

    /// Whether one element of a claim meets the rule, whose claims start there.
    func allows(_ rule: Rule, of element: JSON) -> Bool {
        Evaluation(of: subject.seen(as: element), effort: effort).allows(rule)
    }

    /// Kleene's three-valued logic: what is unknown stays unknown through `not`, and through `any` and `all` unless
    /// another member decides.
    package func verdict(of rule: Rule) -> Verdict { verdict(of: rule, in: subject.claims) }

    /// - Parameter claims: where the paths of claims start: all claims, or one element of a list in them.
    private func verdict(of rule: Rule, in claims: JSON, ofElement isElement: Bool = false) -> Verdict {
        guard !isElement, let number = rule.number else { return judged(rule, in: claims, ofElement: isElement) }
        if let known = memory[number] { return known }
        let verdict = judged(rule, in: claims, ofElement: isElement)
        memory.keep(verdict, of: number)
        return verdict
    }

    private func judged(_ rule: Rule, in claims: JSON, ofElement isElement: Bool) -> Verdict {
        switch rule.test {
        case .everyone: .yes
        case .role(let name): membership(of: name, in: roles, or: granted.roles)
        case .group(let name): membership(of: name, in: groups, or: granted.groups)
        case .entitlement(let name): membership(of: name, in: entitlements, or: granted.entitlements)
        case .user(let name): Verdict(ExactText(name) == ExactText(subject.name))
        case .admin(let wanted): Verdict((subject.isAdmin || granted.isAdmin) == wanted)
        case .deployment(let name): Verdict(name == subject.deployment)
        case .claim(let path, let wanted): claim(at: path, in: claims, is: wanted)
        case .claimPresent(let path): presence(of: path, in: claims, ofElement: isElement)
        case .claimNumber(let path, let bound): number(at: path, in: claims, keeps: bound)
        case .claimMatches(let path, let pattern): text(at: path, in: claims, matches: pattern)
        case .claimElement(let path, let rule): element(at: path, in: claims, meets: rule)
        case .matches(let names, let pattern): self.names(names, match: pattern)
        case .profile(let slugs): start.map { Verdict(slugs.contains($0.profile)) } ?? .unknown
        case .chosen(let option, let ids): start?.isChosen(option, among: ids) ?? .unknown
        case .any(let rules): any(of: rules) { verdict(of: $0, in: claims, ofElement: isElement) }
        case .all(let rules): any(of: rules) { verdict(of: $0, in: claims, ofElement: isElement).negated }.negated
        case .not(let rule): verdict(of: rule, in: claims, ofElement: isElement).negated
        }
    }

    /// The greatest answer: yes once one is, else unknown once one is.
    private func any<Member>(of members: some Sequence<Member>, _ verdict: (Member) -> Verdict) -> Verdict {
        var answer = Verdict.no
        for member in members {
            switch verdict(member) {
            case .yes: return .yes
            case .unknown: answer = .unknown
            case .no: continue
            }
        }
        return answer
    }

    private func membership(of name: String, in names: Set<ExactText>?, or granted: [String]) -> Verdict {
        if !granted.isEmpty, granted.contains(where: { ExactText($0) == ExactText(name) }) { return .yes }
        guard let names else { return .unknown }
        return Verdict(names.contains(ExactText(name)))
    }

    private func names(_ kind: Rule.Names, match pattern: Pattern) -> Verdict {
        let (own, given) = namesAsTheyCome(kind)
        let found = any(of: [own, given].joined()) { pattern.verdict(whole: $0, effort) }
        return found == .no && !isKnown(kind) ? .unknown : found
    }

    private func isKnown(_ kind: Rule.Names) -> Bool {
        switch kind {
        case .role: roles != nil
        case .group: groups != nil
        case .entitlement: entitlements != nil
        case .user: true
        }
    }

    /// In byte order, those that rules give among them; none where they are unknown.
    func names(_ kind: Rule.Names) -> [String] {
        let (own, given) = namesAsTheyCome(kind)
        let names = own + given
        var sorted: [String] = []
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        where sorted.last.map({ ExactText($0) != ExactText(name) }) ?? true { sorted.append(name) }
        return sorted
    }

    /// The subject's own, and those that rules give.
    private func namesAsTheyCome(_ kind: Rule.Names) -> (own: [String], given: [String]) {
        switch kind {
        case .role: (subject.roles ?? [], granted.roles)
        case .group: (subject.groups ?? [], granted.groups)
        case .entitlement: (subject.entitlements ?? [], granted.entitlements)
        case .user: ([subject.name], [])
        }
    }

    /// The claim's value; nil where it is missing or null.
    func value(at path: [String]) -> JSON? { value(at: path, in: subject.claims) }

    private static func exact(_ names: [String]) -> Set<ExactText> { Set(names.lazy.map(ExactText.init)) }
}

// MARK: - Claims

extension Evaluation {
    private func claim(at path: [String], in claims: JSON, is wanted: JSON) -> Verdict {
        guard let value = value(at: path, in: claims) else { return .unknown }
        if value.isEquivalent(to: wanted) { return .yes }
        return Verdict(value.array?.contains { $0.isEquivalent(to: wanted) } ?? false)
    }

    /// Without any claims nothing can be said about one being there, nor of what a source would say that was not heard.
    private func presence(of path: [String], in claims: JSON, ofElement isElement: Bool) -> Verdict {
        guard claims.object != nil else { return .unknown }
        if value(at: path, in: claims) != nil { return .yes }
        if isElement { return .no }
        let isOfToken = claims[path[0]] == nil
        let isUnheard = subject.unheard.contains(path[0]) || isOfToken && !subject.hasTokenClaims
        return isUnheard ? .unknown : .no
    }

    private func number(at path: [String], in claims: JSON, keeps bound: Rule.Bound) -> Verdict {
        guard let value = value(at: path, in: claims) else { return .unknown }
        return any(of: value.array ?? [value]) { bound.isKept(by: $0).map(Verdict.init) ?? .unknown }
    }

    private func text(at path: [String], in claims: JSON, matches pattern: Pattern) -> Verdict {
        guard let value = value(at: path, in: claims) else { return .unknown }
        let texts = value.array ?? [value]
        return any(of: texts) { $0.string.map { pattern.verdict(whole: $0, effort) } ?? .no }
    }

    private func element(at path: [String], in claims: JSON, meets rule: Rule) -> Verdict {
        guard let value = value(at: path, in: claims) else { return .unknown }
        return any(of: value.array ?? [value]) { verdict(of: rule, in: $0, ofElement: true) }
    }

    /// The claim's value; a null counts as missing.
    private func value(at path: [String], in claims: JSON) -> JSON? {
        var value = claims
        for name in path {
            guard let member = value[name] else { return nil }
            value = member
        }
        return value.isNull ? JSON?.none : value
    }
}

/// What is being started, as far as it is known.
package struct StartFacts: Sendable {
    let profile: String
    /// Option key to what was chosen; nil while nothing is chosen yet.
    let answers: [String: Answer]?

    enum Answer: Sendable {
        case listed(String)
        case typed(JSON)
    }

    func isChosen(_ option: String, among ids: [String]) -> Verdict {
        guard let answers else { return .unknown }
        guard case .listed(let id) = answers[option] else { return .no }
        return Verdict(ids.contains(id))
    }
}

extension Verdict {
    init(_ holds: Bool) { self = holds ? .yes : .no }

    package var negated: Verdict {
        switch self {
        case .yes: .no
        case .no: .yes
        case .unknown: .unknown
        }
    }
}

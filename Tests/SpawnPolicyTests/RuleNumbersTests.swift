// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import SpawnPolicy

struct RuleNumbersTests {
    @Test func `what is asked twice has one number, on whatever lines it stands`() {
        var numbers = RuleNumbers()
        func either(line: Int) -> Rule {
            let staff = numbers.rule(.role("staff"), line: line + 1)
            return numbers.rule(.any([staff, numbers.rule(.group("a"), line: line + 2)]), line: line)
        }
        let (first, second) = (either(line: 1), either(line: 11))
        #expect(first.number != nil && first.number == second.number)
        let negated = numbers.rule(.not(first), line: 1)
        let some = numbers.rule(.claimElement(path: ["list"], first), line: 1)
        #expect(Set([first, negated, some].map(\.number)).count == 3)
        #expect(numbers.rule(.not(second), line: 7).number == negated.number)
        #expect(numbers.rule(.claimElement(path: ["list"], second), line: 7).number == some.number)
    }

    @Test func `what is started is asked each time`() {
        var numbers = RuleNumbers()
        let profile = numbers.rule(.profile(["a"]), line: 1)
        let chosen = numbers.rule(.not(Rule(.chosen(option: "size", among: ["large"]), line: 1)), line: 1)
        #expect(profile.number == nil && chosen.number == nil)
        #expect(numbers.rule(.all([profile]), line: 1).number == nil)
    }

    @Test func `an answer for one element is not that for the claims`() {
        var numbers = RuleNumbers()
        let isLead = numbers.rule(.claim(path: ["role"], equals: "lead"), line: 1)
        let leadsSome = numbers.rule(.claimElement(path: ["projects"], isLead), line: 1)
        let subject = Subject.of(claims: ["role": "guest", "projects": [["role": "lead"]]])
        let (before, after) = (Evaluation(of: subject), Evaluation(of: subject))
        #expect(before.verdict(of: isLead) == .no && before.verdict(of: leadsSome) == .yes)
        #expect(after.verdict(of: leadsSome) == .yes && after.verdict(of: isLead) == .no)
    }

    @Test func `what a rule grants counts though the same was asked before`() {
        var numbers = RuleNumbers()
        let inGroup = numbers.rule(.group("late"), line: 1)
        var (role, group) = (SiteRule.Granted(), SiteRule.Granted())
        role.roles = ["early"]
        group.groups = ["late"]
        let rules = [
            SiteRule(name: "asks", when: inGroup, grants: role, line: 1),
            SiteRule(name: "grants", when: .everyone, grants: group, line: 2),
        ]
        let policy = Policy.of(.of("late", allow: inGroup), rules: rules)
        #expect(policy.offer(for: .of(groups: [])).profiles.map(\.slug) == ["late"])
    }
}

// SPDX-License-Identifier: Apache-2.0
import Configuration
import Identity
import JSONTree
import SpawnModel

/// Two configurations, held against each other user by user.
struct PolicyDiff {
    let old: Site
    let new: Site
    /// The name of the hub that asks, in both.
    let deployment: String
    let isAdmin: Bool
    let groups: [String]
    let pod: JSON?

    struct Outcome {
        var diffs: [StandingDiff] = []
        /// Why a user could not be compared.
        var faults: [String] = []
        var userCount = 0

        var changed: [StandingDiff] { diffs.filter { !$0.changes.isEmpty } }
    }

    func run(over folder: ClaimsFolder) -> Outcome {
        var outcome = Outcome(userCount: folder.users.count)
        for user in folder.users {
            do {
                let claims = AuthStateClaims.withoutTokens(try JSONFile.read(user.path))
                outcome.diffs.append(try diff(of: user.name, claims: claims))
            } catch {
                outcome.faults.append("\(user.path): \(error)")
            }
        }
        return outcome
    }

    private func diff(of user: String, claims: JSON) throws -> StandingDiff {
        let before = standing(of: user, claims, at: old)
        let after = standing(of: user, claims, at: new)
        // Claims that neither takes are of somebody else, or of another provider: nothing was compared.
        if case (.failure(let reason), .failure) = (before, after) { throw reason }
        return StandingDiff(of: user, from: before.standing, to: after.standing)
    }

    private func standing(of user: String, _ claims: JSON, at site: Site) -> Result<Standing, ClaimsRefused> {
        guard let asking = site.deployment(deployment) else { preconditionFailure("both were asked for it before") }
        do {
            let subject = try site.subjectReader(for: asking).subject(
                for: HubUser(name: user, isAdmin: isAdmin, groups: groups), claims: claims, deployment: deployment)
            return .success(Standing(of: subject, at: site, pod: pod))
        } catch {
            return .failure(ClaimsRefused(description: "\(error)"))
        }
    }
}

struct ClaimsRefused: Error, CustomStringConvertible {
    let description: String
}

extension Result<Standing, ClaimsRefused> {
    fileprivate var standing: Standing {
        switch self {
        case .success(let standing): standing
        case .failure(let reason): Standing(refused: reason.description)
        }
    }
}

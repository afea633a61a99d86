// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Configuration
import JSONTree

extension Explain {
    /// `--diff`: exit status 0 where nothing changes for anybody, 1 where something does, 2 where it could not be told.
    func runDiff() throws {
        do {
            let outcome = try policyDiff().run(over: try ClaimsFolder(claimsDir ?? ""))
            for fault in outcome.faults { Report.say(fault) }
            print(json ? outcome.json.pretty : outcome.table)
            guard outcome.faults.isEmpty else {
                throw Failure("\(Count.of(outcome.faults.count, "user")) could not be compared.")
            }
            if !outcome.changed.isEmpty { throw ExitCode(1) }
        } catch let code as ExitCode {
            throw code
        } catch {
            Report.say("\(error)")
            throw ExitCode(2)
        }
    }

    private func policyDiff() throws -> PolicyDiff {
        let (old, new) = (try site(diff[0]), try site(diff[1]))
        let name = deployment ?? old.deployments[0].name
        for (site, file) in [(old, diff[0]), (new, diff[1])] where site.deployment(name) == nil {
            let known = site.deployments.map(\.name).joined(separator: ", ")
            throw Failure("\(file) has no deployment `\(name)`: choose one with --deployment. Known: \(known).")
        }
        if deployment == nil, old.deployments.count > 1 {
            Report.say("As deployment \(name); --deployment asks for another.")
        }
        return PolicyDiff(
            old: old, new: new, deployment: name, isAdmin: admin, groups: group,
            pod: try pod.map { try JSONFile.read($0) })
    }

    private func site(_ path: String) throws -> Site {
        do { return try Site.load(path: path, secrets: .optional).site } catch {
            throw Failure(error.faults.map(\.description).joined(separator: "\n"))
        }
    }

    func validateDiff() throws {
        if diff.isEmpty {
            guard user != nil else { throw ValidationError("Name the user: --user NAME.") }
            guard claimsDir == nil, !json else { throw ValidationError("--claims-dir and --json go with --diff.") }
            return
        }
        guard diff.count == 2 else { throw ValidationError("--diff takes two files: --diff OLD NEW.") }
        guard claimsDir != nil else {
            throw ValidationError("Name the folder with the users' claims: --claims-dir DIR.")
        }
        guard user == nil, claims == nil, profile == nil, option.isEmpty else {
            throw ValidationError("--diff looks at all users, profiles and choices: leave the others out.")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Configuration
import HubAPI
import Identity
import JSONTree
import PodPatching
import SpawnModel
import SpawnPolicy

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what a user may start and which rule says so; show the pod that they would get.",
        discussion: """
            What the claims say of the user; then for each profile, option, choice and image: allowed or not, and the \
            line of the policy that decided. With `--pod`, the pod that the default choice of `--profile` turns the \
            given manifest into. Nothing is reserved.

            With `--diff OLD NEW --claims-dir DIR`, what would change for whom if the new file took the old one's \
            place: `DIR/ada.json` holds the claims of the user ada. Exits 0 where nothing changes, 1 where something \
            does, 2 where it cannot be told.
            """
    )

    @OptionGroup var configurationFile: ConfigurationFile

    @Option(help: "The user's name at the hub.")
    var user: String?

    @Option(help: "A JSON file with the user's claims; without it every claim is unknown.")
    var claims: String?

    @Option(
        help: """
            What the directory or a look-up would say, as CLAIM=FILE with its JSON; may be given again. Nobody is asked, \
            and what is not given is unknown.
            """)
    var source: [String] = []

    @Option(help: "A group that the hub puts the user in; may be given again.")
    var group: [String] = []

    @Flag(help: "The user is an administrator of the hub.")
    var admin = false

    @Option(help: "The deployment that asks; may be left out where there is one.")
    var deployment: String?

    @Option(help: "Only this profile, by its slug.")
    var profile: String?

    @Option(help: "A choice, as KEY=VALUE; may be given again.")
    var option: [String] = []

    @Option(help: "A pod manifest in JSON, as the hub would send it.")
    var pod: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("The configuration in force and the one that is to follow.", valueName: "old> <new"))
    var diff: [String] = []

    @Option(help: "With --diff: the folder with the claims, one file a user.")
    var claimsDir: String?

    @Flag(help: "With --diff: JSON instead of a table.")
    var json = false

    func validate() throws { try validateDiff() }

    func run() throws {
        guard diff.isEmpty else { return try runDiff() }
        let site = try loaded()
        let given = try GivenSources(source, of: site)
        let subject = try subject(at: site, given)
        print(subject.words + given.words + "\n")
        print(
            table(
                of: site.policy.explain(for: subject).filter {
                    profile == nil || $0.item.profile == nil || $0.item.profile == profile
                }))
        guard profile != nil || pod != nil || !option.isEmpty else { return }
        try decide(for: subject, at: site)
    }

    private func loaded() throws -> Site {
        do { return try Site.load(path: configurationFile.path, secrets: .optional).site } catch {
            throw ValidationError(error.faults.map(\.description).joined(separator: "\n"))
        }
    }

    private func subject(at site: Site, _ given: GivenSources) throws -> Subject {
        let asking = try askingDeployment(of: site)
        let claims = try claims.map { AuthStateClaims.withoutTokens(try JSONFile.read($0)) }
        do {
            return try site.subjectReader(for: asking).subject(
                for: HubUser(name: user ?? "", isAdmin: admin, groups: group), claims: claims, deployment: asking.name,
                adding: given.added)
        } catch {
            throw ValidationError("The claims cannot be used: \(error)")
        }
    }

    /// The first of the file stands for all where rules do not ask for a deployment; where it matters, the user says it.
    private func askingDeployment(of site: Site) throws -> Deployment {
        guard let deployment else {
            if site.deployments.count > 1 {
                print("As deployment \(site.deployments[0].name); --deployment asks for another.\n")
            }
            return site.deployments[0]
        }
        guard let known = site.deployment(deployment) else {
            let names = site.deployments.map(\.name).joined(separator: ", ")
            throw ValidationError("There is no deployment `\(deployment)`. Known: \(names).")
        }
        return known
    }

    private func table(of rows: [Explanation]) -> String {
        let width = rows.map(\.item.words.count).max() ?? 0
        return rows.map { row in
            let gap = String(repeating: " ", count: width - row.item.words.count + 3)
            return "\(row.isAllowed ? "yes" : "no ")  \(row.item.words)\(gap)\(row.sentence)"
        }.joined(separator: "\n")
    }

    private func decide(for subject: Subject, at site: Site) throws {
        var options: JSONObject = [:]
        if let profile { options["profile"] = JSON(profile) }
        for pair in option {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { throw ValidationError("`\(pair)` is not KEY=VALUE.") }
            options[String(parts[0])] = JSON(String(parts[1]))
        }
        switch site.policy.decide(JSON(options), for: subject) {
        case .refuse(let refusal):
            print("\nrefused: \(refusal.reason.rawValue)\n  user: \(refusal.userMessage)\n  log:  \(refusal.detail)")
            throw ExitCode(1)
        case .allow(let grant):
            print("\ngranted: \(grant.profile)\(chain(of: grant))")
            if let pod { try show(pod, under: grant, for: subject, at: site) }
        }
    }

    /// What was chosen, which rules had a say, and what they change.
    private func chain(of grant: Grant) -> String {
        var lines = grant.choices.map { "choice \($0.key): \($0.value)" } + grant.rules
        if let gpu = grant.gpu { lines.append("GPU: pool \(gpu.pool)") }
        lines += grant.alternatives.compactMap(\.gpu).map { "else GPU: pool \($0.pool)" }
        if let walltime = grant.walltime { lines.append("walltime: \(walltime.words)") }
        if let idle = grant.idle { lines.append("idle: \(idle.words)") }
        lines += grant.overrides.map { "trait \($0.key): \($0.value.text)" }
        lines += grant.changes.map { "\($0.origin) changes the pod: \($0.fields.text)" }
        lines += grant.objects.map { object in
            let name = object.manifest["metadata"]?["name"]?.string ?? ""
            return
                "object \(object.key) (\(object.lifetime.rawValue)): \(object.manifest["kind"]?.string ?? "") \(name)"
        }
        lines += grant.warnings.map { "warning: \($0)" }
        return lines.map { "\n  " + $0 }.joined()
    }

    private func show(_ path: String, under grant: Grant, for subject: Subject, at site: Site) throws {
        let server = ServerID(deployment: subject.deployment, user: subject.name, name: "")
        let context = try site.podContext(of: grant, for: server)
        let patched: PatchedPod
        do { patched = try site.pod.patch(try JSONFile.read(path), for: context) } catch {
            throw ValidationError("The pod cannot be patched: \(error)")
        }
        for line in patched.corrected { print("corrected: \(line)") }
        for line in patched.warnings { print("warning: \(line)") }
        print(patched.pod.pretty)
    }
}

extension Explanation.Item {
    var profile: String? {
        switch self {
        case .profile(let slug), .option(let slug, _), .choice(let slug, _, _), .unlistedChoice(let slug, _): slug
        case .rule: nil
        }
    }

    var words: String {
        switch self {
        case .profile(let profile): "profile \(profile)"
        case .option(let profile, let option): "option \(option) of \(profile)"
        case .choice(let profile, Key.image, let choice): "image \(choice) of \(profile)"
        case .choice(let profile, let option, let choice): "choice \(option)=\(choice) of \(profile)"
        case .unlistedChoice(let profile, let option): "typed \(option) of \(profile)"
        case .rule(let name): "rule \(name)"
        }
    }
}

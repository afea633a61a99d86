// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

@main
struct Berth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "berth",
        abstract: "Decides what a JupyterHub user's server gets, and makes it so.",
        discussion: """
            Start with `berth check FILE`, which names every fault of a configuration with line and remedy, then \
            `berth explain`, which says why somebody may or may not have a profile, then `berth serve`.
            """,
        subcommands: [
            Serve.self, Check.self, Explain.self, Import.self, Doctor.self, Sync.self, Usage.self, Backup.self,
            Walltime.self, Token.self, Version.self,
        ]
    )
}

/// The argument that most commands take.
struct ConfigurationFile: ParsableArguments {
    @Option(name: [.customShort("c"), .customLong("config")], help: "The configuration file.")
    var path = "/etc/berth/berth.yaml"
}

struct Version: ParsableCommand {
    static let number = "0.1.0"
    static let configuration = CommandConfiguration(abstract: "Print the version.")

    func run() { print("berth \(Self.number)") }
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say whether a node can give pods what Berth asks of it.",
        discussion: """
            Run it on the node, as root, or in a pod with the host's processes (hostPID) and LXCFS's directory. Each \
            check is a line, `ok` or `fault`, and a fault says what to do. Exits 0 where nothing is wrong, 1 otherwise.
            """
    )

    @Option(help: "Where LXCFS is mounted, as `pod.lxcfs.host_dir` says.")
    var lxcfs = "/var/lib/lxcfs"

    @Option(help: "How many seconds a file may take to be read.")
    var patience = 5

    func validate() throws {
        guard lxcfs.hasPrefix("/"), lxcfs.count > 1 else {
            throw ValidationError("--lxcfs must be an absolute path, such as /var/lib/lxcfs")
        }
        guard (1...600).contains(patience) else { throw ValidationError("--patience must be between 1 and 600") }
    }

    func run() throws {
        let state = LXCFSState(at: lxcfs, patience: .seconds(patience))
        let findings = state.findings
        for finding in findings { print(finding) }
        if findings.contains(where: \.isFault) { throw ExitCode(1) }
    }
}

/// What one check found.
struct Finding: CustomStringConvertible {
    let isFault: Bool
    /// What was looked at: `lxcfs mount`.
    let subject: String
    /// One sentence, and for a fault what to do about it.
    let words: String

    static func ok(_ subject: String, _ words: String) -> Finding {
        Finding(isFault: false, subject: subject, words: words)
    }

    static func fault(_ subject: String, _ what: String, _ remedy: String) -> Finding {
        Finding(isFault: true, subject: subject, words: "\(what). \(remedy)")
    }

    var description: String { "\(isFault ? "fault" : "ok   ") \(subject): \(words)" }
}

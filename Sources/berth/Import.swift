// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Configuration
import Glibc

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn what another program has into a configuration of Berth's.",
        subcommands: [ImportProfileList.self]
    )
}

struct ImportProfileList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile-list",
        abstract: "Turn KubeSpawner's profile list into a configuration file.",
        discussion: """
            Takes the values of Zero to JupyterHub (singleuser.profileList), a mapping with `profile_list`, or a plain \
            list, in YAML or JSON. What it cannot carry over is listed with its place, the reason and what to do, \
            and stands in the file as a comment too. Exits 0 when there is a file, 1 when nothing could be imported.
            """
    )

    @Argument(help: "The file with the profile list.")
    var file: String

    @Option(name: .shortAndLong, help: "Where to write the configuration; without it, to standard output.")
    var output: String?

    @Flag(help: "Write over a file that is there.")
    var force = false

    func run() throws {
        let imported: ImportedProfileList
        do { imported = try ImportedProfileList.read(path: file) } catch {
            for fault in error.faults { Report.say("\(fault)") }
            Report.say("\(file): nothing is imported")
            throw ExitCode(1)
        }
        if let output {
            try NewFile.write(imported.text, to: output, over: force)
        } else {
            print(imported.text, terminator: "")
        }
        report(imported)
    }

    /// To standard error, since standard output may be the file.
    private func report(_ imported: ImportedProfileList) {
        for note in imported.notes { Report.say("note: \(note)") }
        if !imported.leftWithHub.isEmpty {
            Report.say("stays with the hub: \(imported.leftWithHub.joined(separator: ", "))")
        }
        let notes = imported.notes.isEmpty ? "all carried over" : Count.of(imported.notes.count, "note")
        Report.say("\(output ?? file): \(Count.of(imported.profileCount, "profile")), \(notes)")
    }
}

/// What is said beside a command's result.
enum Report {
    static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}

/// A file that a command makes.
enum NewFile {
    /// Whole or not at all: it is written beside its place and then moved there.
    static func write(_ text: String, to path: String, over mayReplace: Bool) throws {
        guard mayReplace || access(path, F_OK) != 0 else {
            throw Failure("\(path) is there already: name another file, or add --force.")
        }
        let draft = "\(path).\(getpid()).new"
        guard let file = fopen(draft, "wx") else { throw failure(path) }
        let bytes = Array(text.utf8)
        let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
        guard fclose(file) == 0, isWritten, rename(draft, path) == 0 else {
            let reason = failure(path)
            unlink(draft)
            throw reason
        }
    }

    private static func failure(_ path: String) -> Failure {
        Failure("\(path) cannot be written: \(String(cString: strerror(errno))).")
    }
}

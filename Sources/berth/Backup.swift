// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Configuration
import GPULedger
import Storage

struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy the ledger's SQLite file as it is now, while Berth goes on.",
        discussion: """
            The copy is whole, checked, and on the disk when this exits 0; a file of that name is replaced at once, or \
            not at all. To put it back, stop Berth, remove the ledger's file with its -wal and -shm, and copy this one \
            to its place. A ledger in PostgreSQL is copied with pg_dump.
            """
    )

    @OptionGroup var configurationFile: ConfigurationFile

    @Argument(help: "The file to make or replace; it needs a folder with space for it.")
    var file: String

    func run() throws {
        let site: Site
        do { site = try Site.load(path: configurationFile.path, secrets: .optional).site } catch {
            throw Failure(error.faults.map(\.description).joined(separator: "\n"))
        }
        switch site.ledger {
        case .file(let path):
            do { try SQLiteConnection.backUp(path, to: file) } catch { throw Failure("\(error)") }
            print("\(path) is copied to \(file)")
        case .postgres:
            throw Failure(
                "The ledger is in PostgreSQL: copy it with pg_dump --schema=berth, or as its server is backed up.")
        }
    }
}

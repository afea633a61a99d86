// SPDX-License-Identifier: Apache-2.0
import Glibc
import LabChild
import Synchronization

/// A real PostgreSQL server with data of its own, reached by a socket in its folder; gone with the tests' process.
package final class PostgresCluster: Sendable {
    /// For tests that do the server no harm.
    package static let shared = PostgresCluster()

    package let folder: String
    private let databases = Atomic(0)
    /// Ends the server and removes the folder when this process is no more, however it ended.
    private let guardian: Child

    private var data: String { folder + "/data" }
    private static let programs = "/usr/lib/postgresql/15/bin/"

    /// An empty one, or a standby that follows `primary`.
    package init(following primary: PostgresCluster? = nil) {
        let folder = Self.newFolder()
        self.folder = folder
        let stop = Self.asUser("pg_ctl", ["-D", folder + "/data", "-m", "immediate", "-s", "stop"]).joined(
            separator: " ")
        do {
            guardian = try Child(
                ["/bin/sh", "-c", "read end; \(stop); rm -rf \(folder)"], errors: .discarded)
        } catch { preconditionFailure("no guardian: \(error)") }
        if let primary {
            run("pg_basebackup", ["-h", primary.folder, "-U", "berth", "-D", data, "-R", "-c", "fast"])
        } else {
            run("initdb", ["-D", data, "-U", "berth", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"])
            permit("local all keyed scram-sha-256")
        }
        start()
    }

    private static func newFolder() -> String {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/berth-postgres-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { preconditionFailure("no folder: error \(errno)") }
        if geteuid() == 0, let user = getpwnam("postgres") { chown(made, user.pointee.pw_uid, user.pointee.pw_gid) }
        return String(cString: made)
    }

    /// PostgreSQL does not run as root.
    private static func asUser(_ program: String, _ arguments: [String]) -> [String] {
        let user = ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        return (geteuid() == 0 ? user : ["/usr/bin/env"]) + [programs + program] + arguments
    }

    @discardableResult
    private func run(_ program: String, _ arguments: [String]) -> String {
        do {
            let (output, status) = try Child.output(of: Self.asUser(program, arguments), errors: .withOutput)
            let text = String(decoding: output, as: UTF8.self)
            precondition(status == 0, "\(program): \(text)")
            return text
        } catch { preconditionFailure("\(program): \(error)") }
    }

    /// One line more at the top of those that say who may connect.
    private func permit(_ line: String) {
        run("../../../../bin/sed", ["-i", "1i\(line)", data + "/pg_hba.conf"])
    }

    package func start() {
        let options = "-k \(folder) -c listen_addresses='' -c max_connections=300 -c fsync=on"
        run("pg_ctl", ["-D", data, "-o", options, "-l", folder + "/log", "-w", "-s", "start"])
    }

    /// As an administrator restarts it: sessions are ended.
    package func restart() {
        run("pg_ctl", ["-D", data, "-m", "fast", "-w", "-s", "stop"])
        start()
    }

    /// As a crash does: nothing is finished, and the next start recovers from the log. Its processes have no time to
    /// say goodbye.
    package func kill() {
        run("pg_ctl", ["kill", "KILL", postmaster])
        run("pg_ctl", ["-D", data, "-m", "immediate", "-s", "-w", "stop"], mayFail: true)
    }

    private var postmaster: String {
        String(run("../../../../bin/head", ["-n1", data + "/postmaster.pid"]).prefix { $0.isNumber })
    }

    private func run(_ program: String, _ arguments: [String], mayFail: Bool) {
        _ = try? Child.output(of: Self.asUser(program, arguments), errors: .discarded)
    }

    /// From a standby to a primary.
    package func promote() { run("pg_ctl", ["-D", data, "-w", "-s", "promote"]) }

    /// One connection string for a database that is empty.
    package func newDatabase() -> String {
        let name = "test\(databases.add(1, ordering: .relaxed).newValue)"
        sql("CREATE DATABASE \(name)")
        return connection(to: name)
    }

    package func connection(to database: String) -> String { "host=\(folder) user=berth dbname=\(database)" }

    /// What `psql` says, columns apart by `|`.
    @discardableResult
    package func sql(_ statement: String, in database: String = "postgres") -> String {
        let output = run("psql", ["-h", folder, "-U", "berth", "-d", database, "-AtqX", "-c", statement])
        return String(output.drop { $0.isNewline }.reversed().drop { $0.isNewline }.reversed())
    }
}

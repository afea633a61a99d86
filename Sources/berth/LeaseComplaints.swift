// SPDX-License-Identifier: Apache-2.0
import Glibc
import Kubernetes
import Logging
import Synchronization

/// Says once that the Lease can't be read or renewed, and not at each attempt.
final class LeaseComplaints: Sendable {
    private let work: String
    private let log: Logger
    private let last = Mutex<String?>(nil)

    /// - Parameter work: what is led, as `the sync`.
    init(_ work: String, _ log: Logger) {
        self.work = work
        self.log = log
    }

    func note(_ error: KubernetesError) {
        let isNew = last.withLock { last in
            defer { last = error.code }
            return last != error.code
        }
        guard isNew else { return }
        log.error(
            "nobody can lead \(work)", metadata: ["code": .string(error.code), "detail": .string("\(error)")])
    }

    func noteLead() {
        last.withLock { $0 = nil }
        log.notice("this replica leads \(work)")
    }
}

/// The name by which a Lease knows a process: its machine's, and something that no other process has.
enum ReplicaName {
    static func new() -> String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return "\(host)-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    }
}

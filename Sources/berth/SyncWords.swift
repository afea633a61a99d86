// SPDX-License-Identifier: Apache-2.0
import Glibc
import JSONTree
import SpawnModel
import Upkeep

/// What `berth sync` says of a run.
struct SyncWords {
    let report: SyncReport
    let isDryRun: Bool
    let took: Duration
    let peakBytes: Int

    var exitCode: Int32 {
        if !report.failures.isEmpty || report.unwritten > 0 { return 1 }
        return report.refusal == nil ? 0 : 3
    }

    private var outcome: String {
        switch exitCode {
        case 0: "done"
        case 3: "refused"
        default: "failed"
        }
    }

    // MARK: For people

    var text: String {
        var lines = ["directory: \(Count.of(report.people, "person", "people")), \(report.rejected.count) rejected"]
        lines += list(report.rejected)
        for namespace in report.namespaces { lines += self.lines(of: namespace) }
        let remark = isDryRun ? "; nothing written" : ""
        lines.append("\(outcome) in \(took.tenths) s, \(peakBytes / 1_000_000) MB at most\(remark)")
        return lines.joined(separator: "\n")
    }

    private func lines(of namespace: NamespaceReport) -> [String] {
        let name = namespace.namespace
        var lines = [
            "\(name): \(Count.of(namespace.objects, "object")), \(namespace.created) created, "
                + "\(namespace.restored) restored, \(namespace.deleted) deleted\(kept(namespace))"
        ]
        lines += list(namespace.unwritten)
        if let refusal = namespace.refusal { lines.append("\(name): \(refusal)") }
        if let failure = namespace.failure { lines.append("\(name): \(failure)") }
        return lines
    }

    private func kept(_ namespace: NamespaceReport) -> String {
        let reasons = SyncPlan.Reason.allCases.compactMap { reason in
            namespace.kept[reason].map { "\($0) \(reason.rawValue)" }
        }
        return reasons.isEmpty ? "" : ", kept: \(reasons.joined(separator: ", "))"
    }

    private func list(_ list: BoundedList<String>) -> [String] {
        let more = list.count - list.first.count
        return list.first.map { "  \($0)" } + (more > 0 ? ["  and \(more) more"] : [])
    }

    // MARK: For programs

    var json: JSON {
        [
            "outcome": JSON(outcome), "dry_run": JSON(isDryRun), "people": JSON(report.people),
            "rejected": json(report.rejected), "namespaces": JSON(report.namespaces.map(json)),
            "took_ms": JSON(Int(took.wholeMilliseconds)), "memory_peak_bytes": JSON(peakBytes),
        ]
    }

    private func json(_ namespace: NamespaceReport) -> JSON {
        var kept = JSONObject()
        for reason in SyncPlan.Reason.allCases { kept[reason.rawValue] = JSON(namespace.kept[reason] ?? 0) }
        var json: JSONObject = [
            "namespace": JSON(namespace.namespace), "objects": JSON(namespace.objects),
            "created": JSON(namespace.created), "restored": JSON(namespace.restored),
            "deleted": JSON(namespace.deleted), "kept": JSON(kept), "unwritten": self.json(namespace.unwritten),
        ]
        if let refusal = namespace.refusal {
            json["refusal"] = ["people": JSON(refusal.people), "lost": JSON(refusal.lost)]
        }
        if let failure = namespace.failure {
            json["failure"] = ["code": JSON(failure.code), "detail": JSON("\(failure)")]
        }
        return JSON(json)
    }

    private func json(_ list: BoundedList<String>) -> JSON {
        ["count": JSON(list.count), "first": JSON(list.first.map { JSON($0) })]
    }
}

extension Duration {
    /// `12.3`
    fileprivate var tenths: String { "\(wholeMilliseconds / 1000).\(wholeMilliseconds % 1000 / 100)" }
}

/// This process, to the system.
enum Process {
    /// The most memory that it had at one time.
    static var peakBytes: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    }
}

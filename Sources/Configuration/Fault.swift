// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong, or looks wrong, in the configuration: where, what, and what to write instead.
package struct Fault: Sendable, Hashable, CustomStringConvertible {
    package let place: Place
    /// Where in the tree, such as `profiles[2].gpu.choices[0].pool`; empty for the file as a whole.
    package let path: String
    /// What is wrong, without a full stop.
    package let what: String
    /// What to do about it: a sentence, or empty where `what` says it all.
    package let remedy: String

    package init(at place: Place, path: String, what: String, remedy: String = "") {
        self.place = place
        self.path = path
        self.what = what
        self.remedy = remedy
    }

    /// `config/berth.yaml:41:7: profiles[2].gpu.pool: "a10" is not a pool. Did you mean "a100"?`
    package var description: String {
        let whole = remedy.isEmpty ? what : "\(what)\(what.hasSuffix("?") ? "" : ".") \(remedy)"
        return path.isEmpty ? "\(place): \(whole)" : "\(place): \(path): \(whole)"
    }
}

/// A position in a file; line and column count from 1, columns in Unicode scalars. Line 0 is the file as a whole.
package struct Place: Sendable, Hashable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let column: Int

    package init(file: String, line: Int = 0, column: Int = 0) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { line == 0 ? file : "\(file):\(line):\(column)" }
}

/// Every fault of a configuration, in the order of files and lines; at least one.
package struct ConfigurationFaults: Error, Sendable, CustomStringConvertible {
    package let faults: [Fault]
    /// What would have been said besides, had there been no fault.
    package let warnings: [Fault]
    /// The files as they were read; a change in one of them may have mended it.
    package var stamps: [FileStamp] = []

    /// One fault a line.
    package var description: String { faults.map(\.description).joined(separator: "\n") }
}

/// The faults and warnings found so far: each once, and no more than a person would read.
struct Findings {
    static let most = 500

    private(set) var faults: [Fault] = []
    private(set) var warnings: [Fault] = []
    private var seen: Set<Fault> = []

    /// Whether one more would be dropped: then the work of finding its words can be saved.
    var areFull: Bool { faults.count >= Findings.most }
    var hasAllWarnings: Bool { warnings.count >= Findings.most }

    mutating func fault(_ fault: Fault) {
        guard seen.insert(fault).inserted, !areFull else { return }
        faults.append(fault)
    }

    mutating func warn(_ warning: Fault) {
        guard seen.insert(warning).inserted, !hasAllWarnings else { return }
        warnings.append(warning)
    }
}

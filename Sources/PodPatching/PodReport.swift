// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// What to tell of a pod's patching.
struct PodReport {
    var corrected: [String] = []
    var warnings: [String] = []

    mutating func append(_ other: PodReport) {
        corrected += other.corrected
        warnings += other.warnings
    }

    /// Tells that `what` was `old`, if it was anything.
    mutating func replaced(_ old: JSON?, _ what: @autoclosure () -> String, by new: some CustomStringConvertible) {
        guard let old else { return }
        corrected.append("\(what()) \(old.plainText) replaced by \(new)")
    }

    mutating func removed(_ old: JSON?, _ what: @autoclosure () -> String) {
        guard let old else { return }
        corrected.append("\(what()) \(old.plainText) taken off")
    }
}

extension JSON {
    /// A string without its quotes, anything else as JSON.
    var plainText: String { string ?? text }
}

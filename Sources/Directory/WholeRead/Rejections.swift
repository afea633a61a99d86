// SPDX-License-Identifier: Apache-2.0

/// Whom a snapshot leaves out, and why. The rest is served.
package struct Rejections: Sendable {
    /// All of them, by the error's stable name.
    package private(set) var counts: [String: Int] = [:]
    /// The first of them.
    package private(set) var samples: [Rejection] = []

    package static let samplesMost = 1000

    package struct Rejection: Sendable, Hashable {
        /// Nil for an entry that nobody can be called by.
        package let name: String?
        package let reason: DirectoryError
    }

    package var count: Int { counts.values.reduce(0, +) }

    mutating func add(_ reason: DirectoryError, name: String?) {
        counts[reason.code, default: 0] += 1
        if samples.count < Self.samplesMost { samples.append(Rejection(name: name, reason: reason)) }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// What a run found and did.
package struct SyncReport: Sendable {
    /// In the directory, usable or not.
    package var people = 0
    package var rejected = BoundedList<String>()
    package var namespaces: [NamespaceReport] = []

    init(_ read: PeopleRead) {
        people = read.count + read.rejected.count
        rejected = read.rejected
    }

    package var writes: Int { namespaces.reduce(0) { $0 + $1.writes } }
    package var objects: Int { namespaces.reduce(0) { $0 + $1.objects } }
    package var unwritten: Int { namespaces.reduce(0) { $0 + $1.unwritten.count } }
    package var refusal: Shrink? { namespaces.lazy.compactMap(\.refusal).first }
    /// Why not all was done in some namespace.
    package var failures: [(namespace: String, error: UpkeepError)] {
        namespaces.compactMap { report in report.failure.map { (report.namespace, $0) } }
    }
}

/// The part of a run that is about one namespace.
package struct NamespaceReport: Sendable {
    package let namespace: String
    /// That stand there after the run, wanted and kept.
    package var objects = 0
    package var created = 0
    package var restored = 0
    package var deleted = 0
    package var kept: [SyncPlan.Reason: Int] = [:]
    /// Objects that can't be written, and why.
    package var unwritten = BoundedList<String>()
    package var refusal: Shrink?
    package var failure: UpkeepError?

    package var writes: Int { created + restored + deleted }

    init(_ namespace: String) { self.namespace = namespace }
}

/// The first few of what may be many, and how many they are.
package struct BoundedList<Element: Sendable>: Sendable {
    package static var most: Int { 20 }

    package private(set) var first: [Element] = []
    package private(set) var count = 0

    package init() {}

    package mutating func append(_ element: Element) {
        if first.count < Self.most { first.append(element) }
        count += 1
    }

    /// For elements that were counted and not kept before they came here.
    mutating func count(up more: Int) { count += more }
}

// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// A `set` block: what becomes different, with its references.
package struct SetBlock: Sendable {
    /// KubeSpawner trait to value; a mapping.
    package var traits: ValueTemplate?
    /// Any of `server`, `containers` and `pod`; a mapping.
    package var pod: ValueTemplate?
    package var objects: [ObjectTemplate] = []
    package var walltime: SpanChange?
    package var idle: SpanChange?
    package var line = 0

    package init() {}

    package var isEmpty: Bool {
        traits == nil && pod == nil && objects.isEmpty && walltime == nil && idle == nil
    }

    /// An object beside the pod; no manifest takes one away that an earlier part has made.
    package struct ObjectTemplate: Sendable {
        package let key: String
        package let manifest: ValueTemplate?
        package init(key: String, manifest: ValueTemplate?) {
            self.key = key
            self.manifest = manifest
        }
    }
}

/// What becomes of a span: `4h`, `{$min: 4h}`, `{$max: 7d}`, null.
package enum SpanChange: Sendable, Hashable {
    case replace(Duration?)
    case raise(Duration)
    case lower(Duration)
    case standard(Duration)

    package func applied(to old: Duration?) -> Duration? {
        switch self {
        case .replace(let span): span
        case .raise(let span): old.map { max($0, span) } ?? span
        case .lower(let span): old.map { min($0, span) } ?? span
        case .standard(let span): old ?? span
        }
    }

    package var isLowering: Bool { if case .lower = self { true } else { false } }
}

/// What all mentions of one object in the file agree on.
package struct ObjectDeclaration: Sendable {
    package let lifetime: SessionObject.Lifetime
    /// `metadata.name` where the file gives one.
    package let name: ValueTemplate?

    package init(lifetime: SessionObject.Lifetime, name: ValueTemplate?) {
        self.lifetime = lifetime
        self.name = name
    }
}

/// A table of the file with a row for each key, and one for all others.
package struct RowTable: Sendable {
    package let key: ValueTemplate
    package let rows: [String: JSON]
    package let standard: JSON?

    package init(key: ValueTemplate, rows: [String: JSON], standard: JSON?) {
        self.key = key
        self.rows = rows
        self.standard = standard
    }
}

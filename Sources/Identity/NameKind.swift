// SPDX-License-Identifier: Apache-2.0

/// What the names in claims stand for. The words are those of the configuration.
package enum NameKind: String, Sendable, Hashable, CaseIterable {
    case roles, groups, entitlements
}

/// Bounds on names, so that no token grows into work or log lines without end.
package enum NameLimits {
    /// Of one kind, after those of all sources are joined.
    package static let countMax = 2000

    /// In UTF-8 bytes. An entitlement is a URN that holds a whole path of groups, so it may be longer.
    package static func bytesMax(_ kind: NameKind) -> Int { kind == .entitlements ? 1024 : 256 }

    static func checkCount(_ count: Int, _ path: ClaimPath?) throws(IdentityError) {
        guard count <= countMax else { throw .tooManyNames(path, count) }
    }

    /// - Parameter path: the claim they come from; nil for the hub's own.
    static func check(_ names: [String], _ kind: NameKind, _ path: ClaimPath?) throws(IdentityError) {
        try checkCount(names.count, path)
        for name in names {
            guard name.utf8.count <= bytesMax(kind) else { throw .nameTooLong(path, name.utf8.count) }
            guard !name.utf8.contains(where: \.isControl) else { throw .controlCharacter(path) }
        }
    }
}

extension UInt8 {
    /// C0 and DEL: they would end lines in logs and files.
    var isControl: Bool { self < 0x20 || self == 0x7F }
}

// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// What Berth says of a server's end.
package struct WalltimeAnswer: Hashable, Sendable {
    /// Nil where nothing counts down: the server has not begun, or has no walltime.
    package var left: Duration?
    /// Before which spans the user is told; positive, the longest first.
    package var warnBefore: [Duration]
    /// Nil where the user may not move the end.
    package var extending: Extension?
    /// Where a browser moves the end, relative to the hub's origin.
    package var page: String?
    /// Nil where being unused ends nothing.
    package var idle: Idle?

    package struct Idle: Hashable, Sendable {
        /// How long it may be unused; positive.
        package var limit: Duration
        /// Until it ends for that; nil where nobody knows when it was used.
        package var left: Duration?
        package var warnBefore: [Duration]

        package init(limit: Duration, left: Duration?, warnBefore: [Duration]) {
            self.limit = limit
            self.left = left
            self.warnBefore = warnBefore
        }
    }

    package struct Extension: Hashable, Sendable {
        /// By so much with each call.
        package var by: Duration
        /// So much in all, from now on.
        package var left: Duration

        package init(by: Duration, left: Duration) {
            self.by = by
            self.left = left
        }
    }

    package init(
        left: Duration?, warnBefore: [Duration] = [], extending: Extension? = nil, page: String? = nil,
        idle: Idle? = nil
    ) {
        self.left = left
        self.warnBefore = warnBefore
        self.extending = extending
        self.page = page
        self.idle = idle
    }
}

extension WalltimeAnswer {
    init(_ json: JSON) throws(SidecarError) {
        guard let left = json["left_s"], left.isNull || left.span != nil else {
            throw .unexpected("no left_s in seconds")
        }
        self.init(
            left: left.span, warnBefore: Self.warnings(json), extending: json["extension"].flatMap { Extension($0) },
            page: json["page"]?.string.flatMap(Self.ownPath), idle: json["idle"].flatMap { Idle($0) })
    }

    fileprivate static func warnings(_ json: JSON) -> [Duration] {
        let warnings = (json["warn_before_s"]?.array ?? []).compactMap(\.span).filter { $0 > .zero }
        return Array(Set(warnings).sorted(by: >).prefix(16))
    }

    /// A path and nothing that leads to another host.
    private static func ownPath(_ page: String) -> String? {
        let isPlain = page.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") }
        return page.hasPrefix("/") && !page.hasPrefix("//") && isPlain && page.utf8.count <= 2048 ? page : nil
    }
}

extension WalltimeAnswer.Idle {
    init?(_ json: JSON) {
        guard let limit = json["limit_s"]?.span, limit > .zero else { return nil }
        self.init(limit: limit, left: json["left_s"]?.span, warnBefore: WalltimeAnswer.warnings(json))
    }
}

extension WalltimeAnswer.Extension {
    init?(_ json: JSON) {
        guard let by = json["by_s"]?.span, let left = json["left_s"]?.span, by > .zero, left > .zero else {
            return nil
        }
        self.init(by: by, left: left)
    }

    var json: JSON { ["by_s": JSON(Int(by.wholeSeconds)), "left_s": JSON(Int(left.wholeSeconds))] }
}

extension JSON {
    /// Whole seconds that are no slip.
    var span: Duration? {
        guard let seconds = int, seconds >= 0, seconds <= Int(Duration.spanMax.wholeSeconds) else { return nil }
        return .seconds(seconds)
    }
}

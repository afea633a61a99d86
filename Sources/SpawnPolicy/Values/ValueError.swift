// SPDX-License-Identifier: Apache-2.0

/// Why a value cannot be put in place for one start. For operators: the reference is named, data is not shown.
package enum ValueError: Error, Sendable, Hashable {
    /// The reference has no value and no default.
    case missing(String)
    /// The reference's value may not stand where it should; the reason as a sentence's end.
    case unfit(String, String)
    /// All that a start sets is more than a ledger should keep.
    case tooLarge
    case tooManyMatches

    package var detail: String {
        switch self {
        case .missing(let reference): "`${\(reference)}` has no value here, and no `| default`"
        case .unfit(let reference, let why): "`${\(reference)}` \(why)"
        case .tooLarge: "what the rules set is larger than \(ValueTemplate.bytesMax) bytes"
        case .tooManyMatches: "`for_each` matches more than \(ForEach.matchesMax) times"
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// A JSON value that keeps what it does not understand: member order, unknown members, the spelling of numbers.
///
/// A parsed value stays a slice of its validated source bytes until something is set inside it. Reading never
/// changes that; setting expands only the levels on the way, and everything else is written back byte for byte.
/// A slice keeps its whole source alive.
///
/// Two values are equal when they mean the same: same kind, same members in the same order, strings by their
/// code points after unescaping, numbers by their spelling (`1` is not `1.0`).
package struct JSON: Sendable {
    enum Storage: Sendable {
        case null
        case bool(Bool)
        /// The number as it is spelled, valid by RFC 8259 section 6.
        case number(String)
        case string(String)
        case array([JSON])
        case object(JSONObject)
        /// Parsed, and nothing set in it since.
        case slice(Slice)
        case extended(ExtendedArray)
        case joined(JoinedArrays)
        /// A parsed object with some of its members changed.
        case revised(RevisedObject)
    }

    package enum Kind: Sendable, Hashable {
        case null, bool, number, string, array, object
    }

    var storage: Storage

    init(_ storage: Storage) { self.storage = storage }
    init(_ slice: Slice) { self.storage = .slice(slice) }
}

/// A parsed array that is not empty, and what was added at its end.
struct ExtendedArray {
    let parsed: Slice
    let added: [JSON]

    var elements: [JSON] { parsed.elements() + added }
}

/// Two parsed arrays that are not empty, one behind the other.
struct JoinedArrays {
    let first: Slice
    let second: Slice

    var elements: [JSON] { first.elements() + second.elements() }
}

// MARK: - Building

extension JSON {
    package static let null = JSON(.null)
    package static let emptyObject = JSON(.object(JSONObject()))
    package static let emptyArray = JSON(.array([]))

    package init(_ text: String) { self.init(.string(text)) }
    package init(_ truth: Bool) { self.init(.bool(truth)) }
    package init(_ integer: Int) { self.init(.number(String(integer))) }
    package init(_ elements: [JSON]) { self.init(.array(elements)) }
    package init(_ object: JSONObject) { self.init(.object(object)) }

    /// A number of any size and precision, kept as spelled; nil when RFC 8259 section 6 does not allow the spelling.
    package init?(numberSpelling: String) {
        guard JSONCursor.isNumber(numberSpelling) else { return nil }
        self.init(.number(numberSpelling))
    }
}

// MARK: - Parsing

extension JSON {
    /// The value of a whole JSON text by RFC 8259, checked in one pass before anything is returned.
    ///
    /// Stricter than the RFC demands: equal keys in one object, surrogates without their partner and a byte order
    /// mark are refused, since peers disagree on what they mean.
    ///
    /// - Throws: `JSONError` with the offset of the first byte that does not fit.
    package init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        let tape = try JSONScanner.tape(of: bytes, limits: limits)
        self.init(Slice(source: JSONSource(bytes: bytes, tape: tape), index: 0))
    }

    package init(parsing text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }

    /// Looks at the value where it stands; what was set in it is written and parsed for that.
    ///
    /// Unlike a look into `packed` it counts no owners where nothing was set.
    @inline(__always)
    func withSlice<Result>(_ body: (Slice) -> Result) -> Result {
        if let result = storage.withSlice(body) { return result }
        guard let result = packed.storage.withSlice(body) else {
            preconditionFailure("what was built from JSON can be parsed")
        }
        return result
    }

    /// The same value as a slice of its own text: quick to look into, to compare and to write many times.
    package var packed: JSON {
        if case .slice = storage { return self }
        return (try? JSON(parsing: bytes, limits: JSONLimits(bytesMax: .max, depthMax: .max))) ?? self
    }
}

extension JSON.Storage {
    /// A switch over `self`, and not over a member, counts no owner of the slice.
    @inline(__always)
    fileprivate func withSlice<Result>(_ body: (Slice) -> Result) -> Result? {
        switch self {
        case .slice(let slice): body(slice)
        default: nil
        }
    }
}

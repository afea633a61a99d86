// SPDX-License-Identifier: Apache-2.0

/// Why a text, a pointer or a patch was refused.
package enum JSONError: Error, Hashable {
    /// The text is not JSON. `offset` is the first byte that does not fit, or the length where the text ends too early.
    case malformed(offset: Int, reason: String)
    /// An object names a member twice; `offset` is where the later key begins.
    case duplicateKey(offset: Int, key: String)
    /// More arrays and objects inside one another than allowed; `offset` is the bracket that is too many.
    case tooDeep(offset: Int, limit: Int)
    case tooLarge(bytes: Int, limit: Int)
    /// The text is not an RFC 6901 pointer.
    case pointer(text: String, reason: String)
    /// The document is not an RFC 6902 patch. `operation` counts from 0; nil when the fault is the patch as a whole.
    case patchMalformed(operation: Int?, reason: String)
    /// A well-formed operation cannot be carried out; the document stays as it was before the first one.
    case patchFailed(operation: Int, path: String, reason: String)
}

extension JSONError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let offset, let reason):
            "not valid JSON at byte \(offset): \(reason)"
        case .duplicateKey(let offset, let key):
            "not acceptable JSON at byte \(offset): the object has another member named \(Self.quoted(key))"
        case .tooDeep(let offset, let limit):
            "not acceptable JSON at byte \(offset): arrays and objects are nested more than \(limit) deep"
        case .tooLarge(let bytes, let limit):
            "not acceptable JSON: \(bytes) bytes, and at most \(limit) are read"
        case .pointer(let text, let reason):
            "\(Self.quoted(text)) is not a JSON pointer: \(reason)"
        case .patchMalformed(nil, let reason):
            "not a JSON patch: \(reason)"
        case .patchMalformed(let operation?, let reason):
            "not a JSON patch, at operation \(operation): \(reason)"
        case .patchFailed(let operation, let path, let reason):
            "operation \(operation) of the patch cannot be carried out at \(Self.quoted(path)): \(reason)"
        }
    }

    /// The text as a JSON string, shortened so that a hostile key does not fill the log.
    private static func quoted(_ text: String) -> String {
        let shown = text.unicodeScalars.count > 64 ? String(text.unicodeScalars.prefix(64)) + "…" : text
        return JSON(shown).text
    }
}

// SPDX-License-Identifier: Apache-2.0

/// One record of a directory, with the attributes that were asked for.
struct DirectoryEntry: Equatable {
    /// As the server spells it.
    let dn: String
    /// By the attribute's description in small letters, options such as `;range=0-1499` included.
    var values: [String: [[UInt8]]]

    static let valuesMost = 2000
    static let bytesMost = 1024

    func bytes(of attribute: String) -> [[UInt8]] { values[attribute.lowercased()] ?? [] }

    /// The values in the server's order, which means nothing.
    ///
    /// - Throws: where one is no text on one line: it would go on into logs, claims and files.
    func texts(of attribute: String) throws(DirectoryError) -> [String] {
        let values = bytes(of: attribute)
        guard values.count <= Self.valuesMost else {
            throw unusable(attribute, "has \(values.count) values, and \(Self.valuesMost) are read")
        }
        var texts: [String] = []
        for value in values {
            guard value.count <= Self.bytesMost else { throw unusable(attribute, "has a value that is too long") }
            guard let text = String(validating: value, as: UTF8.self) else {
                throw unusable(attribute, "has a value that is no text in UTF-8")
            }
            guard text.unicodeScalars.allSatisfy({ !$0.isControl }) else {
                throw unusable(attribute, "has a value with a line break or another control character")
            }
            texts.append(text)
        }
        return texts
    }

    /// Nil where there is none.
    func text(of attribute: String) throws(DirectoryError) -> String? {
        let texts = try texts(of: attribute)
        guard texts.count < 2 else { throw unusable(attribute, "has \(texts.count) values where one is expected") }
        return texts.first
    }

    private func unusable(_ attribute: String, _ reason: String) -> DirectoryError {
        .valueUnusable(attribute: attribute, entry: dn, reason: reason)
    }
}

extension Unicode.Scalar {
    /// Of the general category Cc: C0, DEL and C1. Asking Unicode's tables takes a tenth of a whole read.
    var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
}

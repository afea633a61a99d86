// SPDX-License-Identifier: Apache-2.0
import Hashing
import JSONTree
import SpawnModel

extension Filter {
    /// - Parameters:
    ///   - value: nil where nothing is.
    ///   - reference: for errors.
    func apply(to value: JSON?, of reference: Reference) throws(ValueError) -> JSON? {
        guard let value else {
            if case .standard(let standard) = self { return standard }
            return nil
        }
        switch self {
        case .standard: return value
        case .json: return JSON(value.text)
        case .join(let separator): return JSON(try texts(value, reference).joined(separator: separator))
        case .lines(let pattern): return JSON(try pattern.lines(value, reference))
        default:
            guard let elements = value.array else { return try single(value, reference) }
            var filtered: [JSON] = []
            for element in elements { filtered.append(try single(element, reference)) }
            return JSON(filtered)
        }
    }

    private func single(_ value: JSON, _ reference: Reference) throws(ValueError) -> JSON {
        switch self {
        case .leaf: return JSON(try text(value, reference).leaf)
        case .lower: return JSON(try text(value, reference).lowercased())
        case .dns: return JSON(SafeName.dns(try text(value, reference)))
        case .label: return JSON(SafeName.label(try text(value, reference)))
        case .hash: return JSON(SHA256.hex(try text(value, reference)))
        case .last(let count): return JSON(String(try text(value, reference).suffix(count)))
        case .times(let factor): return try number(value, reference) { $0.multiplied(by: factor) }
        case .plus(let term): return try number(value, reference) { $0.adding(term) }
        case .standard, .json, .join, .lines: return value
        }
    }

    private func texts(_ value: JSON, _ reference: Reference) throws(ValueError) -> [String] {
        guard let elements = value.array else { return [try text(value, reference)] }
        var texts: [String] = []
        for element in elements { texts.append(try text(element, reference)) }
        return texts
    }

    private func text(_ value: JSON, _ reference: Reference) throws(ValueError) -> String {
        guard let text = value.scalarText else {
            throw .unfit(reference.text, "is a list or a mapping where a text is needed; use `join`, `lines` or `json`")
        }
        return text
    }

    /// A size with a unit becomes whole bytes.
    private func number(
        _ value: JSON, _ reference: Reference, _ change: (Quantity) -> Quantity?
    ) throws(ValueError) -> JSON {
        let spelling = value.numberSpelling ?? value.string ?? ""
        let old = reference.isTrait ? Quantity(kubeSpawner: spelling) : Quantity(spelling)
        guard let old, let new = change(old) else { throw .unfit(reference.text, "is not a number or size") }
        let hasUnit = spelling.utf8.last.map { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
        if hasUnit, !spelling.hasSuffix("m") { return JSON(new.roundedUp) }
        return JSON(numberSpelling: new.decimalText) ?? JSON(new.roundedUp)
    }
}

extension Filter.LinePattern {
    /// One line for each element, each with a line break behind it. Data that holds a `:` or a control character would
    /// be read as another field or line, and is refused.
    fileprivate func lines(_ value: JSON, _ reference: Reference) throws(ValueError) -> String {
        var text = ""
        for element in value.array ?? [value] {
            for part in parts {
                switch part {
                case .literal(let literal): text += literal
                case .member(let name): text += try field(name.map { element[$0] } ?? element, reference)
                }
            }
            text += "\n"
        }
        return text
    }

    private func field(_ value: JSON?, _ reference: Reference) throws(ValueError) -> String {
        guard let text = value?.scalarText else { throw .unfit(reference.text, "lacks a member that `lines` asks for") }
        guard !text.unicodeScalars.contains(where: { $0 == ":" || $0.isControl }) else {
            throw .unfit(reference.text, "holds `:` or a character that does not print, and would break its line")
        }
        return text
    }
}

extension Reference {
    fileprivate var isTrait: Bool { if case .trait = source { true } else { false } }
}

extension String {
    fileprivate var leaf: String {
        utf8.lastIndex(of: UInt8(ascii: "/")).map { String(self[utf8.index(after: $0)...]) } ?? self
    }
}

extension JSON {
    /// A text, number or truth value as text.
    var scalarText: String? {
        switch kind {
        case .string: string
        case .number: numberSpelling
        case .bool: bool == true ? "true" : "false"
        case .null, .array, .object: nil
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// `metric{label="value",…} value [milliseconds]`, read from left to right.
struct SampleLine {
    private var rest: ArraySlice<UInt8>

    init(_ line: ArraySlice<UInt8>) {
        rest = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        skipBlanks()
    }

    /// What is left of it.
    var count: Int { rest.count }

    /// Nil for a comment and an empty line.
    mutating func name() -> String? {
        let name = rest.prefix { $0.isNameSign || $0 == UInt8(ascii: ":") }
        rest = rest.dropFirst(name.count)
        return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
    }

    /// What stands behind the name; nil where it is not in the format.
    mutating func sample(of metric: String, now: Instant) -> Sample? {
        skipBlanks()
        guard let labels = labels() else { return nil }
        let words = rest.split(whereSeparator: \.isBlank).map { String(decoding: $0, as: UTF8.self) }
        guard let value = words.first.flatMap({ Double($0) }), words.count <= 2 else { return nil }
        guard words.count == 2 else { return Sample(metric: metric, labels: labels, value: value, at: now) }
        return Int64(words[1]).flatMap { Instant.told(unixMilliseconds: $0, now: now) }.map {
            Sample(metric: metric, labels: labels, value: value, at: $0)
        }
    }

    /// Empty where there are none; nil where they don't end, or one is said twice.
    private mutating func labels() -> [String: String]? {
        var labels: [String: String] = [:]
        guard take("{") else { return labels }
        while !take("}") {
            skipBlanks()
            guard let name = labelName(), let value = labelValue(), labels.updateValue(value, forKey: name) == nil
            else { return nil }
            skipBlanks()
            guard take(",") || rest.first == UInt8(ascii: "}") else { return nil }
            skipBlanks()
        }
        return labels
    }

    private mutating func labelName() -> String? {
        let name = rest.prefix(while: \.isNameSign)
        rest = rest.dropFirst(name.count)
        skipBlanks()
        guard !name.isEmpty, take("=") else { return nil }
        skipBlanks()
        return String(decoding: name, as: UTF8.self)
    }

    /// Quoted; `\\`, `\"` and `\n` are the escapes there are.
    private mutating func labelValue() -> String? {
        guard take("\"") else { return nil }
        var value: [UInt8] = []
        while let byte = rest.popFirst() {
            switch Unicode.Scalar(byte) {
            case "\"": return String(decoding: value, as: UTF8.self)
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped == UInt8(ascii: "n") ? UInt8(ascii: "\n") : escaped)
            default: value.append(byte)
            }
        }
        return nil
    }

    private mutating func take(_ sign: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: sign) else { return false }
        rest = rest.dropFirst()
        return true
    }

    private mutating func skipBlanks() { rest = rest.drop(while: \.isBlank) }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }

    fileprivate var isNameSign: Bool {
        switch Unicode.Scalar(self) {
        case "a"..."z", "A"..."Z", "0"..."9", "_": true
        default: false
        }
    }
}

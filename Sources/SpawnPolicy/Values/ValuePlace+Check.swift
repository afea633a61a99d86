// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension ValuePlace {
    /// Whether Kubernetes takes only text here, so that a number or truth value becomes one.
    package var isText: Bool {
        switch self {
        case .plain, .formatted: false
        default: true
        }
    }

    /// `data`, which came from outside the file, as it may be put among other text here.
    func fitted(_ data: String, of reference: Reference) throws(ValueError) -> String {
        guard self == .content || reference.makesLines || !data.unicodeScalars.contains(where: \.isControl) else {
            throw .unfit(reference.text, "holds a character that does not print")
        }
        switch self {
        case .path, .pathKey:
            guard !data.isEmpty, data != ".", data != "..", !data.contains("/"), !data.contains("\\") else {
                throw .unfit(reference.text, "is no single part of a path; use `leaf` or `dns`")
            }
            return self == .pathKey ? try fittedKey(data, reference) : data
        case .key: return try fittedKey(data, reference)
        case .expanded: return data.doubling("$")
        case .formattedAndExpanded: return data.doubling("$").doubling("{").doubling("}")
        case .formatted: return data.doubling("{").doubling("}")
        case .plain, .labelValue, .objectName, .image, .content, .text: return data
        }
    }

    private func fittedKey(_ data: String, _ reference: Reference) throws(ValueError) -> String {
        guard !data.isEmpty, data != "..", data.utf8.allSatisfy({ $0.isLetterOrDigit || "._-".utf8.contains($0) })
        else {
            throw .unfit(reference.text, "may hold only letters, digits, `.`, `_` and `-` in a key; use `dns`")
        }
        return data
    }

    /// Whether the finished text, with data in it, may stand here.
    func check(_ text: String, of reference: Reference) throws(ValueError) {
        switch self {
        case .path, .pathKey:
            if text.utf8.split(separator: UInt8(ascii: "/")).contains(where: { $0.elementsEqual("..".utf8) }) {
                throw .unfit(reference.text, "makes a path that leads upwards")
            }
        case .labelValue:
            if !text.isEmpty, !isLabelValue(text) {
                throw .unfit(reference.text, "makes no value of a label; use `label`")
            }
        case .objectName:
            if !SafeName.isObjectName(text) {
                throw .unfit(reference.text, "makes no name of a Kubernetes object; use `dns`")
            }
        case .image:
            if ImageReference(text) == nil { throw .unfit(reference.text, "makes no image reference") }
        case .plain, .key, .expanded, .formattedAndExpanded, .formatted, .content, .text: return
        }
    }
}

extension Reference {
    fileprivate var makesLines: Bool { if case .lines = filters.last { true } else { false } }
}

extension String {
    fileprivate func doubling(_ sign: Unicode.Scalar) -> String {
        unicodeScalars.contains(sign)
            ? String(String.UnicodeScalarView(unicodeScalars.flatMap { $0 == sign ? [$0, $0] : [$0] })) : self
    }
}

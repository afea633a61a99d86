// SPDX-License-Identifier: Apache-2.0
import JSONTree

extension JSON {
    /// The value at a JSON pointer in which a list's entry may be named: `/spec/containers/@notebook/image`, and `*`
    /// stands for each entry: `/spec/initContainers/*/name` is the list of names.
    func found(at pointer: String) throws -> JSON? {
        try found(at: JSONPointer(pointer).tokens[...])
    }

    private func found(at tokens: ArraySlice<String>) -> JSON? {
        guard let token = tokens.first else { return self }
        let rest = tokens.dropFirst()
        if token == "*" { return array.map { JSON($0.map { $0.found(at: rest) ?? .null }) } }
        return step(token)?.found(at: rest)
    }

    private func step(_ token: String) -> JSON? {
        if token.hasPrefix("@") { return entry(String(token.dropFirst())) }
        if kind == .array { return Int(token).flatMap { self[$0] } }
        return self[token]
    }

    /// An entry of a list of named things; tolerations and affinity terms are named by their keys.
    func entry(_ name: String) -> JSON? {
        array?.first { entry in ["name", "mountPath", "key"].contains { entry[$0]?.string == name } }
    }
}

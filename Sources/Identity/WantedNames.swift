// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// The names that rules ask for, brought into the form in which subjects carry theirs.
package struct WantedNames: Sendable {
    private let forms: NameForms
    private let mappings: [ClaimsMapping]

    package init(forms: NameForms, mappings: [ClaimsMapping]) {
        self.forms = forms
        self.mappings = mappings
    }

    /// Who has one of these has what was asked for. Mostly one; several where a wider capability covers a narrower one.
    package func alternatives(to name: String, as kind: NameKind) -> [String] {
        spellings(of: name, kind).map(forms[kind].applied).withoutRepeats()
    }

    package func foldsCase(_ kind: NameKind) -> Bool { forms[kind].foldsCase }

    private func spellings(of name: String, _ kind: NameKind) -> [String] {
        let shapes = mappings.flatMap { $0.sources(of: kind) }.map(\.shape)
        if kind == .entitlements {
            if shapes.contains(.wlcg), let capability = WLCGCapability(name) { return capability.covering }
            if shapes.contains(where: \.isAARC), let entitlement = AARCEntitlement(name) { return [entitlement.text] }
            return [name]
        }
        return [shapes.contains(where: \.isAARC) ? Self.aarcName(name) : name]
    }

    /// `/lab/sub%3aone:role=chief%20scientist` in its one spelling, where it is such a name.
    private static func aarcName(_ name: String) -> String {
        let halves = name.split(separator: ":role=", maxSplits: 1, omittingEmptySubsequences: false)
        let group = halves[0].utf8
        guard group.first == UInt8(ascii: "/"), !group.contains(UInt8(ascii: ":")) else { return name }
        let names = group.dropFirst().map { $0 == UInt8(ascii: "/") ? UInt8(ascii: ":") : $0 }
        let role = halves.count > 1 ? ":role=" + halves[1] : ""
        let entitlement = AARCEntitlement("urn:x:x:group:" + String(decoding: names, as: UTF8.self) + role)
        return entitlement.map { $0.roleName ?? $0.groupName } ?? name
    }
}

extension ClaimSource.Shape {
    fileprivate var isAARC: Bool { if case .aarc = self { true } else { false } }
}

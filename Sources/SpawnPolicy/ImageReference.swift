// SPDX-License-Identifier: Apache-2.0

/// The parts of an image's name, by the grammar of the distribution project's reference package
/// (`[domain[:port]/]path[:tag][@digest]`), which every container runtime shares.
package struct ImageReference: Sendable, Hashable {
    /// Host with its port, where the reference names one; nil means the runtime's own default registry.
    package let registry: String?
    package let repository: String
    package let tag: String?
    package let digest: String?

    /// Nil unless the whole text is a reference.
    package init?(_ text: String) {
        var rest = text[...]
        digest = Self.cutting(&rest, after: "@")
        tag = Self.tag(cutFrom: &rest)
        guard Self.isTag(tag), Self.isDigest(digest), rest.utf8.count <= 255 else { return nil }

        registry = Self.registry(cutFrom: &rest)
        repository = String(rest)
        guard Self.isRegistry(registry), !repository.isEmpty, !Self.isBareIdentifier(text),
            repository.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(Self.isPathComponent)
        else { return nil }
    }

    /// What stands behind the first `mark`, which is taken off `rest`.
    private static func cutting(_ rest: inout Substring, after mark: Character) -> String? {
        guard let place = rest.firstIndex(of: mark) else { return nil }
        defer { rest = rest[..<place] }
        return String(rest[rest.index(after: place)...])
    }

    /// A colon behind the last slash starts a tag; one before it is a port's.
    private static func tag(cutFrom rest: inout Substring) -> String? {
        let name = rest.lastIndex(of: "/").map { rest.index(after: $0) } ?? rest.startIndex
        guard let place = rest[name...].firstIndex(of: ":") else { return nil }
        defer { rest = rest[..<place] }
        return String(rest[rest.index(after: place)...])
    }

    /// The first component is a host if nothing but a host could look like it: a dot, a port, a capital, `localhost`.
    private static func registry(cutFrom rest: inout Substring) -> String? {
        guard let slash = rest.firstIndex(of: "/") else { return nil }
        let first = rest[..<slash]
        let isHost = first == "localhost" || first.utf8.contains { ".:[".utf8.contains($0) || isUpper($0) }
        guard isHost else { return nil }
        defer { rest = rest[rest.index(after: slash)...] }
        return String(first)
    }

    private static func isTag(_ tag: String?) -> Bool {
        guard let tag else { return true }
        guard let first = tag.utf8.first, isWord(first), tag.utf8.count <= 128 else { return false }
        return tag.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    /// The registered algorithms have their exact length; others at least 32 hex digits.
    private static func isDigest(_ digest: String?) -> Bool {
        guard let digest else { return true }
        let parts = digest.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, isAlgorithm(parts[0]) else { return false }
        switch parts[0] {
        case "sha256": return parts[1].utf8.count == 64 && parts[1].utf8.allSatisfy(isLowerHex)
        case "sha512": return parts[1].utf8.count == 128 && parts[1].utf8.allSatisfy(isLowerHex)
        default: return parts[1].utf8.count >= 32 && parts[1].utf8.allSatisfy { isLowerHex($0) || isUpperHex($0) }
        }
    }

    private static func isAlgorithm(_ name: Substring) -> Bool {
        name.utf8.split(separator: UInt8(ascii: "+"), omittingEmptySubsequences: false).allSatisfy { part in
            part.first.map { isLower($0) || isUpper($0) } == true
                && part.allSatisfy { isLower($0) || isUpper($0) || isDigit($0) }
        }
    }

    private static func isRegistry(_ registry: String?) -> Bool {
        guard let registry else { return true }
        guard let (host, port) = hostAndPort(registry[...]), isPort(port) else { return false }
        if host.first == "[" { return isBracketedIPv6(host) }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isHostLabel)
    }

    private static func hostAndPort(_ registry: Substring) -> (host: Substring, port: Substring?)? {
        let hostEnd = registry.first == "[" ? registry.firstIndex(of: "]") : registry.startIndex
        guard let hostEnd else { return nil }
        guard let colon = registry[hostEnd...].firstIndex(of: ":") else { return (registry, nil) }
        return (registry[..<colon], registry[registry.index(after: colon)...])
    }

    private static func isPort(_ port: Substring?) -> Bool {
        guard let port else { return true }
        return port.utf8.allSatisfy(isDigit) && (UInt16(port) ?? 0) > 0
    }

    private static func isHostLabel(_ label: Substring) -> Bool {
        guard let first = label.utf8.first, let last = label.utf8.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isBracketedIPv6(_ host: Substring) -> Bool {
        host.last == "]" && host.count > 4
            && host.dropFirst().dropLast().utf8.allSatisfy {
                isLowerHex($0) || isUpperHex($0) || $0 == UInt8(ascii: ":")
            }
    }

    /// Lower-case letters and digits, joined by one dot, one or two underscores, or any number of dashes.
    private static func isPathComponent(_ component: Substring) -> Bool {
        var separator: [UInt8] = []
        guard let last = component.utf8.last, isLower(last) || isDigit(last) else { return false }
        guard let first = component.utf8.first, isLower(first) || isDigit(first) else { return false }
        for byte in component.utf8 {
            if isLower(byte) || isDigit(byte) {
                guard isSeparator(separator) else { return false }
                separator = []
            } else {
                separator.append(byte)
            }
        }
        return true
    }

    private static func isSeparator(_ bytes: [UInt8]) -> Bool {
        switch bytes.first {
        case nil: true
        case UInt8(ascii: "."): bytes.count == 1
        case UInt8(ascii: "_"): bytes.count <= 2 && bytes.allSatisfy { $0 == UInt8(ascii: "_") }
        case UInt8(ascii: "-"): bytes.allSatisfy { $0 == UInt8(ascii: "-") }
        default: false
        }
    }

    /// 64 hex digits alone are an image's id, never a name.
    private static func isBareIdentifier(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy(isLowerHex)
    }
}

private func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
private func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
private func isAlphanumeric(_ byte: UInt8) -> Bool { isLower(byte) || isUpper(byte) || isDigit(byte) }
private func isWord(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte == UInt8(ascii: "_") }
private func isLowerHex(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
}
private func isUpperHex(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
}

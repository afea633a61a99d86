// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension JSON {
    /// The value of a claim; nil when it is missing or null, or something on the way is no object.
    func claim(at path: ClaimPath) -> JSON? {
        var value = self
        for name in path.names {
            guard let member = value[name] else { return nil }
            value = member
        }
        return value.isNull ? JSON?.none : value
    }

    /// A list of names, or one name as a list of one; empty texts say nothing.
    func names(_ path: ClaimPath) throws(IdentityError) -> [String] {
        let elements = array ?? [self]
        try NameLimits.checkCount(elements.count, path)
        var names: [String] = []
        for element in elements {
            guard let name = element.string ?? element.int.map(String.init) else { throw .notNames(path, element.kind) }
            if !name.isEmpty { names.append(name) }
        }
        return names
    }

    /// A text is cut at the separator, and blanks around each name are dropped; a list is taken as it comes.
    func names(_ path: ClaimPath, joinedBy separator: Unicode.Scalar) throws(IdentityError) -> [String] {
        guard let text = string else { return try names(path) }
        let parts = text.unicodeScalars.split(separator: separator)
        try NameLimits.checkCount(parts.count, path)
        return parts.map { String($0.trimmingBlanks) }.filter { !$0.isEmpty }
    }

    /// The numeric ids; nil when the claims have neither uid nor gid, which leaves those that the hub chose.
    func posixIdentity(_ mapping: ClaimsMapping) throws(IdentityError) -> PosixIdentity? {
        guard let uidPath = mapping.uid else { return nil }
        let uid = try id(at: uidPath)
        let gid = try mapping.gid.flatMap { path throws(IdentityError) in try id(at: path) }
        guard let uid else {
            if gid == nil { return nil }
            throw .incompleteIDs(missing: uidPath)
        }
        guard let gid else { throw .incompleteIDs(missing: mapping.gid ?? uidPath) }
        let groups = try mapping.supplementalGroups.map { path throws(IdentityError) in try ids(at: path) } ?? []
        guard let identity = PosixIdentity(uid: uid, gid: gid, supplementalGroups: groups) else {
            throw .idOutOfRange(uidPath, "\(uid)")
        }
        return identity
    }

    private func id(at path: ClaimPath) throws(IdentityError) -> Int? {
        guard let value = claim(at: path) else { return nil }
        return try value.id(path)
    }

    private func ids(at path: ClaimPath) throws(IdentityError) -> [Int] {
        guard let value = claim(at: path) else { return [] }
        guard let list = value.array else { return [try value.id(path)] }
        var ids: [Int] = []
        for element in list { ids.append(try element.id(path)) }
        return ids
    }

    /// A whole number, or its digits as text, which some providers send; 1 to 2^31 - 1, so that nobody becomes root.
    private func id(_ path: ClaimPath) throws(IdentityError) -> Int {
        let spelling = string ?? numberSpelling
        guard let spelling else { throw .notAnID(path, kind.name) }
        let number = string.map(Self.digits) ?? int
        guard let number else { throw .notAnID(path, spelling) }
        guard (1...Int(Int32.max)).contains(number) else { throw .idOutOfRange(path, spelling) }
        return number
    }

    /// ASCII digits with an optional minus sign, so that a negative number is named for what it is.
    private static func digits(_ text: String) -> Int? {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int(text) ?? Int.max
    }
}

extension Substring.UnicodeScalarView {
    fileprivate var trimmingBlanks: Self {
        var rest = drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}

// SPDX-License-Identifier: Apache-2.0

/// The accounts that every image is taken to have, which stay beside the person's.
package struct BaseAccounts: Sendable, Hashable {
    /// In the file's order, each name once; of those with one number the first is found by it.
    package let users: [User]
    package let groups: [Group]

    package struct User: Sendable, Hashable {
        package let name: String
        package let uid: Int
        package let gid: Int
        package let fullName: String
        package let home: String
        package let shell: String
    }

    package struct Group: Sendable, Hashable {
        package let name: String
        package let gid: Int
    }

    /// Of the texts of a passwd and a group file. Passwords and members are left out: nobody logs in by these files,
    /// and nobody is in a base group but the person.
    /// Where a text is nil, the usual ones stand.
    package init(passwd: String?, group: String?) throws(BaseAccountsFault) {
        users = try passwd.map { text throws(BaseAccountsFault) in try Self.users(of: text) } ?? Self.usual.users
        groups = try group.map { text throws(BaseAccountsFault) in try Self.groups(of: text) } ?? Self.usual.groups
    }

    /// Far more than an image has; both stand in every object.
    package static let bytesMost = 65_536

    private static func users(of text: String) throws(BaseAccountsFault) -> [User] {
        try lines(of: text, fields: 7).map { number, fields throws(BaseAccountsFault) in
            guard let uid = id(fields[2]), let gid = id(fields[3]), GroupFileName.isGood(fields[0]) else {
                throw BaseAccountsFault(line: number, isPasswd: true)
            }
            return User(name: fields[0], uid: uid, gid: gid, fullName: fields[4], home: fields[5], shell: fields[6])
        }
    }

    private static func groups(of text: String) throws(BaseAccountsFault) -> [Group] {
        try lines(of: text, fields: 4).map { number, fields throws(BaseAccountsFault) in
            guard let gid = id(fields[2]), GroupFileName.isGood(fields[0]) else {
                throw BaseAccountsFault(line: number, isPasswd: false)
            }
            return Group(name: fields[0], gid: gid)
        }
    }

    private init(users: [User], groups: [Group]) { (self.users, self.groups) = (users, groups) }

    /// Lines with their numbers, from 1; empty ones and comments are passed over. Parted by bytes, as readers of the files
    /// do: to Swift, a separator with an accent on it is another sign.
    private static func lines(
        of text: String, fields count: Int
    ) throws(BaseAccountsFault) -> [(Int, [String])] {
        var lines: [(Int, [String])] = []
        var names: Set<String> = []
        for (place, line) in parts(text, at: "\n").enumerated() where !line.isEmpty && line.utf8.first != hash {
            let fields = parts(line, at: ":")
            let isLine = fields.count == count && fields.joined().unicodeScalars.allSatisfy(AccountText.isOfField)
            guard isLine, names.insert(fields[0]).inserted else {
                throw BaseAccountsFault(line: place + 1, isPasswd: count == 7)
            }
            lines.append((place + 1, fields))
        }
        return lines
    }

    private static let hash = UInt8(ascii: "#")

    private static func parts(_ text: String, at separator: Unicode.Scalar) -> [String] {
        text.utf8.split(separator: UInt8(ascii: separator), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private static func id(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else { return nil }
        return Int(text).flatMap { $0 < 4_294_967_295 ? $0 : nil }
    }
}

/// A line of a base file that cannot be used.
package struct BaseAccountsFault: Error, Sendable, Hashable {
    /// From 1.
    package let line: Int
    /// Or else it is the group file.
    package let isPasswd: Bool
}

extension BaseAccounts {
    /// What images of the Debian family have, without those who run servers.
    package static let usual = BaseAccounts(
        users: [
            User(name: "root", uid: 0, gid: 0, fullName: "root", home: "/root", shell: "/bin/sh"),
            system("daemon", 1, home: "/usr/sbin"), system("bin", 2, home: "/bin"), system("sys", 3, home: "/dev"),
            system("mail", 8, home: "/var/mail"), system("www-data", 33, home: "/var/www"),
            system("_apt", 42, gid: 65_534, home: "/nonexistent"),
            system("nobody", 65_534, home: "/nonexistent"),
        ],
        groups: [
            ("root", 0), ("daemon", 1), ("bin", 2), ("sys", 3), ("adm", 4), ("tty", 5), ("disk", 6), ("mail", 8),
            ("sudo", 27), ("www-data", 33), ("utmp", 43), ("video", 44), ("staff", 50), ("users", 100),
            ("nogroup", 65_534),
        ].map { Group(name: $0, gid: $1) })

    private static func system(_ name: String, _ uid: Int, gid: Int? = nil, home: String) -> User {
        User(name: name, uid: uid, gid: gid ?? uid, fullName: name, home: home, shell: "/usr/sbin/nologin")
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Which directory is asked, how, and what its entries mean.
package struct DirectoryTerms: Sendable, Hashable {
    /// `ldaps://`, `ldap://` or `ldapi://`; the next is asked when one cannot be reached. At least one.
    package let servers: [String]
    /// Whether `ldap://` is made safe by StartTLS before anything else is said. Without it, it is clear text.
    package let startsTLS: Bool
    /// Authorities in PEM that servers' certificates must be signed by.
    package let caFile: String
    package let bind: Bind
    package let people: People
    /// Nil asks for no groups but the primary one's number.
    package let groups: Groups?
    package let ids: IDs
    /// Nil reads no more of an account than its numbers.
    package let accounts: Accounts?
    package let costs: Costs

    package init(
        servers: [String], startsTLS: Bool = true, caFile: String = Self.systemAuthorities, bind: Bind = .anonymous,
        people: People, groups: Groups? = nil, ids: IDs = IDs(), accounts: Accounts? = nil, costs: Costs = Costs()
    ) {
        precondition(!servers.isEmpty, "a directory without a server")
        self.servers = servers
        self.startsTLS = startsTLS
        self.caFile = caFile
        self.bind = bind
        self.people = people
        self.groups = groups
        self.ids = ids
        self.accounts = accounts
        self.costs = costs
    }

    /// Debian's, from the package ca-certificates.
    package static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

    /// Who Berth is to the directory.
    package enum Bind: Sendable, Hashable {
        case anonymous
        case password(dn: String, BindPassword)
        /// SASL EXTERNAL: who the Unix socket, or the TLS client certificate, says we are.
        case external
    }

    /// Where people are and what their attributes are called.
    package struct People: Sendable, Hashable {
        package var base: String
        /// In RFC 4515's form; an entry that does not match is nobody.
        package var filter: String
        /// Holds the name that the hub knows a person by.
        package var name: String
        package var uid: String
        package var gid: String
        /// Further attributes, for claims.
        package var attributes: [String]
        package var names: PersonNameRule

        package init(
            base: String, filter: String = "(objectClass=posixAccount)", name: String = "uid",
            uid: String = "uidNumber", gid: String = "gidNumber", attributes: [String] = [],
            names: PersonNameRule = .unix
        ) {
            self.base = base
            self.filter = filter
            self.name = name
            self.uid = uid
            self.gid = gid
            self.attributes = attributes
            self.names = names
        }
    }

    /// Where groups are and how they name their members.
    package struct Groups: Sendable, Hashable {
        package var base: String
        package var filter: String
        package var name: String
        package var gid: String
        package var way: Way
        /// How far groups inside groups are followed; 0 counts only those that name the person. Where more would be
        /// found beyond, the look-up fails: half a set of groups is none.
        package var nestedDepth: Int

        package enum Way: Sendable, Hashable {
            /// Groups list names (rfc2307's `memberUid`). They cannot be nested.
            case names(attribute: String)
            /// Groups list DNs (rfc2307bis' `member`, `uniqueMember`), and some may list names besides.
            case members(attributes: [String], names: String? = nil)
            /// Entries list the groups they are in.
            case memberOf(attribute: String)
        }

        package init(
            base: String, filter: String = "(objectClass=posixGroup)", name: String = "cn", gid: String = "gidNumber",
            way: Way = .names(attribute: "memberUid"), nestedDepth: Int = 8
        ) {
            self.base = base
            self.filter = filter
            self.name = name
            self.gid = gid
            self.way = way
            self.nestedDepth = nestedDepth
        }
    }

    /// Which numeric ids are taken.
    package struct IDs: Sendable, Hashable {
        package enum Use: String, Sendable, CaseIterable {
            /// A person without them is refused.
            case required
            case optional
            /// They are not read; the hub or the claims choose.
            case none
        }

        package var use: Use
        /// The ids of reserved users and groups are refused within it too.
        package var range: ClosedRange<Int>
        /// Whether two entries may have one uid.
        package var mayBeShared: Bool

        package init(use: Use = .required, range: ClosedRange<Int> = 1000...idMost, mayBeShared: Bool = false) {
            self.use = use
            self.range = range
            self.mayBeShared = mayBeShared
        }
    }

    /// 2^31 - 1.
    package static let idMost = Int(Int32.max)

    /// What asking may cost.
    package struct Costs: Sendable, Hashable {
        /// The whole of a look-up, with waiting and connecting.
        package var timeout: Duration
        /// To reach one server, with TLS.
        package var connectTimeout: Duration
        package var connections: Int
        /// Look-ups that may wait for a connection.
        package var waitersMax: Int
        /// How long an answer stands before it is asked for again.
        package var foundKept: Duration
        /// The same for "there is no such person".
        package var unknownKept: Duration
        package var keptMax: Int

        package init(
            timeout: Duration = .seconds(5), connectTimeout: Duration = .seconds(2), connections: Int = 4,
            waitersMax: Int = 256, foundKept: Duration = .seconds(60), unknownKept: Duration = .seconds(10),
            keptMax: Int = 10_000
        ) {
            self.timeout = timeout
            self.connectTimeout = connectTimeout
            self.connections = connections
            self.waitersMax = waitersMax
            self.foundKept = foundKept
            self.unknownKept = unknownKept
            self.keptMax = keptMax
        }
    }
}

/// What Berth shows to be let in. It never prints its value, whatever asks for a description of it or of what holds it.
package struct BindPassword: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    let bytes: [UInt8]

    /// Not empty: RFC 4513 section 5.1.2 has servers take a DN without a password for nobody, and answer "success".
    package init?(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return nil }
        self.bytes = bytes
    }

    package var description: String { "(password)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

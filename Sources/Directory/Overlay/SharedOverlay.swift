// SPDX-License-Identifier: Apache-2.0
import Hashing
package import JSONTree
import SpawnModel

/// Everybody's names in as few ConfigMaps as hold them, for sites where `ls -l` has to name colleagues.
///
/// A shard is whole in itself: base accounts, the people whose name's hash begins with its bits, and all groups of these.
/// A pod mounts the one with its own person, so that it needs no program that puts files together. One that no longer
/// fits is split in two by the next bit, and the others stay as they are: who changes one person changes one shard.
package struct SharedOverlay: Sendable {
    package let shards: [Shard]
    /// Why somebody is in none.
    package let refused: [OverlayError]

    package struct Shard: Sendable, Hashable {
        /// `0` and `1`; empty where there is one shard.
        package let bits: String
        package let name: String
        package let manifest: JSON
    }

    /// A person, as far as the files tell.
    package struct Member: Sendable, Hashable {
        package let account: Account
        package let memberships: [Membership]

        package init(account: Account, memberships: [Membership]) {
            self.account = account
            self.memberships = memberships
        }
    }

    /// Kubernetes takes 1 MiB of keys and values in a ConfigMap (MaxSecretSize in its validation).
    package static let bytesMost = 1_000_000

    /// - Parameter members: no two with one name.
    /// - Complexity: each text is made anew for every bit of the longest shard.
    package init(
        _ members: some Sequence<Member>, _ terms: OverlayTerms, namespace: String, bytesMost: Int = Self.bytesMost
    ) {
        let base = Dictionary(terms.base.users.map { (Array($0.name.utf8), $0.uid) }) { first, _ in first }
        var refused: [OverlayError] = []
        var taken: [Member] = []
        for member in members {
            let account = member.account
            if let uid = base[Array(account.name.utf8)], uid != account.uid {
                refused.append(.nameTaken(name: account.name, uid: uid))
            } else {
                taken.append(member)
            }
        }
        taken.sort { $0.account.name.utf8.lexicographicallyPrecedes($1.account.name.utf8) }
        self.refused = refused
        shards = ShardMaking(terms: terms, namespace: namespace, bytesMost: bytesMost)
            .shards(of: taken.map { (HashBits($0.account.name), $0) }, bits: "")
    }

    /// The one that holds the person, of those whose bits are given. While a shard is split, the old one and the new are
    /// there at one time: the new one counts.
    package static func bits(of name: String, among shards: some Sequence<String>) -> String? {
        let hash = HashBits(name)
        return shards.filter(hash.begin).max { $0.utf8.count < $1.utf8.count }
    }

    package static func objectName(prefix: String, bits: String) -> String {
        bits.isEmpty ? "\(prefix)-shared" : "\(prefix)-shared-\(bits)"
    }
}

/// Where a person stands among shards: by the bits of the name's SHA-256, which spread evenly.
private struct HashBits {
    let value: UInt64

    init(_ name: String) { value = UInt64(SHA256.hex(name, bytes: 8), radix: 16) ?? 0 }

    func isSet(_ place: Int) -> Bool { (value << place) >> 63 == 1 }

    func begin(_ bits: String) -> Bool {
        bits.utf8.count <= 64
            && bits.utf8.enumerated().allSatisfy { place, bit in bit == UInt8(ascii: isSet(place) ? "1" : "0") }
    }
}

private struct ShardMaking {
    /// A person alone may be too large for an object, and would be split for ever.
    private static let bitsMost = 24

    let terms: OverlayTerms
    let namespace: String
    let bytesMost: Int

    func shards(of members: [(hash: HashBits, member: SharedOverlay.Member)], bits: String) -> [SharedOverlay.Shard] {
        let files = files(of: members.map(\.member))
        let isSmall = files.reduce(0) { $0 + $1.name.utf8.count + $1.text.utf8.count } <= bytesMost
        guard !isSmall, members.count > 1, bits.utf8.count < Self.bitsMost else { return [shard(files, bits)] }
        return [false, true].flatMap { one in
            shards(of: members.filter { $0.hash.isSet(bits.utf8.count) == one }, bits: bits + (one ? "1" : "0"))
        }
    }

    private func files(of members: [SharedOverlay.Member]) -> [(name: String, text: String)] {
        let names = Set(members.map { Array($0.account.name.utf8) })
        let people = members.map { FileLine.passwd($0.account) }
        let base = terms.base.users.filter { !names.contains(Array($0.name.utf8)) }.map(FileLine.passwd)
        var files = [("passwd", (people + base).joined()), ("group", group(members))]
        if terms.hasNSSwitch { files.append(("nsswitch.conf", Overlay.filesOnly)) }
        return files
    }

    private func group(_ members: [SharedOverlay.Member]) -> String {
        var inside: [Int: [String]] = [:]
        for member in members {
            for gid in Set(member.memberships.map(\.gid) + [member.account.gid]) {
                inside[gid, default: []].append(member.account.name)
            }
        }
        let groups = GroupLines(Set(members.flatMap(\.memberships)), gids: Array(inside.keys), terms.base)
        return groups.lines { inside[$0] ?? [] }
    }

    private func shard(_ files: [(name: String, text: String)], _ bits: String) -> SharedOverlay.Shard {
        let name = SharedOverlay.objectName(prefix: terms.prefix, bits: bits)
        let manifest = OverlayManifest(
            name: name, namespace: namespace, kind: ObjectLabel.sharedOverlay, data: files, isImmutable: false,
            // An empty value of a label is one.
            labels: [(OverlayKeys.shard, bits)])
        return SharedOverlay.Shard(bits: bits, name: name, manifest: manifest.json)
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Names as they stand in a group file, each once.
struct GroupFileName {
    private var taken: Set<[UInt8]>

    init(taken: some Sequence<String>) { self.taken = Set(taken.map { Array($0.utf8) }) }

    /// The directory's own name, where a group file can hold it and no other group has it; else one made of it and the
    /// number, which is its group's alone: `daemon-30003`, `gid-30004`.
    mutating func take(_ name: String?, gid: Int) -> String {
        let fit = name.flatMap { Self.isGood($0) ? $0 : nil }
        let made = "gid-\(gid)"
        for possible in [fit, fit.map { "\($0)-\(gid)" }, made] {
            if let possible, take(possible) { return possible }
        }
        // Somebody calls a group by the name that is made for another's number.
        var turn = 2
        while !take("\(made)-\(turn)") { turn += 1 }
        return "\(made)-\(turn)"
    }

    private mutating func take(_ name: String) -> Bool { taken.insert(Array(name.utf8)).inserted }

    /// Not what separates fields, members or lines; not what glibc and others pass over or take for NIS (`#`, `+`, `-`);
    /// not a number, which commands would take for one. A blank within is good.
    static func isGood(_ name: String) -> Bool {
        guard let first = name.utf8.first, let last = name.utf8.last, name.utf8.count <= 256 else { return false }
        return !"#+- ".utf8.contains(first) && last != UInt8(ascii: " ")
            && name.unicodeScalars.allSatisfy { AccountText.isOfField($0) && $0 != "," && $0 != "/" }
            && !name.utf8.allSatisfy { $0 &- UInt8(ascii: "0") < 10 }
    }
}

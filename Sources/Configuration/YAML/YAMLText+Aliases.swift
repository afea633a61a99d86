// SPDX-License-Identifier: Apache-2.0

extension YAMLText {
    /// True when the file has so many aliases, and an alias or a collection where a key stands, that comparing its keys
    /// could take for ever ("billion laughs"). No configuration needs such a key; where there are few aliases the
    /// parser's own word for it is good enough.
    var mayExplode: Bool {
        let bytes = Array(text.utf8)
        guard bytes.contains(UInt8(ascii: "&")), bytes.count(where: { $0 == UInt8(ascii: "*") }) > 40 else {
            return false
        }
        return bytes.indices.contains { bytes.hasStrangeKey(at: $0) }
    }
}

extension [UInt8] {
    /// Whether an alias, a collection or an explicit key (`? `) that starts or ends here is followed as a key is.
    fileprivate func hasStrangeKey(at place: Int) -> Bool {
        switch self[place] {
        case UInt8(ascii: "?"): isFirst(place) && isBlank(place + 1)
        case UInt8(ascii: "*"): isFirst(place) && isColon(behindBlanksFrom: nameEnd(from: place + 1))
        case UInt8(ascii: "]"), UInt8(ascii: "}"): isColon(behindBlanksFrom: place + 1)
        default: false
        }
    }

    /// Nothing but what begins a value stands before it.
    private func isFirst(_ place: Int) -> Bool {
        place == 0 || " \n\r\t{,[".utf8.contains(self[place - 1])
    }

    private func nameEnd(from place: Int) -> Int {
        self[place...].firstIndex { " \n\r\t{},[]".utf8.contains($0) } ?? count
    }

    private func isColon(behindBlanksFrom place: Int) -> Bool {
        let next = self[place...].firstIndex { $0 != 0x20 && $0 != 0x09 } ?? count
        return next < count && self[next] == UInt8(ascii: ":") && isBlank(next + 1)
    }

    /// A blank, a line's end or the text's.
    private func isBlank(_ place: Int) -> Bool { place >= count || " \n\r\t".utf8.contains(self[place]) }
}

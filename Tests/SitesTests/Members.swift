// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// The members of a mapping in an expectation, each taken once. What nobody takes is a slip of the pen, and an
/// expectation that nobody reads would always be met.
struct Members {
    private var rest: JSONObject
    private let place: String

    init(_ json: JSON, _ place: String) throws {
        guard let object = json.object else { throw Slip("\(place): must be a mapping") }
        rest = object
        self.place = place
    }

    mutating func take(_ key: String) -> JSON? {
        defer { rest[key] = JSON?.none }
        return rest[key]
    }

    mutating func text(_ key: String) throws -> String? {
        guard let json = take(key) else { return nil }
        guard let text = json.string else { throw Slip("\(place): `\(key)` must be a text") }
        return text
    }

    mutating func flag(_ key: String) throws -> Bool {
        guard let json = take(key) else { return false }
        guard let flag = json.bool else { throw Slip("\(place): `\(key)` must be true or false") }
        return flag
    }

    /// One text counts as a list of one.
    mutating func texts(_ key: String) throws -> [String] {
        guard let json = take(key) else { return [] }
        let items = json.array ?? [json]
        let texts = items.compactMap(\.string)
        guard texts.count == items.count else { throw Slip("\(place): `\(key)` must be texts") }
        return texts
    }

    mutating func mapping(_ key: String) throws -> [(key: String, value: JSON)] {
        guard let json = take(key) else { return [] }
        guard let object = json.object else { throw Slip("\(place): `\(key)` must be a mapping") }
        return object.map { ($0.key, $0.value) }
    }

    func finish() throws {
        if let key = rest.keys.first { throw Slip("\(place): `\(key)` is not known here") }
    }
}

/// Something in an expectation that cannot be read.
struct Slip: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

struct DuplicateKeyTests {
    @Test(arguments: [
        (#"{"a":1,"a":2}"#, 7, "a"),
        (#"{"":1,"":2}"#, 6, ""),
        (#"[{"x":{"a":1,"b":2,"a":3}}]"#, 19, "a"),
        (#"{"a":1,"\u0061":2}"#, 7, "a"),
        (#"{"\u0061":1,"a":2}"#, 12, "a"),
        (#"{"\/":1,"/":2}"#, 8, "/"),
        (#"{"\ud83d\ude00":1,"😀":2}"#, 18, "😀"),
        (#"{"longer than eight":1,"b":{},"longer than eight":2}"#, 30, "longer than eight"),
    ])
    func `two keys that mean the same are refused where the later one begins`(
        _ text: String,
        offset: Int,
        key: String
    ) {
        #expect(throws: JSONError.duplicateKey(offset: offset, key: key)) { try JSON(parsing: text) }
    }

    @Test func `the same key in different objects is no duplicate`() throws {
        _ = try JSON(parsing: #"{"a":{"a":[{"a":1},{"a":1}]},"b":{"a":1}}"#)
    }

    @Test func `keys that share their beginning, end and length are told apart`() throws {
        _ = try JSON(parsing: #"{"12345678a12345678":1,"12345678b12345678":2,"12345678":3,"1234567":4}"#)
        _ = try JSON(parsing: #"{"e\u0301":1,"\u00e9":2}"#)
    }

    @Test(arguments: [2, 3, 16, 31, 32, 33, 34, 100])
    func `a duplicate is found in an object of any size, at any two places`(_ count: Int) throws {
        for earlier in [0, count / 2, count - 2] {
            for later in Set([earlier + 1, count - 1]) where earlier < later && later < count {
                var keys = (0..<count).map { "a long common beginning \($0)" }
                func text() -> String { "{" + keys.map { "\"\($0)\":[0]" }.joined(separator: ",") + "}" }
                _ = try JSON(parsing: text())
                keys[later] = keys[earlier]
                let offset = 1 + keys[..<later].reduce(0) { $0 + $1.utf8.count + 7 }
                #expect(throws: JSONError.duplicateKey(offset: offset, key: keys[earlier])) {
                    try JSON(parsing: text())
                }
            }
        }
    }

    @Test func `an object of 30 000 members costs a pass and not a pass a member`() throws {
        // Compared pair by pair this would take minutes.
        let members = (0..<30_000).map { "\"k\($0)\":0" }.joined(separator: ",")
        #expect(try JSON(parsing: "{\(members)}").object?.count == 30_000)
        #expect(throws: JSONError.self) { try JSON(parsing: "{\(members),\"k\\u0030\":0}") }
    }
}

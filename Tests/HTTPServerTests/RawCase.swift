// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// One line of Cases/cases.tsv: a request as raw bytes, and the outcomes that the RFCs and our policy allow.
struct RawCase: Sendable, CustomTestStringConvertible {
    /// `200,200+close`: these statuses in this order, after which the connection must have been closed.
    struct Outcome: Sendable {
        let statuses: [Int]
        let mustClose: Bool
    }

    let name: String
    /// More than one when the client waits in between.
    let parts: [[UInt8]]
    /// Empty for `wait`: no answer may come yet.
    let outcomes: [Outcome]
    let rule: String

    var testDescription: String { name }
    var bytes: [UInt8] { parts.flatMap { $0 } }

    static let all: [RawCase] = {
        let file = Bundle.module.url(forResource: "Cases/cases", withExtension: "tsv")!
        let lines = try! String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        return lines.filter { !$0.hasPrefix("#") }.map(RawCase.init)
    }()

    init(_ line: Substring) {
        let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        name = columns[0]
        parts = RawCase.unescaped(columns[1])
        outcomes = columns[2] == "wait" ? [] : columns[2].split(separator: "|").map(RawCase.outcome)
        rule = columns[3]
    }

    private static func outcome(_ text: Substring) -> Outcome {
        let mustClose = text.hasSuffix("close")
        return Outcome(
            statuses: text.split(whereSeparator: { $0 == "," || $0 == "+" }).compactMap { Int($0) },
            mustClose: mustClose
        )
    }

    /// C escapes; `{a*5}` is aaaaa, `{hdr*2}` is two fields, and `@` before the end parts two sends.
    private static func unescaped(_ text: String) -> [[UInt8]] {
        var parts: [[UInt8]] = [[]]
        var rest = Substring(text)
        while let character = rest.first {
            if character == "\\" {
                let (byte, length) = escape(rest)
                parts[parts.count - 1].append(byte)
                rest = rest.dropFirst(length)
            } else if character == "{", let close = rest.firstIndex(of: "}") {
                parts[parts.count - 1] += repeated(rest[rest.index(after: rest.startIndex)..<close])
                rest = rest[rest.index(after: close)...]
            } else {
                if character == "@" {
                    parts.append([])
                } else {
                    parts[parts.count - 1] += Array(String(character).utf8)
                }
                rest = rest.dropFirst()
            }
        }
        return parts
    }

    private static func escape(_ text: Substring) -> (byte: UInt8, length: Int) {
        switch text.dropFirst().first {
        case "r": (0x0d, 2)
        case "n": (0x0a, 2)
        case "t": (0x09, 2)
        case "x": (UInt8(text.dropFirst(2).prefix(2), radix: 16)!, 4)
        default: (0x5c, 2)
        }
    }

    private static func repeated(_ text: Substring) -> [UInt8] {
        let sides = text.split(separator: "*")
        let count = Int(sides[1])!
        guard sides[0] == "hdr" else { return Array(String(repeating: String(sides[0]), count: count).utf8) }
        return (0..<count).flatMap { Array("A\($0): b\r\n".utf8) }
    }
}

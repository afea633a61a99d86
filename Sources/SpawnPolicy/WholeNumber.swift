// SPDX-License-Identifier: Apache-2.0

/// One to nine ASCII digits as a number; nil for anything else.
func wholeNumber(_ text: some StringProtocol) -> Int? {
    let isNumber = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return isNumber && (1...9).contains(text.utf8.count) ? Int(text) : nil
}

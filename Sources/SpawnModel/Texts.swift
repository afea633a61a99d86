// SPDX-License-Identifier: Apache-2.0

extension [String] {
    /// Each once, in the order of first mention, told apart byte by byte.
    package func withoutRepeats() -> [String] {
        var seen: Set<[UInt8]> = []
        return filter { seen.insert([UInt8]($0.utf8)).inserted }
    }
}

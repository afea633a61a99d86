// SPDX-License-Identifier: Apache-2.0

/// The known word that was probably meant, or nil when none is near: at most a third of its letters wrong.
func nearest(to word: String, among known: some Sequence<String>) -> String? {
    guard word.utf8.count <= 128 else { return nil }
    let typed = Array(word.lowercased().unicodeScalars)
    return
        known
        .compactMap { candidate in distance(typed, candidate).map { (word: candidate, distance: $0) } }
        .min { ($0.distance, $0.word) < ($1.distance, $1.word) }?
        .word
}

/// The edit distance, where it is small enough to be a slip.
private func distance(_ typed: [Unicode.Scalar], _ candidate: String) -> Int? {
    let meant = Array(candidate.lowercased().unicodeScalars)
    let most = max(1, min(meant.count, typed.count) / 3)
    guard abs(meant.count - typed.count) <= most else { return nil }
    let distance = editDistance(typed, meant)
    return distance <= most ? distance : nil
}

/// Fewest insertions, removals, replacements and swaps of neighbours that turn one into the other.
func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
            row.append(best)
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}

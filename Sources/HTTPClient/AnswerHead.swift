// SPDX-License-Identifier: Apache-2.0

/// An answer's status and fields, taken line by line as libcurl gives them.
struct AnswerHead {
    private(set) var status = 0
    private(set) var fields: [(name: String, value: String)] = []
    /// The empty line has come; what still comes are trailers.
    private(set) var isWhole = false

    /// One line with its end. An interim answer (1xx) is replaced by what follows it.
    mutating func take(_ line: String) {
        guard !isWhole else { return }
        let line = line.trimming { $0 == "\r\n" || $0 == "\n" || $0 == "\r" }
        if line.hasPrefix("HTTP/") {
            status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            fields = []
        } else if line.isEmpty {
            isWhole = status >= 200
        } else {
            takeField(line)
        }
    }

    /// libcurl believes one of them; RFC 9112 section 6.3 says that there is no telling where the answer ends.
    var hasTwoLengths: Bool {
        guard isWhole else { return false }
        let lengths = fields.filter { $0.name.lowercased() == "content-length" }.map(\.value)
        return Set(lengths).count > 1
    }

    /// A line that begins with white space would continue the one before it; it is dropped (RFC 9112 section 5.2).
    private mutating func takeField(_ line: Substring) {
        guard let colon = line.firstIndex(of: ":"), let first = line.first, first != " ", first != "\t" else { return }
        let value = line[line.index(after: colon)...].trimming { $0 == " " || $0 == "\t" }
        fields.append((String(line[..<colon]), String(value)))
    }
}

extension StringProtocol {
    fileprivate func trimming(_ isMargin: (Character) -> Bool) -> SubSequence {
        guard let first = firstIndex(where: { !isMargin($0) }), let last = lastIndex(where: { !isMargin($0) }) else {
            return self[endIndex...]
        }
        return self[first...last]
    }
}

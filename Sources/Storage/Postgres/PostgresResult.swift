// SPDX-License-Identifier: Apache-2.0
import CPostgres

/// One statement's answer, in text form.
final class PostgresResult {
    private let result: OpaquePointer

    init(adopting result: OpaquePointer) { self.result = result }
    deinit { PQclear(result) }

    /// Nil where the statement was done.
    var fault: PostgresFault? {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: nil
        default:
            // The primary message only: the detail shows rows.
            PostgresFault(
                sqlState: field("C"),
                message: field("M") ?? PQresultErrorMessage(result).oneLine)
        }
    }

    /// `COMMIT`, `UPDATE 3`.
    var tag: String { PQcmdStatus(result).map { String(cString: $0) } ?? "" }

    /// Rows that an `INSERT`, `UPDATE` or `DELETE` has changed; 0 for all else.
    var changes: Int {
        let isChange = ["INSERT", "UPDATE", "DELETE"].contains { tag.hasPrefix($0) }
        return isChange ? Int(String(cString: PQcmdTuples(result))) ?? 0 : 0
    }

    var rows: [SQLRow] {
        (0..<PQntuples(result)).map { row in
            SQLRow(values: (0..<PQnfields(result)).map { value(row, $0) })
        }
    }

    private func value(_ row: Int32, _ column: Int32) -> SQLValue {
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return .null }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
        let text = String(decoding: bytes, as: UTF8.self)
        switch PQftype(result, column) {
        case PostgresType.bool: return .integer(text == "t" ? 1 : 0)
        case PostgresType.bytes: return .bytes(Self.bytes(ofHex: bytes.dropFirst(2)))
        // A sum of whole numbers is a `numeric`.
        case PostgresType.int2, PostgresType.int4, PostgresType.int8, PostgresType.numeric:
            return Int64(text).map(SQLValue.integer) ?? .text(text)
        default: return .text(text)
        }
    }

    private static func bytes(ofHex digits: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
        let halves = digits.map { $0 > 0x39 ? $0 - 0x57 : $0 - 0x30 }
        return stride(from: 0, to: halves.count - 1, by: 2).map { halves[$0] << 4 | halves[$0 + 1] }
    }

    /// libpq names an error's fields by letters: `C` for its state, `M` for its primary message.
    private func field(_ letter: Unicode.Scalar) -> String? {
        PQresultErrorField(result, Int32(letter.value)).map { String(cString: $0) }
    }
}

/// The server's numbers for types, fixed in its catalogue (`pg_type.dat`).
enum PostgresType {
    static let bool: Oid = 16
    static let bytes: Oid = 17
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let numeric: Oid = 1700
}

extension UnsafeMutablePointer<CChar>? {
    /// A message of libpq, which may have several lines.
    var oneLine: String {
        guard let self else { return "no reason given" }
        return String(cString: self).split(separator: "\n").map { $0.drop { $0 == "\t" } }.joined(separator: "; ")
    }
}

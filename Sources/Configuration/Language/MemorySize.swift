// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// GPU memory as the file spells it: whole `Mi`, `Gi` or `Ti`.
enum MemorySize {
    static let words = "GPU memory such as `20Gi` or `512Mi`"
    /// A pebibyte: more is a slip.
    static let most = MiB(1 << 30)

    private static let units: [(name: String, mebibytes: Int)] = [("Mi", 1), ("Gi", 1024), ("Ti", 1024 * 1024)]

    /// Nil for any other spelling, for zero and for more than `most`.
    static func parse(_ text: String) -> MiB? {
        guard text.utf8.count <= 16, let unit = units.first(where: { text.hasSuffix($0.name) }),
            let count = whole(text.dropLast(2)), count <= most.count / unit.mebibytes
        else { return nil }
        return count > 0 ? MiB(count * unit.mebibytes) : nil
    }

    /// What was probably meant: `20GB` and `20 GiB` give `20Gi`, `1.5Gi` gives `1536Mi`.
    static func suggestion(for text: String) -> String? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(number.count).drop(while: \.isWhitespace).lowercased()
        guard let count = Double(number), count > 0, count < 1_000_000 else { return nil }
        switch unit {
        case "": return count == count.rounded() ? "\(Int(count))Gi` or `\(Int(count))Mi" : nil
        case "m", "mb", "mi", "mib": return spelled(count)
        case "g", "gb", "gi", "gib": return spelled(count * 1024)
        case "t", "tb", "ti", "tib": return spelled(count * 1024 * 1024)
        default: return nil
        }
    }

    private static func spelled(_ mebibytes: Double) -> String? {
        let whole = Int(mebibytes.rounded())
        guard whole > 0 else { return nil }
        return whole % 1024 == 0 ? "\(whole / 1024)Gi" : "\(whole)Mi"
    }

    private static func whole(_ digits: Substring) -> Int? {
        digits.unicodeScalars.allSatisfy(\.isDigit) ? Int(digits) : nil
    }
}

// SPDX-License-Identifier: Apache-2.0
import Yams

extension YAMLComposer {
    /// The parser's complaint with its line and, for the usual slips, what to do about it.
    func syntaxFault(_ error: any Error, in text: YAMLText) -> Fault {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            return fault(context, problem, mark, text)
        case .reader(let problem, let offset, _, let yaml):
            let lines = yaml.prefix(offset ?? 0).count(where: \.isNewline)
            let place = Place(file: file, line: lines + 1, column: 1)
            return Fault(at: place, path: "", what: "not YAML: \(problem)", remedy: "Remove the character.")
        case .memory:
            // How libyaml reports more than 1,000 levels.
            return Fault(at: Place(file: file), path: "", what: "is nested too deeply", remedy: "Flatten it.")
        default:
            return Fault(at: Place(file: file), path: "", what: "not YAML: \(error)")
        }
    }

    private func fault(_ context: YamlError.Context?, _ problem: String, _ mark: Mark, _ text: YAMLText) -> Fault {
        let place = Place(file: file, line: mark.line, column: mark.column)
        let line = text.line(mark.line)
        if problem.hasPrefix("Maximum nesting level") {
            return Fault(at: place, path: "", what: "is nested too deeply", remedy: "Flatten it.")
        }
        let other = context.flatMap { $0.mark.line == mark.line ? nil : $0 }
        let begun = other.map { ", \($0.text) (line \($0.mark.line))" } ?? ""
        let what = problem == "but found another document" ? "a second document begins" : "not YAML: \(problem)\(begun)"
        return Fault(at: place, path: "", what: what, remedy: remedy(problem, line))
    }

    private func remedy(_ problem: String, _ line: Substring) -> String {
        if line.prefix(while: \.isWhitespace).contains("\t")
            || problem.contains("cannot start any token") && line.contains("\t")
        {
            return "Indent with spaces: YAML allows no tabs there."
        }
        return switch problem {
        case "mapping values are not allowed in this context":
            "Put quotes around a value that holds `: `, and check the indentation."
        case "did not find expected key", "did not find expected '-' indicator":
            "Check the indentation of this line and the one before."
        case "could not find expected ':'":
            "A key needs `: ` after it."
        case "found undefined alias":
            "Define it with `&name` before its first use; an alias does not reach into another file."
        case "but found another document":
            "One file is one document: remove the `---`, or put the rest into a file under `include:`."
        case "found unexpected end of stream":
            "A quote is not closed."
        case "did not find expected ',' or ']'", "did not find expected ',' or '}'":
            "A bracket is not closed, or a comma is missing."
        case "found character that cannot start any token":
            "Put the value between quotes."
        default:
            ""
        }
    }
}

extension YAMLText {
    /// The line, counted from 1; empty beyond the end.
    func line(_ number: Int) -> Substring {
        let lines = text.split(maxSplits: number, omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return lines.indices.contains(number - 1) ? lines[number - 1].prefix(200) : ""
    }
}

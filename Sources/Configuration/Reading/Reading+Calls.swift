// SPDX-License-Identifier: Apache-2.0
import SpawnPolicy

extension Reading {
    /// Who is asked, and how; `programCalls` says of which starts.
    mutating func programs(_ item: Item?) -> [ProgramTerms] {
        (item?.members ?? []).compactMap { name, call in
            guard let url = call["url"], let text = url.text else { return nil }
            if !text.hasPrefix("http://"), !text.hasPrefix("https://") {
                fault(url, "\(quoted(text)) is not a URL", "Write one such as `https://spark.example.org/berth`.")
            }
            let timeout = call.span("timeout") ?? .seconds(3)
            if timeout > .seconds(4), let written = call["timeout"] {
                warn(
                    written, "a hub gives a start up after 5 seconds without an answer",
                    "Raise `berth_hub.ANSWER_S` in the hub's configuration beyond this.")
            }
            return ProgramTerms(
                name: name, url: text, token: call["token_file"].map { secret(inFileOf: $0) }, timeout: timeout,
                isRequired: call.text("on_failure") != "ignore")
        }
    }

    mutating func programCalls(_ item: Item?) -> [ProgramCall] {
        (item?.members ?? []).compactMap { name, call in
            call.isMapping ? ProgramCall(name: name, when: call["when"].map { startRule($0) } ?? .everyone) : nil
        }
    }
}

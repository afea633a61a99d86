// SPDX-License-Identifier: Apache-2.0

extension DirectoryError: CustomStringConvertible {
    /// What happened and what an operator can do. No password is ever in it.
    package var description: String {
        switch self {
        case .unreachable(let server, let reason):
            "\(server) cannot be connected to: \(reason). Check that it runs and that no firewall is between."
        case .notSecure(let server, let reason):
            "\(server): no TLS connection that can be trusted: \(reason). Check that `ca_file` holds the authority of "
                + "its certificate, and that the certificate names the host as the URL does. Nothing was said in clear."
        case .bindRefused(let server, let who, let reason):
            "\(server) does not let Berth in as \(who): \(reason). Check `bind_dn` and the password's file."
        case .timedOut(let server):
            "\(server) did not answer in time. Check how busy it is, or allow more time."
        case .lost(let server, let reason):
            "\(server) ended the connection before its answer was whole: \(reason). Look into its log."
        case .late(let span):
            "the directory did not answer within \(span). Check how busy its servers are, or allow more time."
        case .overloaded(let waiting):
            "the directory was not asked: \(waiting) look-ups are already waiting. Allow more `connections`."
        case .incomplete(let server, let limit):
            "\(server) stopped at its \(limit.rawValue) limit before it had said all. Raise that limit for Berth's DN."
        case .referred(let server, let base):
            "\(server) says that part of \(quoted(base)) is on another server. Name a base that it holds wholly."
        case .baseMissing(let server, let base):
            "\(server) has no entry \(quoted(base)), or does not show it to Berth. Check the base and the access rules."
        case .refused(let server, let code, let reason):
            "\(server) refuses the question: \(reason) (LDAP result \(code))."
        case .unreadable(let server, let reason):
            "\(server) answers with something that is no answer: \(reason). Check what listens there."
        case .ambiguous(let name):
            "more than one entry has the name \(quoted(name)). Make names unique, or narrow `people.base`."
        case .otherName(let asked, let entry):
            "\(quoted(asked)) was asked for, and the entry \(quoted(entry)) has no name that is the same but for capitals."
        case .nameUnfit(let entry):
            "the name in \(quoted(entry)) is not one that a Unix system takes. Rename it, or widen `people.names`."
        case .idMissing(let attribute, let entry):
            "the entry \(quoted(entry)) has no \(attribute). Give it one, or write `ids: {use: optional}`."
        case .idUnusable(let attribute, let value, let entry):
            "\(attribute) of \(quoted(entry)) is \(quoted(value)), which is no numeric id."
        case .idOutOfRange(let attribute, let value, let entry):
            "\(attribute) of \(quoted(entry)) is \(quoted(value)), which is reserved or outside of `ids.min` to `ids.max`."
        case .idShared(let uid, let entry):
            "the uid \(uid) of \(quoted(entry)) is also another entry's. Give each its own, or write `ids: {shared: true}`."
        case .valueUnusable(let attribute, let entry, let reason):
            "\(attribute) of \(quoted(entry)) \(reason)."
        case .nestedTooDeep(let depth):
            "groups are in groups more than \(depth) deep. Raise `groups.nested_depth`, or set it to 0 to count direct ones."
        case .tooManyGroups(let limit):
            "the person is in more than \(limit) groups. Narrow `groups.base` or `groups.filter`."
        }
    }

    /// Stable names for logs and metrics.
    package var code: String {
        switch self {
        case .unreachable: "directory-unreachable"
        case .notSecure: "directory-not-secure"
        case .bindRefused: "directory-bind-refused"
        case .timedOut, .late: "directory-timed-out"
        case .lost: "directory-connection-lost"
        case .overloaded: "directory-overloaded"
        case .incomplete, .referred: "directory-answer-incomplete"
        case .baseMissing: "directory-base-missing"
        case .refused: "directory-refuses"
        case .unreadable: "directory-answer-unreadable"
        case .ambiguous: "directory-name-ambiguous"
        case .otherName, .nameUnfit: "directory-name-unusable"
        case .idMissing: "directory-id-missing"
        case .idUnusable, .idOutOfRange: "directory-id-unusable"
        case .idShared: "directory-id-shared"
        case .valueUnusable: "directory-value-unusable"
        case .nestedTooDeep: "directory-groups-too-deep"
        case .tooManyGroups: "directory-groups-too-many"
        }
    }
}

/// On one line and of bounded length, whatever an entry holds.
func quoted(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(200).map { $0.value < 32 || $0.value == 127 ? " " : Character($0) }
    return "\"\(String(shown))\(text.unicodeScalars.count > 200 ? "…" : "")\""
}

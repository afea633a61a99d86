// SPDX-License-Identifier: Apache-2.0
import MeasuredUse

extension Language {
    static let measuredUse = Shape(
        "measured_use",
        "Who tells what GPUs are really used for. It is shown to operators, and nothing is decided by it.",
        [
            .required(
                "sources", .list(of: .shape(useSource), atLeast: 1),
                "Servers that tell it. Where several tell of one device, the first counts."),
            .optional(
                "exporters", .table(of: .shape(exporter), keys: .id),
                "Further exporters by name, for `measured_by` of backends. One of a known name stands in its place."),
            .optional("interval", .span, "How often each source is asked, 5s to 10m. Default 30s."),
            .optional("timeout", .span, "For a source's whole answer, 1s to 30s. Default 5s."),
            .optional(
                "stale_after", .span,
                "What is older is not shown; 10s to 1h, and longer than `interval` and `timeout`. Default 2m."),
        ])

    static let useSource = Shape(
        "use_source", "One server: `prometheus` or `exporter`.",
        [
            .optional(
                "prometheus", .text,
                "The URL of a Prometheus server, such as `https://prometheus.example.org`, which is asked by its API."),
            .optional(
                "exporter", .text, "The URL of an exporter's metrics instead, such as `http://gpu-1:9400/metrics`."),
            .optional("token_file", .file, "A file with a token to send as `Authorization: Bearer`."),
            .optional("allow_http", .flag, "Take `http://` to other machines: answers and token go in clear text."),
        ])

    static let exporter = Shape(
        "exporter",
        """
        What an exporter calls its metrics and labels. Of each list of labels the first counts that a series has, \
        other than empty or `-`.
        """,
        [
            .required("measures", .list(of: .shape(measure), atLeast: 1), "Its metrics, the first that tells first."),
            .optional("device", .list(of: .name(.variable)), "Labels with the card's UUID."),
            .optional(
                "instance", .list(of: .name(.variable)),
                "Labels with the number of the MIG instance, whose id in `inventory` is then `UUID/NUMBER`."),
            .optional("mig_device", .list(of: .name(.variable)), "Labels with the UUID of the MIG instance itself."),
            .optional("pod", .list(of: .name(.variable)), "Labels with the pod's name."),
            .optional("namespace", .list(of: .name(.variable)), "Labels with the pod's namespace."),
            .optional("pod_uid", .list(of: .name(.variable)), "Labels with the pod's UID."),
            .optional(
                "parts", .list(of: .name(.variable)),
                "Labels that tell apart what is of one pod on one card, such as a process id."),
        ])

    private static let measure = Shape(
        "measure", "One metric, whose value is what is used at the moment.",
        [
            .required("metric", .name(.metric), "Its name."),
            .required(
                "unit", .oneOf(Measure.Unit.allCases.map(\.rawValue)),
                "Of its values: `percent` or `ratio` (of 1) of time busy, `MiB` or `bytes` of memory."),
            .required(
                "of", .list(of: .oneOf(Measure.Target.allCases.map(\.rawValue)), atLeast: 1), "Whose use it tells."),
            .optional(
                "adds_up", .flag,
                "Series of one device are parts of the whole, as those of processes are. Default: equal ones are copies."
            ),
        ])
}

extension NameRule {
    /// Prometheus' names of metrics.
    static let metric = NameRule(
        pattern: "^[A-Za-z_:][A-Za-z0-9_:]*$", words: "letters, digits, `_` and `:`, not starting with a digit",
        most: 256
    ) { text in
        text.unicodeScalars.allSatisfy { $0.isLetterOrDigit || $0 == "_" || $0 == ":" }
            && text.unicodeScalars.first?.isDigit == false
    }
}

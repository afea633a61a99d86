// SPDX-License-Identifier: Apache-2.0
import Configuration
import HTTPClient
import Logging
import MeasuredUse
import SpawnModel

extension UseWatch {
    /// By what the configuration in force says, which may change; each source's trouble is logged once.
    static func serving(_ inForce: SiteInForce, asking: any WebAsking, _ log: Logger) -> UseWatch {
        UseWatch(
            asking: asking, terms: { inForce.site.measuredUse }, now: { .now() },
            news: { source, error in
                guard let error else {
                    return log.notice("GPU use is measured again", metadata: ["source": .string(source.origin)])
                }
                log.warning(
                    "GPU use is not measured",
                    metadata: [
                        "source": .string(source.origin), "code": .string(error.code), "detail": .string("\(error)"),
                    ])
            })
    }
}

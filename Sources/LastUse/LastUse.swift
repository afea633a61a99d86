// SPDX-License-Identifier: Apache-2.0
package import JupyterHub
package import SpawnModel

/// When a server was last used: the newer of what its hub says and of what its GPU was measured to do.
package enum LastUse: Sendable, Hashable {
    /// Nothing newer than `at` was seen up to `knownAt`.
    case known(at: Instant, knownAt: Instant)
    /// Where one of the two does not tell, the server may be in use.
    case unknown(Gap)

    /// What is not known.
    package enum Gap: String, Sendable, CaseIterable {
        /// The hub cannot be asked, or has not answered of late.
        case hubSilent = "hub-silent"
        /// The hub does not list the server as one that runs: it is being started or stopped, or is none of its own.
        case notListed = "not-listed"
        /// Nobody measures its GPU, or nobody has of late.
        case gpuUnmeasured = "gpu-unmeasured"
    }

    /// What a GPU tells.
    package enum GPU: Sendable, Hashable {
        case none
        case unmeasured
        case measured(GPURest)
    }

    /// - Parameter hub: nil where it has not answered of late.
    package init(of server: ServerID, hub: HubActivity?, gpu: GPU) {
        guard let hub else {
            self = .unknown(.hubSilent)
            return
        }
        guard let used = hub.lastUse[server] else {
            self = .unknown(.notListed)
            return
        }
        switch gpu {
        case .none: self = .known(at: used, knownAt: hub.askedAt)
        case .unmeasured: self = .unknown(.gpuUnmeasured)
        case .measured(let rest):
            self = .known(at: max(used, rest.since), knownAt: min(hub.askedAt, rest.measuredAt))
        }
    }

    /// Whether it is proven that the server was unused for longer than `limit`, and that whoever came back in time would
    /// have been heard of.
    package func isOver(_ limit: IdleLimit) -> Bool {
        guard case .known(let used, let knownAt) = self else { return false }
        return knownAt - used >= limit.span + limit.lag
    }
}

// SPDX-License-Identifier: Apache-2.0

extension Site {
    /// The keys whose new values only a restart brings into force, where this site takes `former`'s place in a running
    /// Berth; empty when it can take it whole.
    package func keysForRestart(after former: Site) -> [String] {
        var keys: [String] = []
        if listen != former.listen { keys.append("listen") }
        // With the first `tls`, and the last one's going: what listens is made at the start.
        if tls?.listen != former.tls?.listen { keys.append("tls.listen") }
        if limits != former.limits { keys.append("limits") }
        if issuersCAFile != former.issuersCAFile { keys.append("identity.ca_file") }
        if cluster != former.cluster { keys.append("kubernetes") }
        if clusterInventory?.terms != former.clusterInventory?.terms { keys.append("inventory.stale_after") }
        if ledger != former.ledger { keys.append("ledger") }
        if log != former.log { keys.append("log.level") }
        return keys
    }
}

// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Synchronization

/// The issuers of a running Berth. They outlive a reload of the configuration: one whose terms stay keeps its keys.
package final class Issuers: Sendable {
    private let asking: any IssuerAsking
    private let now: @Sendable () -> Instant
    private let known = Mutex<[String: Issuer]>([:])

    package init(asking: any IssuerAsking, now: @escaping @Sendable () -> Instant) {
        self.asking = asking
        self.now = now
    }

    /// The issuer of these terms; changed terms make a new one, which learns its keys anew.
    package func issuer(_ terms: IssuerTerms) -> Issuer {
        known.withLock { known in
            if let issuer = known[terms.issuer], issuer.terms == terms { return issuer }
            let issuer = Issuer(terms, asking: asking, now: now)
            known[terms.issuer] = issuer
            return issuer
        }
    }

    /// Forgets those that are not among `terms`, and has the keys of the others read, so that the first user does not
    /// wait for them.
    package func prepare(_ terms: [IssuerTerms]) async {
        known.withLock { known in known = known.filter { terms.contains($0.value.terms) } }
        await withTaskGroup { group in
            for terms in terms where terms.ways.contains(.verify) {
                group.addTask { _ = try? await self.issuer(terms).keySets.current() }
            }
        }
    }

    /// How the keys of each issuer stand whose signatures count.
    package func standings(_ terms: [IssuerTerms]) -> [(issuer: String, standing: IssuerStanding)] {
        terms.filter { $0.ways.contains(.verify) }.map { terms in
            (terms.issuer, issuer(terms).keySets.standing(at: now()))
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import CoreMetrics
import GPULedger
import Glibc
import HubAPI
import Logging
import SpawnModel

/// Ends reservations that no pod has used within their hold time, every second.
enum Expiry {
    private static let lapses = Counter(label: "berth_gpu_hold_expired_total")

    static func start(_ ledger: Ledger, _ hub: HubRoutes, _ log: Logger) -> Task<Void, Never> {
        Task.detached {
            while !Task.isCancelled {
                await sweep(ledger, hub, log)
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Makes daily sums of old sessions and forgets those that are older still, every hour.
    static func startRollUp(
        _ ledger: Ledger, _ log: Logger, retention: @escaping @Sendable () -> LedgerRetention
    ) -> Task<Void, Never> {
        Task.detached {
            while !Task.isCancelled {
                do {
                    while try await ledger.rollUpUsage(now: .now()) == Ledger.expireMax {}
                    let gone = try await ledger.forget(retention(), now: .now())
                    if gone > 0 {
                        log.info("old reservations forgotten", metadata: ["reservations": .stringConvertible(gone)])
                    }
                } catch {
                    log.error("usage cannot be rolled up", metadata: ["detail": .string("\(error)")])
                }
                try? await Task.sleep(for: .seconds(3600))
            }
        }
    }

    /// Whoever has ended them: where a cluster is seen, that is who looks at it.
    static func count(_ ended: [Reservation]) {
        lapses.increment(by: Int64(ended.count { $0.gpu != nil && $0.state == .expired }))
    }

    /// What cannot be written now is tried again at the next turn; holds last longer then, and nothing is granted twice.
    private static func sweep(_ ledger: Ledger, _ hub: HubRoutes, _ log: Logger) async {
        do {
            let expired = try await ledger.expire(now: .now())
            count(expired)
            for reservation in expired {
                log.notice(
                    "reservation expired",
                    metadata: [
                        "reservation_id": .string(reservation.id), "deployment": .string(reservation.server.deployment),
                        "user": .string(reservation.server.user), "server": .string(reservation.server.name),
                        "pool": .string(reservation.gpu?.pool ?? ""),
                    ])
            }
            await hub.lapsed(expired)
        } catch {
            log.error("reservations cannot be expired", metadata: ["detail": .string("\(error)")])
        }
    }
}

extension Duration {
    /// A clock that counts through suspend and that nobody sets.
    static func steady() -> Duration {
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        return .seconds(Int64(now.tv_sec)) + .nanoseconds(Int64(now.tv_nsec))
    }
}

extension Instant {
    /// The wall clock.
    static func now() -> Instant {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Instant(unixMilliseconds: Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000)
    }
}

// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension Schema {
    /// One table says what a reservation costs, for quotas and for usage: what it was placed on.
    ///
    /// Use is booked in the transaction that changes the reservation, so that no cursor follows the journal any more.
    /// No version between the first and this one was released: of what ended since the last question, whose
    /// GPU-hours are not booked yet, nothing is made up for.
    static let oneCharge = Step(
        both: """
            ALTER TABLE charge ADD COLUMN account_id BIGINT REFERENCES usage_account (id);
            -- By usage_clock, while it is in use; null before and after.
            ALTER TABLE charge ADD COLUMN began_elapsed_ms BIGINT;

            UPDATE charge SET is_live = 0 WHERE is_live = 1 AND reservation_id NOT IN
                (SELECT id FROM reservation WHERE state IN \(Reservation.State.liveList));
            UPDATE charge SET
                (account_id, milli_cards, memory_mib, began_elapsed_ms) =
                    (SELECT u.account_id, u.milli_cards, u.memory_mib, u.began_elapsed_ms
                        FROM usage_charge u WHERE u.reservation_id = charge.reservation_id)
                WHERE reservation_id IN (SELECT reservation_id FROM usage_charge);
            UPDATE charge SET running_from_unix_ms = (SELECT coalesce(
                    min(CASE WHEN e.to_state = 'running' THEN e.at_unix_ms END), min(e.at_unix_ms))
                    FROM ledger_entry e
                    WHERE e.reservation_id = charge.reservation_id AND e.to_state IN ('bound', 'running'))
                WHERE began_elapsed_ms IS NOT NULL AND running_from_unix_ms IS NULL;

            CREATE INDEX charge_in_use ON charge (account_id) WHERE began_elapsed_ms IS NOT NULL;
            DROP TABLE usage_charge;
            DROP TABLE quota_cursor;
            """)
}

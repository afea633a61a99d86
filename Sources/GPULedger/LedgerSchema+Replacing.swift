// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension Schema {
    /// Where a reservation is may be told anew while it lives, by taking its rows out and laying others. Where one has
    /// been that has ended stays, until its journal has gone.
    static let replacing = Step(sqlite: replacingSQLite, postgres: replacingPostgres)

    private static let replacingSQLite = """
        CREATE TRIGGER placement_of_what_ended_stays BEFORE DELETE ON placement
            WHEN OLD.reservation_id IN
                    (SELECT id FROM reservation WHERE id = OLD.reservation_id AND state NOT IN \(live))
                AND EXISTS (SELECT 1 FROM ledger_entry e WHERE e.reservation_id = OLD.reservation_id
                    AND e.at_unix_ms >= (SELECT journal_from_unix_ms FROM retention))
            BEGIN SELECT RAISE(ABORT, 'where a reservation was that has ended never changes'); END;
        CREATE TRIGGER placement_is_of_what_lives BEFORE INSERT ON placement
            WHEN NEW.reservation_id IN
                (SELECT id FROM reservation WHERE id = NEW.reservation_id AND state NOT IN \(live))
            BEGIN SELECT RAISE(ABORT, 'where a reservation was that has ended never changes'); END;
        """

    private static let replacingPostgres = """
        CREATE FUNCTION keep_placement() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF EXISTS (SELECT 1 FROM reservation WHERE id = OLD.reservation_id AND state NOT IN \(live))
                AND EXISTS (SELECT 1 FROM ledger_entry e WHERE e.reservation_id = OLD.reservation_id
                    AND e.at_unix_ms >= (SELECT journal_from_unix_ms FROM retention)) THEN
                RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
                    MESSAGE = 'where a reservation was that has ended never changes';
            END IF;
            RETURN OLD;
        END $$;
        CREATE TRIGGER placement_of_what_ended_stays BEFORE DELETE ON placement
            FOR EACH ROW EXECUTE FUNCTION keep_placement();
        CREATE FUNCTION place_what_lives() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF EXISTS (SELECT 1 FROM reservation WHERE id = NEW.reservation_id AND state NOT IN \(live)) THEN
                RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
                    MESSAGE = 'where a reservation was that has ended never changes';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER placement_is_of_what_lives BEFORE INSERT ON placement
            FOR EACH ROW EXECUTE FUNCTION place_what_lives();
        """

    private static var live: String { Reservation.State.liveList }
}

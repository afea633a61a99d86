// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension Schema {
    /// Where instances are that are made on demand: with the card, all that they are known by. Null for what the inventory
    /// has.
    static let onDemand = Step(sqlite: onDemandSQLite, postgres: onDemandPostgres)

    private static let onDemandSQLite = """
        ALTER TABLE placement ADD COLUMN mig_profile TEXT;
        -- In eighths of the card's memory.
        ALTER TABLE placement ADD COLUMN mig_start INTEGER CHECK (mig_start BETWEEN 0 AND 7);
        ALTER TABLE placement ADD COLUMN mig_length INTEGER CHECK (mig_length BETWEEN 1 AND 8 - mig_start);
        """

    private static let onDemandPostgres = """
        ALTER TABLE placement ADD COLUMN mig_profile TEXT COLLATE "C",
            ADD COLUMN mig_start BIGINT CHECK (mig_start BETWEEN 0 AND 7),
            ADD COLUMN mig_length BIGINT,
            ADD CHECK (mig_length BETWEEN 1 AND 8 - mig_start);
        """
}

extension SQLValue {
    /// `mig_profile`, `mig_start` and `mig_length` of a placement.
    static func columns(of slot: MIGSlot?) -> [SQLValue] {
        [SQLValue(slot?.profile.name), SQLValue(slot?.start), SQLValue(slot?.length)]
    }
}

extension MIGSlot {
    /// From the columns 13 to 15 of a hold.
    init?(_ row: SQLRow) throws(StorageError) {
        guard let start = try row.integerOrNull(14) else { return nil }
        self.init(
            profile: MIGProfile(try row.text(13)), start: Int(start), length: Int(try row.integer(15)))
    }
}

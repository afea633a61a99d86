# SPDX-License-Identifier: Apache-2.0
"""What a ledger says, read past Berth: by SQLite's own library, or by psql."""

import sqlite3
from collections import defaultdict
from pathlib import Path

from lab.postgres import Postgres

from .site import fits

ENTRIES = "SELECT sequence, reservation_id, to_state FROM ledger_entry ORDER BY sequence"
RESERVATIONS = "SELECT id, user_name, start, state FROM reservation"
PLACEMENTS = "SELECT reservation_id, device, mode FROM placement"
LIVE = {"held", "bound", "running", "overdue", "releasing", "lost"}
PROFILE_OF_MODE = {"whole": "card", "mig": "slice", "shared": "share"}


class Journal:
    def __init__(self, rows) -> None:
        """`rows` gives the answer to a query."""
        self.reservations = {id: (user, start, state) for id, user, start, state in rows(RESERVATIONS)}
        self.placements = defaultdict(list)
        for id, device, mode in rows(PLACEMENTS):
            self.placements[id].append((device, PROFILE_OF_MODE[mode]))
        self.entries = [(id, state) for _, id, state in rows(ENTRIES)]
        self.reached = set(self.entries)

    def state(self, id: str) -> str | None:
        return self.reservations[id][2] if id in self.reservations else None

    @property
    def live(self) -> set[str]:
        return {id for id, (_, _, state) in self.reservations.items() if state in LIVE}

    def has_ended(self, id: str) -> bool:
        """By its own row, and by a line of the journal."""
        return id in self.reservations and id not in self.live and (id, self.state(id)) in self.reached

    def granted_twice(self) -> list[str]:
        """Devices that were beyond what they have after any line of the journal, read from its beginning."""
        holders, beyond = defaultdict(set), set()
        for id, state in self.entries:
            for device, profile in self.placements.get(id, []):
                holders[device].add(id) if state in LIVE else holders[device].discard(id)
                if not fits(profile, len(holders[device])):
                    beyond.add(device)
        return sorted(beyond)


def of_file(file: Path) -> Journal:
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)
    try:
        damage = [row[0] for row in database.execute("PRAGMA integrity_check") if row[0] != "ok"]
        if damage:
            raise SystemExit(f"the ledger is damaged: {damage}")
        return Journal(lambda query: database.execute(query).fetchall())
    finally:
        database.close()


def of_server(server: Postgres) -> Journal:
    def rows(query: str) -> list[list[str]]:
        asked = f"SET search_path = berth; COPY ({query}) TO STDOUT"
        text = server.run("psql", "-h", server.folder, "-U", "berth", "-d", "berth", "-qAtc", asked)
        return [line.split("\t") for line in text.splitlines()]

    return Journal(rows)

# SPDX-License-Identifier: Apache-2.0
"""`serve`, `usage` and `backup` with the ledger in a real PostgreSQL, over TCP and TLS."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from berth import Berth, Hub, binary
from postgres import PASSWORD, Postgres
from test_gpu import STAFF, cards

GPU = {"profile": "gpu"}


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    running = Postgres(tmp_path_factory.mktemp("postgres") / "p")
    yield running
    running.stop()


def site(connection: str, folder: Path) -> dict[str, Any]:
    password = folder / "ledger.password"
    password.write_text(PASSWORD)
    password.chmod(0o600)
    return {
        "ledger": {"postgres": {"connection": connection, "password_file": str(password)}},
        "pools": {"whole": {"mode": "whole", "resource": "nvidia.com/gpu"}},
        "inventory": cards(2, "whole"),
        "profiles": [
            {"slug": "gpu", "display_name": "GPU", "allow": {"group": "staff"}, "gpu": {"pool": "whole", "cards": 1}}
        ],
    }


def command(berth: Berth, *arguments: str) -> subprocess.CompletedProcess[str]:
    config = str(berth.folder / "berth.yaml")
    return subprocess.run(
        [binary(), arguments[0], "-c", config, *arguments[1:]], capture_output=True, text=True, timeout=60
    )


def test_starts_are_kept_over_tls_and_survive_both_restarts_and_a_dump(hub, postgres, tmp_path):
    asked: Hub = hub(site(postgres.connection(), tmp_path))
    first = asked.pre_spawn("ada", GPU, STAFF, start="s", pod=False).body["reservation_id"]
    assert asked.free("whole") == 1
    ssl = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = 'ledger' AND pid <> pg_backend_pid()"
    assert postgres.run("psql", *postgres.login, "-Atc", ssl, "ledger").strip() == "t"
    assert asked.berth.stop() == 0
    asked.berth.start()
    assert asked.pre_spawn("ada", GPU, STAFF, start="s", pod=False).body["reservation_id"] == first
    usage = command(asked.berth, "usage", "--format", "csv")
    assert usage.returncode == 0 and "ada" in usage.stdout, usage.stderr

    # What `berth backup` says is what brings it back.
    said = command(asked.berth, "backup", str(tmp_path / "copy"))
    assert said.returncode == 1 and "pg_dump --schema=berth" in said.stderr and PASSWORD not in said.stderr
    dump = postgres.run("pg_dump", *postgres.login, "--schema=berth", "ledger")
    (postgres.folder / "dump.sql").write_text(dump)
    postgres.run("createdb", *postgres.login, "copy")
    postgres.run("psql", *postgres.login, "-qv", "ON_ERROR_STOP=1", "-f", str(postgres.folder / "dump.sql"), "copy")
    assert asked.berth.stop() == 0
    asked.berth.site = site(postgres.connection(database="copy"), tmp_path)
    asked.berth.start()
    assert asked.pre_spawn("ada", GPU, STAFF, start="s", pod=False).body["reservation_id"] == first
    assert asked.pre_spawn("bo", GPU, STAFF).status == 200
    assert asked.pre_spawn("cy", GPU, STAFF).status == 409
    assert PASSWORD not in asked.berth.log


def test_a_server_under_another_name_is_not_spoken_to(postgres, tmp_path):
    berth = Berth(tmp_path, site(postgres.connection(host="elsewhere.example.org"), tmp_path))
    berth.write_site()
    started = command(berth, "serve")
    assert started.returncode == 1 and "elsewhere.example.org" in started.stderr, started.stderr
    assert PASSWORD not in started.stderr

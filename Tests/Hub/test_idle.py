# SPDX-License-Identifier: Apache-2.0
"""Nobody uses a server: its user is told, using it takes that back, and else the hub stops it; a GPU at work is use."""

import re
import sqlite3
import time

import requests
from beside import walltime_sidecar
from conftest import berth_binary
from hub import eventually
from test_walltime import ended, page

CARD = "GPU-0001"


def use(hub, user):
    """As a program of the user does that asks the server for something."""
    token = hub.api.call("POST", f"/users/{user}/tokens", json={"expires_in": 300}).json()["token"]
    with sqlite3.connect(hub.scratch / "hub.sqlite") as database:
        (port,) = database.execute(
            "SELECT servers.port FROM servers JOIN spawners ON spawners.server_id = servers.id"
            " JOIN users ON users.id = spawners.user_id WHERE users.name = ?",
            [user],
        ).fetchone()
    url = f"http://127.0.0.1:{port}/user/{user}/api/contents"
    assert requests.get(url, headers={"Authorization": f"token {token}"}, timeout=10).status_code == 200


def reservation(berth, user):
    with sqlite3.connect(berth.folder / "ledger.sqlite") as database:
        found = "SELECT id FROM reservation WHERE user_name = ? AND state IN ('bound', 'running')"
        (identity,) = database.execute(found, [user]).fetchone()
    return identity


def test_an_unused_server_is_warned_of_and_ended_and_use_takes_that_back(hub, real_berth, tmp_path):
    hub.api.start("tim", {"profile": "unused"})
    hub.api.wait_ready("tim")
    visitor = hub.visitor("tim")
    assert "It ends, too, when nobody has used it for 20 seconds." in page(hub, visitor).text
    with walltime_sidecar(real_berth, berth_binary(), tmp_path, "tim", reservation(real_berth, "tim")) as notice:
        assert eventually(lambda: "Nobody has used it for" in page(hub, visitor).text)
        assert eventually(lambda: notice.exists() and "Nobody has used this server for" in notice.read_text())
        use(hub, "tim")
        assert eventually(lambda: "Nobody has used it for" not in page(hub, visitor).text)
        assert eventually(lambda: notice.read_text() == "")
        used = time.monotonic()
        assert eventually(lambda: ended(hub, "tim"))
        assert time.monotonic() - used > 10
    assert re.search('"a server ends: the hub stops it".*"reason":"idle"', berth_log(real_berth)) or re.search(
        '"the hub stops the server".*"reason":"idle"', berth_log(real_berth)
    )


def berth_log(berth):
    return (berth.folder / "berth.log").read_text()


def test_a_server_whose_gpu_works_is_in_use_until_it_rests(hub, real_berth):
    real_berth.exporter.tell(CARD, "87", "30112")
    environment = hub.start_server("tim", {"profile": "unused-gpu"})
    assert environment["JUPYTERHUB_ACTIVITY_INTERVAL"] == "1"
    time.sleep(20)  # long past the limit, and two measurements
    assert not ended(hub, "tim")
    real_berth.exporter.tell(CARD, "0", "30112")
    assert eventually(lambda: ended(hub, "tim"))

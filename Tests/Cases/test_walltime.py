# SPDX-License-Identifier: Apache-2.0
"""Case 20: a walltime is one server's, an operator moves it, and neither a restart nor a retry takes that back."""

from __future__ import annotations

import datetime

import pytest
from test_admin import SITE, TOKENS, Operators, instant
from test_gpu import STAFF

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "jupyter-user-t1"},
    "spec": {"containers": [{"name": "notebook", "image": "registry.example.org/base:1"}]},
}


@pytest.fixture
def site(hub, tmp_path):
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for role, token in TOKENS.items():
        (secrets / f"{role}.token").write_text(token)
        (secrets / f"{role}.token").chmod(0o600)
    running = hub({**SITE, "pod": {"extension_max": "2h"}})
    return running, Operators(running)


def test_an_extension_moves_one_servers_end_and_stays_over_a_restart_and_a_retry(site):
    hub, operators = site
    ids = {}
    for server in ("", "second"):
        granted = hub.pre_spawn("user-t1", {"profile": "gpu"}, STAFF, server=server, start=f"start-{server}")
        ids[server] = granted.body["reservation_id"]
        assert granted.body["walltime_s"] == 3600
        assert hub.pod("user-t1", ids[server], POD, server=server).status == 200

    def end(server: str) -> datetime.datetime:
        return instant(operators.get(f"reservations/{ids[server]}").body["ends_by"])

    before = {server: end(server) for server in ids}
    extended = operators.post(f"reservations/{ids['']}/extend", {"reason": "beamtime", "minutes": 120})
    assert extended.status == 200
    assert end("") - before[""] == datetime.timedelta(hours=2) and end("second") == before["second"]
    assert hub.berth.stop() == 0
    hub.berth.start()
    again = hub.pre_spawn("user-t1", {"profile": "gpu"}, STAFF, start="start-")
    assert again.body["reservation_id"] == ids[""]
    assert end("") - before[""] == datetime.timedelta(hours=2) and end("second") == before["second"]
    (entry,) = operators.items("audit")
    assert (entry["action"], entry["target"], entry["actor"]) == ("extend", ids[""], "token/the-operator")
    assert (instant(entry["before"]), instant(entry["after"])) == (before[""], end(""))


def test_what_is_gone_by_its_own_time_is_released_once(site):
    hub, operators = site
    granted = hub.pre_spawn("user-t1", {"profile": "gpu"}, STAFF, start="one")
    assert hub.pod("user-t1", granted.body["reservation_id"], POD).status == 200
    outcomes = [hub.post_stop("user-t1", "one").body["outcome"] for _ in range(3)]
    assert outcomes == ["released", "already-ended", "already-ended"]
    late = operators.post(f"reservations/{granted.body['reservation_id']}/extend", {"reason": "late", "minutes": 5})
    assert late.status == 409 and operators.items("audit") == []

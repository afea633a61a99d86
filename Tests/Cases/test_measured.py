# SPDX-License-Identifier: Apache-2.0
"""What exporters measure, beside what is booked: shown to operators, and nothing hangs on it."""

from __future__ import annotations

import time

import pytest
from lab.exporter import Exporter
from test_admin import SITE, TOKENS, Operators, start
from test_gpu import cards


@pytest.fixture
def exporter():
    with Exporter() as running:
        yield running
        running.shutdown()


def site_of(source: str, **terms) -> dict:
    return SITE | {
        "inventory": cards(2, "whole"),
        "measured_use": {"sources": [{"exporter": source}], "interval": "5s", "timeout": "1s", "stale_after": "10s"}
        | terms,
    }


@pytest.fixture
def site(hub, tmp_path):
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for role, token in TOKENS.items():
        (secrets / f"{role}.token").write_text(token)
        (secrets / f"{role}.token").chmod(0o600)

    def run(source: str):
        running = hub(site_of(source))
        return running, Operators(running)

    return run


def eventually(look, is_right, seconds: float = 30):
    """What `look` gives once it is right."""
    deadline = time.monotonic() + seconds
    while not is_right(found := look()):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


def test_an_operator_sees_what_a_card_is_used_for_beside_who_holds_it(site, exporter):
    exporter.tell("GPU-0", "87", "30112")
    hub, operators = site(exporter.url)
    start(hub, "ada")
    start(hub, "bo")

    def devices():
        return {row["device"]: row for row in operators.items("devices")}

    found = eventually(devices, lambda rows: rows["GPU-0"]["measured_percent"] == 87)
    assert found["GPU-0"]["measured_mib"] == 30112 and found["GPU-0"]["measured_at"]
    assert found["GPU-0"]["unaccounted_mib"] == 0
    assert found["GPU-1"]["state"] == "held" and found["GPU-1"]["measured_percent"] is None
    status, table = operators.curl("devices?format=table", role="viewer")
    assert status == 200 and "MEASURED_PERCENT" in table and " 30112 " in table


def test_e26_what_nobody_booked_flags_its_card(site, exporter):
    exporter.tell("GPU-1", "99", "40000")
    _, operators = site(exporter.url)
    rows = eventually(lambda: operators.items("devices"), lambda rows: rows[1]["unaccounted_mib"] == 40000)
    assert rows[0]["unaccounted_mib"] is None and rows[1]["state"] == "free"


def test_e33_a_source_that_is_away_costs_no_decision(site, exporter):
    exporter.tell("GPU-0", "87", "30112")
    hub, operators = site(exporter.url)
    eventually(lambda: operators.items("devices"), lambda rows: rows[0]["measured_percent"] == 87)
    exporter.shutdown()
    exporter.server_close()
    reservation = start(hub, "ada")
    rows = eventually(lambda: operators.items("devices"), lambda rows: rows[0]["measured_percent"] is None)
    assert rows[0]["measured_mib"] is None and rows[0]["measured_at"] is None
    assert hub.free("whole") == 1
    assert operators.get(f"reservations/{reservation}").body["measured_by"] is None
    assert "GPU use is not measured" in hub.berth.log and hub.berth.ask("/readyz", token=None).status == 200


@pytest.mark.parametrize("percent", ["NaN", "1e300", "-5", "+Inf", "101"])
def test_a_number_that_cannot_be_is_not_shown(site, exporter, percent):
    exporter.tell("GPU-0", percent, "512")
    _, operators = site(exporter.url)
    rows = eventually(lambda: operators.items("devices"), lambda rows: rows[0]["measured_mib"] == 512)
    assert rows[0]["measured_percent"] is None

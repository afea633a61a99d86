# SPDX-License-Identifier: Apache-2.0
"""Quotas and waiting lists as a hub meets them, and two hubs that share one pool."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from berth import Answer, Berth, Hub

PHYSICS = {"groups": ["physics"]}
BOTH = {"groups": ["physics", "chemistry"]}
GPU = {"profile": "gpu"}
TEST_TOKEN = "test-hook-token-0123456789abcdef"


def site(cards: int, quotas: dict[str, Any] | None = None, **pool: Any) -> dict[str, Any]:
    card = {"product": "A100", "memory": "81920Mi", "pools": ["whole"]}
    return {
        "pools": {"whole": {"mode": "whole", "display_name": "A100"} | pool},
        "inventory": {"nodes": {"n1": {"cards": [card | {"uuid": f"GPU-{n}"} for n in range(cards)]}}},
        "contact": "gpu-support@example.org",
        "quotas": quotas or {},
        "profiles": [
            {"slug": "gpu", "display_name": "GPU", "gpu": {"pool": "whole", "cards": 1}, "walltime": {"max": "8h"}},
            {"slug": "cpu", "display_name": "CPU", "default": True},
        ],
    }


@dataclass
class Bearer:
    """The same Berth, asked with another hub's token."""

    berth: Berth
    token: str

    def ask(self, path: str, body: Any = None, **more: Any) -> Answer:
        return self.berth.ask(path, body, token=self.token, **more)


@pytest.fixture
def hubs(hub, tmp_path: Path):
    """Two hubs of one Berth: production and test."""

    def start(site: dict[str, Any]) -> tuple[Hub, Hub]:
        (tmp_path / "secrets").mkdir()
        (tmp_path / "secrets" / "test.token").write_text(TEST_TOKEN)
        both = {
            name: {"hook_token_file": f"secrets/{name}.token", "trust": "auth_state"} for name in ("prod", "test")
        }
        first = hub(site | {"deployments": both})
        return first, Hub(Bearer(first.berth, TEST_TOKEN))

    return start


def row(hub: Hub, user: str, claims: dict[str, Any] = PHYSICS, server: str = "") -> dict[str, Any]:
    rows = hub.options_form(user, claims, server=server).body["availability"]
    return next(row for row in rows if row["profile"] == "gpu")


# Refusals


def test_a_second_gpu_server_is_refused_with_the_first_ones_name(hub):
    berth = hub(site(3, {"user": {"sessions": 1}}))
    assert berth.pre_spawn("ana", GPU, PHYSICS, server="a").status == 200
    refused = berth.pre_spawn("ana", GPU, PHYSICS, server="b")
    assert (refused.status, refused.code) == (409, "user-quota")
    assert refused.body["user_message"] == (
        "You already have 1 GPU server ('a'), and may have 1 GPU server at one time. "
        "Stop it, or choose a profile without a GPU. Ask gpu-support@example.org if you need more."
    )
    assert (row(berth, "ana", server="b")["limited_by"], row(berth, "ana", server="b")["free_now"]) == ("user-quota", 0)
    assert row(berth, "bo")["free_now"] == 1 and berth.free("whole") == 2
    assert berth.pre_spawn("ana", {"profile": "cpu"}, PHYSICS, server="b").status == 200
    berth.post_stop("ana", server="a")
    assert berth.pre_spawn("ana", GPU, PHYSICS, server="c").status == 200


def test_0_is_none_and_absent_is_no_limit(hub):
    berth = hub(site(3, {"user": {"sessions": 0}, "users": {"ana": {"gpu_hours": 100}}}))
    assert berth.pre_spawn("ana", GPU, PHYSICS).status == 200
    assert berth.pre_spawn("ana", GPU, PHYSICS, server="b").status == 200
    refused = berth.pre_spawn("bo", GPU, PHYSICS)
    assert refused.code == "user-quota" and "may not use GPUs" in refused.body["user_message"]


def test_the_group_pays_that_comes_first_and_has_room(hub):
    berth = hub(site(4, {"groups": {"chemistry": {"milli_cards": 1000}, "physics": {"milli_cards": 2000}}}))
    payers = [berth.pre_spawn(user, GPU, BOTH).body["reservation"]["charge"]["payer"] for user in ("a", "b", "c")]
    assert payers == ["chemistry", "physics", "physics"]
    refused = berth.pre_spawn("d", GPU, PHYSICS)
    assert (refused.status, refused.code) == (409, "group-quota")
    assert "Your group physics uses 2 GPU cards, and may use 2 GPU cards at one time." in refused.body["user_message"]
    # Whoever is in none of them is not limited by them.
    assert berth.pre_spawn("e", GPU, {"groups": ["staff"]}).body["reservation"]["charge"]["payer"] is None


def test_a_payer_is_one_of_the_users_groups(hub):
    berth = hub(site(2, {"groups": {"chemistry": {"sessions": 2}, "physics": {"sessions": 2}}}))
    named = berth.pre_spawn("a", GPU, BOTH, payer="physics")
    assert named.body["reservation"]["charge"]["payer"] == "physics"
    for claims, payer in ((PHYSICS, "chemistry"), (BOTH, "astronomy")):
        refused = berth.pre_spawn("b", GPU, claims, payer=payer)
        assert (refused.status, refused.code) == (403, "payer-not-allowed")


def test_a_borrowed_session_is_shorter_and_says_so(hub):
    groups = {"physics": {"sessions": 0, "cohort": "science"}, "chemistry": {"sessions": 1, "cohort": "science"}}
    berth = hub(site(2, {"borrowed_walltime": "1h", "groups": groups}))
    answer = berth.pre_spawn("ana", GPU, PHYSICS, start="s")
    assert answer.body["walltime_s"] == 3600 and answer.body["environment"]["BERTH_WALLTIME_S"] == "3600"
    assert any("Borrowed" in line and "1 hour" in line for line in answer.body["warnings"])
    again = berth.pre_spawn("ana", GPU, PHYSICS, start="s")
    assert again.body["reservation_id"] == answer.body["reservation_id"] and again.body["walltime_s"] == 3600
    assert berth.pre_spawn("bo", GPU, PHYSICS).code == "group-quota"
    own = berth.pre_spawn("cy", GPU, {"groups": ["chemistry"]})
    assert own.body["walltime_s"] == 8 * 3600 and not own.body["reservation"]["charge"]["is_borrowed"]


def test_used_up_hours_say_when_they_begin_anew(hub):
    berth = hub(site(2, {"period": "day", "groups": {"physics": {"gpu_hours": 0}}}))
    refused = berth.pre_spawn("ana", GPU, PHYSICS)
    assert (refused.status, refused.code) == (409, "gpu-hours")
    assert 0 < refused.body["retry_after_s"] <= 86_400
    # The form says so before, and nobody else's is closed by it.
    closed = row(berth, "ana")
    assert (closed["state"], closed["free_now"], closed["limited_by"]) == ("later", 0, "gpu-hours")
    assert closed["next_free_by"].endswith("T00:00:00Z")
    assert row(berth, "bo", {"groups": ["staff"]})["limited_by"] is None


def test_what_runs_goes_on_when_a_quota_is_lowered(hub):
    berth = hub(site(3))
    first = berth.pre_spawn("ana", GPU, PHYSICS, start="s").body
    assert berth.berth.stop() == 0
    berth.berth.site["quotas"] = {"pools": {"whole": {"sessions": 0}}}
    berth.berth.start()
    assert berth.pre_spawn("ana", GPU, PHYSICS, start="s").body["reservation_id"] == first["reservation_id"]
    assert berth.free("whole") == 2
    assert berth.pre_spawn("bo", GPU, PHYSICS).code == "pool-quota"


# Waiting


def test_who_waits_has_a_number_and_gets_what_becomes_free(hub):
    berth = hub(site(1, waiting_list={"max": 2}))
    assert berth.pre_spawn("ana", GPU, PHYSICS).status == 200
    first = berth.pre_spawn("bo", GPU, PHYSICS)
    assert (first.status, first.code) == (409, "gpu-unavailable")
    assert first.body["waiting"] | {"ticket": ""} == {"ticket": "", "position": 1, "length": 1, "ask_within_s": 90}
    assert first.body["retry_after_s"] == 30
    assert "You are number 1 of 1 in the waiting list." in first.body["user_message"]
    assert berth.pre_spawn("bo", GPU, PHYSICS).body["waiting"]["ticket"] == first.body["waiting"]["ticket"]
    assert berth.pre_spawn("cy", GPU, PHYSICS).body["waiting"]["position"] == 2
    late = berth.pre_spawn("di", GPU, PHYSICS).body
    assert "waiting" not in late and "The waiting list is full." in late["user_message"]
    assert [(row(berth, user)["queue_length"], row(berth, user)["your_position"]) for user in ("bo", "di")] == [
        (2, 1),
        (2, None),
    ]
    assert row(berth, "bo")["state"] == "queue"

    berth.post_stop("ana")
    other = berth.pre_spawn("cy", GPU, PHYSICS).body
    assert other["waiting"]["position"] == 2 and "others have waited" in other["user_message"]
    assert berth.pre_spawn("bo", GPU, PHYSICS).status == 200
    assert row(berth, "cy")["queue_length"] == 1


def test_who_leaves_the_page_loses_the_place(hub):
    berth = hub(site(1, waiting_list={"ticket_ttl": "1s"}))
    assert berth.pre_spawn("ana", GPU, PHYSICS).status == 200
    assert berth.pre_spawn("bo", GPU, PHYSICS).body["waiting"]["position"] == 1
    deadline = time.monotonic() + 20
    while berth.pre_spawn("cy", GPU, PHYSICS).body["waiting"]["length"] != 1:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert row(berth, "bo")["your_position"] is None


# Several hubs


def test_two_hubs_share_a_pool_each_with_its_own_limit(hubs):
    prod, test = hubs(site(3, {"deployments": {"test": {"sessions": 1}}}))
    assert test.pre_spawn("ana", GPU, PHYSICS).status == 200
    refused = test.pre_spawn("bo", GPU, PHYSICS)
    assert (refused.status, refused.code) == (409, "deployment-quota")
    assert "All users of this hub together use 1 GPU server" in refused.body["user_message"]
    assert (row(test, "bo")["limited_by"], row(test, "bo")["free_now"]) == ("deployment-quota", 0)
    assert (row(prod, "bo")["limited_by"], row(prod, "bo")["free_now"]) == (None, 2)
    assert [prod.pre_spawn(user, GPU, PHYSICS).status for user in ("bo", "cy", "di")] == [200, 200, 409]


def test_a_hub_with_priority_comes_first_in_line(hubs):
    prod, test = hubs(site(1, {"deployments": {"prod": {"priority": 10}}}, waiting_list={}))
    assert test.pre_spawn("ana", GPU, PHYSICS).status == 200
    assert test.pre_spawn("bo", GPU, PHYSICS).body["waiting"]["position"] == 1
    assert prod.pre_spawn("cy", GPU, PHYSICS).body["waiting"]["position"] == 1
    assert test.pre_spawn("bo", GPU, PHYSICS).body["waiting"]["position"] == 2


def test_a_hubs_token_neither_sees_nor_touches_another_hubs_reservations_and_tickets(hubs):
    prod, test = hubs(site(1, {"user": {"sessions": 1}}, waiting_list={}))
    held = prod.pre_spawn("ana", GPU, PHYSICS, start="s").body
    ticket = prod.pre_spawn("bo", GPU, PHYSICS).body["waiting"]

    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "notebook", "image": "i"}]}}
    stolen = test.pod("ana", held["reservation_id"], pod)
    assert (stolen.status, stolen.code) == (403, "reservation-not-yours")
    assert test.post_stop("ana", "s").body["outcome"] == "nothing-held"
    assert prod.free("whole") == 0

    # The same name at the other hub is somebody else: with a place of their own, and told nothing of the first.
    mine = test.pre_spawn("bo", GPU, PHYSICS).body
    assert mine["waiting"]["ticket"] != ticket["ticket"] and mine["waiting"]["position"] == 2
    shown = row(test, "ana")
    assert shown["your_position"] is None and shown["limited_by"] == "capacity"
    for text in (str(mine), str(shown)):
        assert "prod" not in text and held["reservation_id"] not in text and ticket["ticket"] not in text
    assert prod.pre_spawn("bo", GPU, PHYSICS).body["waiting"] == ticket | {"length": 2}

# SPDX-License-Identifier: Apache-2.0
"""What operators ask and change, with curl: who holds a card, drain, release, extend, usage, and who may not."""

from __future__ import annotations

import concurrent.futures
import csv
import datetime
import io
import json
import re
import sqlite3
import subprocess

import jsonschema
import pytest
from berth import Answer, Berth, Hub, binary
from contract import API
from test_gpu import STAFF, cards

TOKENS = {role: f"{role}-token-0123456789abcdef" for role in ("viewer", "operator", "admin")}
SITE = {
    "admin": {
        "tokens": [
            {"name": f"the-{role}", "role": role, "token_file": f"secrets/{role}.token"} for role in TOKENS
        ]
    },
    "pools": {"whole": {"mode": "whole", "resource": "nvidia.com/gpu"}},
    "inventory": cards(2, "whole"),
    "images": [{"id": "base", "display_name": "Base", "image": "registry.example.org/base:1"}],
    "profiles": [
        {
            "slug": "gpu",
            "display_name": "GPU",
            "images": ["base"],
            "allow": {"group": "staff"},
            "gpu": {"pool": "whole", "cards": 1},
            "walltime": {"default": "1h", "max": "8h"},
        }
    ],
}


class Operators:
    """Asks as somebody with curl, and holds what comes against the API's description."""

    def __init__(self, hub: Hub):
        self.berth = hub.berth

    def curl(self, *arguments: str, role: str = "operator") -> tuple[int, str]:
        command = ["curl", "-sS", "-m", "20", "-w", "\n%{http_code}", "-H", f"Authorization: Bearer {TOKENS[role]}"]
        done = subprocess.run(
            [*command, *arguments[:-1], f"http://127.0.0.1:{self.berth.port}/v1/admin/{arguments[-1]}"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def get(self, path: str, role: str = "viewer") -> Answer:
        return self.berth.ask(f"/v1/admin/{path}", token=TOKENS[role])

    def post(self, path: str, body: dict, role: str = "operator") -> Answer:
        return self.berth.ask(f"/v1/admin/{path}", body, token=TOKENS[role])

    def items(self, path: str) -> list[dict]:
        return self.get(path).body["items"]


def running(hub, tmp_path, site: dict) -> tuple[Hub, Operators]:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for role, token in TOKENS.items():
        (secrets / f"{role}.token").write_text(token)
        (secrets / f"{role}.token").chmod(0o600)
    asked = hub(site)
    return asked, Operators(asked)


@pytest.fixture
def site(hub, tmp_path):
    return running(hub, tmp_path, SITE)


def start(hub: Hub, user: str, **extra) -> str:
    answer = hub.pre_spawn(user, {"profile": "gpu"}, STAFF, **extra)
    assert answer.status == 200, answer.body
    return answer.body["reservation_id"]


def test_an_operator_sees_with_curl_who_holds_a_card(site):
    hub, operators = site
    reservation = start(hub, "ada")
    status, table = operators.curl("devices?format=table", role="viewer")
    lines = table.splitlines()
    assert status == 200 and lines[0].split()[:2] == ["NODE", "DEVICE"]
    held = [line for line in lines if reservation in line]
    assert len(held) == 1 and "prod/ada/" in held[0] and " held " in held[0]
    assert len({line.index("whole") for line in lines[1:]}) == 1


def test_a_drained_node_gets_nothing_more_also_after_a_restart(site):
    hub, operators = site
    start(hub, "ada")
    status, body = operators.curl("-d", '{"reason": "fan broken"}', "nodes/n1/drain")
    assert status == 200 and json.loads(body)["outcome"] == "drained"
    assert hub.pre_spawn("bo", {"profile": "gpu"}, STAFF).status == 409
    assert hub.berth.stop() == 0
    hub.berth.start()
    assert hub.pre_spawn("bo", {"profile": "gpu"}, STAFF).status == 409
    node = operators.items("nodes")[0]
    assert (node["state"], node["reason"], node["drained_by"]) == ("drained", "fan broken", "token/the-operator")
    assert operators.post("nodes/n1/undrain", {"reason": "mended"}).body["outcome"] == "undrained"
    start(hub, "bo")
    assert [entry["action"] for entry in operators.items("audit")] == ["undrain", "drain"]


def test_a_stuck_reservation_is_released_and_the_audit_says_by_whom_and_why(site):
    hub, operators = site
    reservation = start(hub, "ada", pod=False)
    status, body = operators.curl("-d", '{"reason": "server is gone"}', f"reservations/{reservation}/release")
    assert status == 200 and json.loads(body)["outcome"] == "released"
    assert hub.free("whole") == 2
    again = operators.post(f"reservations/{reservation}/release", {"reason": "twice"})
    assert again.body["outcome"] == "already-ended"
    (entry,) = operators.items("audit")
    assert (entry["actor"], entry["role"], entry["reason"]) == ("token/the-operator", "operator", "server is gone")
    assert (entry["target"], entry["before"], entry["after"]) == (reservation, "bound", "released")
    assert entry["request_id"]


def test_a_walltime_is_extended_within_bounds(site):
    hub, operators = site
    reservation = start(hub, "ada", pod=False)
    before = operators.get(f"reservations/{reservation}").body["ends_by"]
    answer = operators.post(f"reservations/{reservation}/extend", {"reason": "beamtime", "minutes": 90})
    moved = instant(answer.body["reservation"]["ends_by"]) - instant(before)
    assert answer.status == 200 and moved == datetime.timedelta(minutes=90)
    assert operators.post(f"reservations/{reservation}/extend", {"reason": "x", "minutes": 0}).status == 422
    too_long = operators.post(f"reservations/{reservation}/extend", {"reason": "x", "minutes": 43200})
    assert (too_long.status, too_long.code) == (409, "cannot-extend")
    held = start(hub, "bo")
    assert operators.post(f"reservations/{held}/extend", {"reason": "x", "minutes": 5}).code == "cannot-extend"


def test_quotas_say_what_is_used_and_left_with_curl(hub, tmp_path):
    _, operators = running(hub, tmp_path, SITE | {"quotas": {
        "period": "day", "user": {"sessions": 3}, "pools": {"whole": {"milli_cards": 1500}},
        "groups": {
            "staff": {"sessions": 1, "gpu_hours": 8, "cohort": "c"}, "guests": {"sessions": 2, "cohort": "c"},
        },
    }})  # fmt: skip
    start(_, "ada", pod=False)
    status, table = operators.curl("quotas?format=table", role="viewer")
    assert status == 200 and table.split()[:5] == ["SCOPE", "DEPLOYMENT", "NAME", "MEASURE", "LIMIT"]
    rows = {(row["scope"], row["name"], row["measure"]): row for row in operators.items("quotas")}
    assert list(rows) == [
        ("pool", "whole", "milli_cards"), ("group", "guests", "sessions"), ("group", "staff", "sessions"),
        ("group", "staff", "gpu_hours"), ("user", "ada", "sessions"),
    ]  # fmt: skip
    pool = rows["pool", "whole", "milli_cards"]
    assert (pool["limit"], pool["used"], pool["borrowed"], pool["remaining"]) == (1500, 1000, 0, 500)
    hours = rows["group", "staff", "gpu_hours"]
    assert hours["limit"] == 8 and 0 <= hours["used"] < 0.1 and hours["resets_at"].endswith("T00:00:00Z")
    assert rows["user", "ada", "sessions"]["deployment"] == "prod"
    assert [row["name"] for row in operators.items("quotas?scope=group&name=staff")] == ["staff", "staff"]
    assert operators.get("quotas?scope=card").code == "admin-request-invalid"
    assert operators.curl("quotas?format=csv&scope=pool")[1].splitlines()[1] == "pool,,whole,milli_cards,1500,1000,0,500,"
    assert operators.post("quotas", {}).status == 405
    metrics = operators.berth.ask("/metrics", token=None).body.splitlines()
    assert 'berth_gpu_quota_used{measure="milli_cards",name="whole",scope="pool"} 1000' in metrics
    assert 'berth_gpu_quota_limit{measure="sessions",name="staff",scope="group"} 1' in metrics
    assert not [line for line in metrics if "ada" in line]


def test_who_waits_is_listed_and_an_extension_does_not_make_them_wait_longer(hub, tmp_path):
    pools = {"whole": {"mode": "whole", "resource": "nvidia.com/gpu", "waiting_list": {}}}
    asked, operators = running(hub, tmp_path, SITE | {"pools": pools, "inventory": cards(1, "whole")})
    reservation = start(asked, "ada", pod=False)
    assert asked.pre_spawn("bo", {"profile": "gpu"}, STAFF).body["waiting"]["position"] == 1
    (row,) = operators.items("waiting")
    assert (row["pool"], row["position"], row["user"], row["amount"]) == ("whole", 1, "bo", "1 card")
    refused = operators.post(f"reservations/{reservation}/extend", {"reason": "beamtime", "minutes": 5})
    assert (refused.status, refused.code) == (409, "extension-refused") and "1 in the waiting list" in refused.body["detail"]
    forced = operators.post(f"reservations/{reservation}/extend", {"reason": "beamtime", "minutes": 5, "force": True})
    assert forced.status == 200 and len(forced.body["warnings"]) == 1
    (entry,) = operators.items("audit")
    assert entry["after"].endswith(", despite waiting")
    assert 'berth_gpu_waiting{pool="whole"} 1' in operators.berth.ask("/metrics", token=None).body.splitlines()


POD = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "notebook", "image": "i"}]}}


@pytest.mark.parametrize("extension_max", [None, "2h"])
def test_an_end_that_the_pod_would_not_live_to_see_is_refused(hub, tmp_path, extension_max):
    asked, operators = running(hub, tmp_path, SITE | ({"pod": {"extension_max": extension_max}} if extension_max else {}))
    reservation = start(asked, "ada")
    pod = asked.pod("ada", reservation, POD).body["pod"]
    room = 7200 if extension_max else 0
    assert pod["spec"]["activeDeadlineSeconds"] == 3600 + 300 + room
    answer = operators.post(f"reservations/{reservation}/extend", {"reason": "x", "minutes": 60})
    assert (answer.status, answer.body.get("code")) == ((200, None) if room else (409, "extension-refused"))
    if not room:
        assert "activeDeadlineSeconds" in answer.body["detail"]
        forced = operators.post(f"reservations/{reservation}/extend", {"reason": "x", "minutes": 60, "force": True})
        assert forced.status == 200 and "pod.extension_max" in forced.body["warnings"][0]


def test_a_viewer_may_look_and_change_nothing(site):
    hub, operators = site
    reservation = start(hub, "ada")
    changes = ["nodes/n1/drain", "nodes/n1/undrain", f"reservations/{reservation}/release", "reload"]
    for path in [*changes, f"reservations/{reservation}/extend"]:
        answer = operators.post(path, {"reason": "curious", "minutes": 5}, role="viewer")
        assert (answer.status, answer.code) == (403, "role-too-low"), path
    assert operators.post("reload", {"reason": "curious"}, role="operator").status == 403
    assert operators.items("audit") == [] and operators.items("nodes")[0]["state"] == "open"


@pytest.mark.parametrize("token", [None, "wrong-token-0123456789abcdef", "prod-hook-token-0123456789abcdef", "a.b.c"])
def test_whoever_is_not_known_hears_nothing(site, token):
    hub, operators = site
    for path in ("nodes", "reservations", "usage"):
        answer = hub.berth.ask(f"/v1/admin/{path}", token=token)
        assert answer.status == 401 and answer.code.startswith("admin-token-")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    if token:
        assert token not in hub.berth.log


def test_an_operators_token_is_no_hubs(site):
    hub, operators = site
    assert hub.berth.ask("/v1/availability", token=TOKENS["admin"]).code == "hook-token-invalid"


def test_guessing_is_stopped_and_known_tokens_still_count(site):
    hub, operators = site

    def guess(number: int) -> int:
        return hub.berth.ask("/v1/admin/nodes", token=f"guess-{number:04}-0123456789abcdef").status

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(guess, range(120)))
    assert set(statuses) == {401, 429} and statuses.count(429) >= 20
    assert operators.get("nodes").status == 200


def test_a_hub_that_does_not_answer_lets_nobody_in_and_files_still_count(hub, tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "viewer.token").write_text(TOKENS["viewer"])
    deployment = {"hook_token_file": "secrets/prod.token", "hub_api": {"url": "http://127.0.0.1:9/hub/api"}}
    tokens = [{"name": "v", "role": "viewer", "token_file": "secrets/viewer.token"}]
    admin = {"tokens": tokens, "hub_tokens": {"deployments": ["prod"]}}
    running = hub(SITE | {"deployments": {"prod": deployment | {"trust": "auth_state"}}, "admin": admin})
    answer = running.berth.ask("/v1/admin/nodes", token="a-hubs-token-0123456789")
    assert (answer.status, answer.code) == (503, "admin-hub-unreachable")
    assert running.berth.ask("/v1/admin/nodes", token=TOKENS["viewer"]).status == 200


def test_without_the_section_there_is_nothing(hub):
    running = hub({key: value for key, value in SITE.items() if key != "admin"})
    assert running.berth.ask("/v1/admin/nodes", token="any-token-0123456789").status == 404


def test_usage_is_the_same_over_http_and_on_the_command_line_and_in_csv(site, tmp_path):
    hub, operators = site
    reservation = start(hub, "ada", pod=False)
    start(hub, "=cmd()", pod=False)
    ledger = sqlite3.connect(tmp_path / "ledger.sqlite")
    # Two hours ago by the accounts' own clock.
    ledger.execute("UPDATE charge SET began_elapsed_ms = began_elapsed_ms - 7200000")
    ledger.commit()
    ledger.close()
    for user in ("ada", "=cmd()"):
        assert hub.post_stop(user).body["outcome"] == "released"
    rows = {row["user"]: row for row in operators.items("usage")}
    assert reservation and 2 <= rows["ada"]["card_hours"] < 2.05
    assert rows["ada"]["mib_seconds"] * 1000 == pytest.approx(rows["ada"]["milli_card_seconds"] * 81559, rel=1e-3)

    status, text = operators.curl("usage?format=csv&by=user")
    assert status == 200 and text.splitlines(keepends=False)[0].startswith("user,card_hours")
    names = [row["user"] for row in csv.DictReader(io.StringIO(text, newline=""))]
    assert names == ["'=cmd()", "ada"]

    command = [binary(), "usage", "-c", str(tmp_path / "berth.yaml"), "--by", "user", "--format", "json"]
    printed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert printed["items"] == list(rows.values())
    command[-1] = "table"
    table = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert table.splitlines() == operators.curl("usage?format=table")[1].splitlines()


@pytest.mark.parametrize("query", ["from=2026-13-01", "by=card", "to=2020-01-01&from=2020-01-01", "form=csv", "from=x", "from=2020-01-01"])
def test_a_usage_question_that_is_not_understood_is_refused(site, query):
    _, operators = site
    assert operators.get(f"usage?{query}").code == "admin-request-invalid"


def test_decisions_say_who_was_refused_and_why(site):
    hub, operators = site
    start(hub, "ada")
    assert hub.pre_spawn("eve", {"profile": "gpu"}, {"groups": []}).status == 403
    refused, allowed = operators.items("decisions")
    assert (refused["user"], refused["code"]) == ("eve", "profile-not-allowed") and refused["detail"]
    assert (allowed["user"], allowed["code"], allowed["facts"]["pool"]) == ("ada", "allowed", "whole")
    assert len(operators.items("decisions?user=ada")) == 1


def test_explain_says_why_as_the_command_line_does(site):
    _, operators = site
    body = {"user": "ada", "claims": {"groups": ["staff"]}, "options": {"profile": "gpu"}}
    answer = operators.post("explain", body, role="viewer").body
    assert answer["decision"]["allowed"] and answer["decision"]["pool"] == "whole"
    assert answer["groups"] == ["staff"]
    refused = operators.post("explain", {"user": "eve", "claims": {"groups": []}, "options": {"profile": "gpu"}})
    assert refused.body["decision"]["code"] == "profile-not-allowed"
    assert not refused.body["items"][0]["allowed"] and refused.body["items"][0]["why"]


def test_a_reload_is_waited_for_and_says_what_is_wrong(site, tmp_path):
    hub, operators = site
    path = tmp_path / "berth.yaml"
    good = path.read_text()
    path.write_text(good.replace('"slug": "gpu"', '"slug": "renamed"'))
    answer = operators.post("reload", {"reason": "new name"}, role="admin")
    assert answer.body["outcome"] == "loaded"
    assert [profile["slug"] for profile in operators.items("profiles")] == ["renamed"]
    path.write_text(good.replace('"profiles"', '"profils"'))
    answer = operators.post("reload", {"reason": "a slip"}, role="admin")
    assert answer.body["outcome"] == "refused" and any("profils" in fault for fault in answer.body["faults"])
    assert [profile["slug"] for profile in operators.items("profiles")] == ["renamed"]


def test_profiles_and_images_are_listed(site):
    _, operators = site
    profile = operators.items("profiles")[0]
    assert (profile["pools"], profile["walltime"], profile["walltime_max"]) == (["whole"], "1 hour", "8 hours")
    assert operators.items("images") == [
        {"id": "base", "display_name": "Base", "image": "registry.example.org/base:1", "profiles": ["gpu"]}
    ]


def test_lists_come_page_by_page(site):
    hub, operators = site
    first, second = start(hub, "ada"), start(hub, "bo")
    page = operators.get("reservations?limit=1").body
    assert [item["id"] for item in page["items"]] == [second] and page["next"] == second
    page = operators.get(f"reservations?limit=1&older_than={second}").body
    assert [item["id"] for item in page["items"]] == [first] and page["next"] is None
    hub.post_stop("ada")
    assert [item["user"] for item in operators.items("reservations?state=released")] == ["ada"]
    assert {item["user"] for item in operators.items("reservations?state=all")} == {"ada", "bo"}
    assert operators.get("reservations?state=lurking").status == 422


def test_a_change_needs_a_reason_and_nothing_that_is_not_known(site):
    _, operators = site
    for body in [{}, {"reason": " "}, {"reason": "x" * 501}, {"reason": "a\nb"}, {"reason": "x", "forced": True}]:
        assert operators.post("nodes/n1/drain", body).code == "admin-request-invalid", body
    assert operators.post("nodes/n2/drain", {"reason": "x"}).code == "node-unknown"
    assert operators.post("reservations/none/release", {"reason": "x"}).code == "reservation-unknown"


def test_the_descriptions_examples_are_what_it_describes():
    for path, described in API["paths"].items():
        for operation in described.values():
            for body in [operation.get("requestBody"), *operation["responses"].values()]:
                content = (body or {}).get("content", {}).get("application/json", {})
                if "example" in content:
                    jsonschema.validate(content["example"], content["schema"] | {"components": API["components"]})


def test_metrics_tell_of_the_pools_without_naming_anybody_and_each_is_explained(site):
    hub, operators = site
    start(hub, "ada-the-first")
    start(hub, "bo-the-second", pod=False)
    assert hub.pre_spawn("cy-the-third", {"profile": "gpu"}, STAFF).status == 409
    text = hub.berth.ask("/metrics", token=None).body
    for line in (
        'berth_gpu_pool_capacity{pool="whole",unit="cards"} 2',
        'berth_gpu_pool_free{pool="whole",unit="cards"} 0',
        'berth_gpu_pool_largest_fit{pool="whole",unit="cards"} 0',
        'berth_gpu_pool_deficit{pool="whole"} 0',
        'berth_gpu_reservations{state="held"} 1',
        'berth_gpu_reservations{state="bound"} 1',
        'berth_gpu_decisions_total{pool="whole",reason="",result="granted"} 2',
        'berth_gpu_decisions_total{pool="whole",reason="full",result="denied"} 1',
        "berth_gpu_hold_expired_total 0",
    ):
        assert line in text.splitlines(), line
    assert not any(name in text for name in ("ada-the", "bo-the", "cy-the"))
    families = re.findall(r"^# TYPE (\S+)", text, re.M)
    assert len(families) == len(set(families)) > 8
    assert not [name for name in families if not re.search(rf"^# HELP {name} .+\.$", text, re.M)]


def instant(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)

# SPDX-License-Identifier: Apache-2.0
"""A real Berth that asks a real slapd and a real HTTP service who its users are."""

from __future__ import annotations

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from berth import binary
from slapd import Directory

POD = {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
    "spec": {"containers": [{"name": "notebook", "image": "i"}]},
}


class Service:
    """Answers `/people/NAME` with what `people` says, 404 for others; counts; fails while `broken`."""

    def __init__(self) -> None:
        self.people: dict[str, Any] = {}
        self.asked: list[str] = []
        self.tokens: set[str | None] = set()
        self.broken = False
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.asked.append(self.path)
                service.tokens.add(self.headers.get("Authorization"))
                name = self.path.rpartition("/")[2]
                known = name in service.people
                body = json.dumps(service.people.get(name)).encode()
                self.send_response(500 if service.broken else 200 if known else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def section(self, **more: Any) -> dict[str, Any]:
        return {"name": "hr", "url": f"http://127.0.0.1:{self.server.server_port}/people/{{user}}"} | more


@pytest.fixture
def service() -> Iterator[Service]:
    running = Service()
    yield running
    running.server.shutdown()


def profiles(**rules: Any) -> dict[str, Any]:
    """A profile for everyone, and one for each rule by its name."""
    own = [{"slug": name, "display_name": name, "allow": rule} for name, rule in rules.items()]
    return {"profiles": [{"slug": "all", "display_name": "All", "default": True}, *own]}


def slugs(answer: Any) -> list[str]:
    assert answer.status == 200, answer.body
    return [profile["slug"] for profile in answer.body["profiles"]]


def groups_of(directory: Directory, name: str) -> dict[str, int]:
    """Read from what slapd was given, by the plainest means."""
    found = {}
    for entry in Path(directory.facts["data"]).read_text().split("\n\n"):
        lines = entry.splitlines()
        if f"memberUid: {name}" in lines:
            cn = next(line[4:] for line in lines if line.startswith("cn: "))
            found[cn] = int(next(line[11:] for line in lines if line.startswith("gidNumber: ")))
    return found


def test_the_pod_runs_under_the_ids_of_the_directory(hub, directory):
    groups = groups_of(directory, "u00003")
    assert groups
    berth = hub(profiles() | {"directory": directory.section(), "pod": {"security": "restricted"}})
    allowed = berth.pre_spawn("u00003", {"profile": "all"})
    assert allowed.status == 200, allowed.body
    directory.kill()
    patched = berth.pod("u00003", allowed.body["reservation_id"], POD)
    assert patched.status == 200, "the pod's route asks nobody: what was decided stands in the reservation"
    context = patched.body["pod"]["spec"]["securityContext"]
    assert (context["runAsUser"], context["runAsGroup"]) == (20003, 20000)
    assert context["supplementalGroups"] == sorted(groups.values())


def test_groups_and_attributes_of_the_directory_decide(hub, directory):
    group = max(groups_of(directory, "u00003"))  # everybody is in the first
    rules = profiles(
        group={"group": group}, mail={"claim": "directory.mail", "equals": "u00003@example.org"},
        listed={"claim": "directory.groups", "equals": group}, other={"not": {"group": group}},
    )
    berth = hub(rules | {"directory": directory.section(add_groups=True)})
    assert slugs(berth.options_form("u00003")) == ["all", "group", "mail", "listed"]
    outsider = next(f"u{n:05d}" for n in range(60) if group not in groups_of(directory, f"u{n:05d}"))
    assert slugs(berth.options_form(outsider)) == ["all", "other"]


def test_whom_the_directory_does_not_know_is_told_so(hub, directory):
    berth = hub(profiles() | {"directory": directory.section()})
    for answer in (berth.options_form("stranger"), berth.pre_spawn("u1)(uid=*", {"profile": "all"})):
        assert (answer.status, answer.code) == (403, "person-unknown")
        assert "not in the user directory" in answer.body["user_message"]


def test_an_unknown_person_may_pass_where_the_site_says_so(hub, directory):
    rules = profiles(
        guest={"claim": "directory.known", "equals": False}, staff={"claim": "directory.known", "equals": True})
    section = directory.section(on_unknown_person="pass", ids={"use": "optional"})
    berth = hub(rules | {"directory": section})
    assert slugs(berth.options_form("stranger")) == ["all", "guest"]
    assert slugs(berth.options_form("u00003")) == ["all", "staff"]


def test_a_directory_that_is_gone_stops_starts_with_words_and_shows_in_readyz(hub, directory):
    berth = hub(profiles() | {"directory": directory.section(kept="1s")})
    assert berth.options_form("u00003").status == 200
    assert berth.berth.ask("/readyz", token=None).body["parts"]["directory"] == "ok"
    directory.kill()
    answer = berth.pre_spawn("u00004", {"profile": "all"})
    assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
    assert answer.code in ("directory-unreachable", "directory-connection-lost")
    assert "does not answer now" in answer.body["user_message"] and "ldap" not in answer.body["user_message"]
    assert directory.facts["ldap"] in berth.berth.ask("/readyz", token=None).body["parts"]["directory"]
    metrics = berth.berth.ask("/metrics", token=None).body
    assert 'berth_source_answers_total{outcome="answered",source="directory"} 1' in metrics


def test_where_a_silent_directory_makes_groups_unknown_neither_a_group_nor_its_absence_allows(hub, directory):
    rules = profiles(
        has={"group": "g0001"}, lacks={"not": {"group": "g0001"}},
        free={"not": {"claim": "directory", "present": True}},
    )
    section = directory.section(add_groups=True, on_failure="unknown", ids={"use": "optional"})
    berth = hub(rules | {"directory": section})
    directory.kill()
    assert slugs(berth.options_form("u00003", {"groups": ["g0001"]})) == ["all"]


def test_a_password_never_shows(hub, directory, tmp_path):
    secret = tmp_path / "bind"
    secret.write_text("not-the-password-of-berth\n")
    secret.chmod(0o600)
    section = directory.section(bind_dn=directory.facts["admin"], bind_password_file=str(secret))
    berth = hub(profiles() | {"directory": section})
    answer = berth.pre_spawn("u00003", {"profile": "all"})
    assert (answer.status, answer.code) == (503, "directory-bind-refused")
    assert "not-the-password" not in berth.berth.log + json.dumps(answer.body)


def test_a_look_up_decides_and_is_asked_once(hub, service, tmp_path):
    token = tmp_path / "service"
    token.write_text("service-token-of-berth\n")
    token.chmod(0o600)
    service.people = {"ana": {"roles": ["lead"]}, "bo": {"roles": []}}
    rules = profiles(lead={"claim": "hr.roles", "equals": "lead"})
    berth = hub(rules | {"lookups": [service.section(token_file=str(token))]})
    assert slugs(berth.options_form("ana")) == ["all", "lead"]
    assert slugs(berth.options_form("bo")) == ["all"]
    assert berth.pre_spawn("ana", {"profile": "lead"}).status == 200
    assert service.asked == ["/people/ana", "/people/bo"] and service.tokens == {"Bearer service-token-of-berth"}
    assert berth.pre_spawn("cy", {"profile": "all"}).code == "lookup-not-found"
    assert "service-token" not in berth.berth.log


def test_the_token_of_a_user_cannot_speak_for_a_look_up(hub, service):
    rules = profiles(lead={"claim": "hr.roles", "equals": "lead"})
    site = rules | {"lookups": [service.section(on_failure="unknown")]}
    forged = {"hr": {"roles": ["lead"]}}
    assert slugs(hub(site).options_form("ana", forged)) == ["all"]


def test_a_look_up_that_fails_is_worth_what_the_site_says(hub, service):
    service.broken = True
    rules = profiles(
        stopped={"claim": "stopped.x", "present": True}, no={"not": {"claim": "hr.roles", "equals": "lead"}},
        fallback={"claim": "other.level", "at_least": 1},
    )
    lookups = [
        service.section(on_failure="unknown"), service.section(name="other", on_failure={"value": {"level": 2}}),
    ]
    assert slugs(hub(rules | {"lookups": lookups}).options_form("ana")) == ["all", "fallback"]
    answer = hub(profiles() | {"lookups": [service.section()]}).pre_spawn("ana", {"profile": "all"})
    assert (answer.status, answer.code) == (503, "lookup-refused")


def test_a_look_up_is_asked_only_about_those_it_is_for(hub, service):
    service.people = {"ana": {"x": 1}}
    lookups = [service.section(when={"group": "staff"})]
    rules = profiles(has={"claim": "hr.x", "present": True}, lacks={"not": {"claim": "hr.x", "present": True}})
    berth = hub(rules | {"lookups": lookups})
    assert slugs(berth.options_form("ana", {"groups": ["guests"]})) == ["all", "lacks"]
    assert slugs(berth.options_form("ana", {})) == ["all"], "whether it would be asked is unknown, and so is its answer"
    assert service.asked == []
    assert slugs(berth.options_form("ana", {"groups": ["staff"]})) == ["all", "has"]
    assert service.asked == ["/people/ana"]


def test_many_at_once_each_get_their_own(hub, directory):
    berth = hub(profiles() | {"directory": directory.section(), "pod": {"security": "restricted"}})
    answers: dict[str, int] = {}

    def ask(name: str) -> None:
        allowed = berth.pre_spawn(name, {"profile": "all"}, start=f"s-{name}")
        pod = berth.pod(name, allowed.body["reservation_id"], POD)
        answers[name] = pod.body["pod"]["spec"]["securityContext"]["runAsUser"]

    threads = [threading.Thread(target=ask, args=(f"u{n:05d}",)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {f"u{n:05d}": 20000 + n for n in range(40)}


def test_explain_says_which_source_was_not_asked_and_takes_what_it_would_say(tmp_path, service):
    site = profiles(lead={"claim": "hr.roles", "equals": "lead"}) | {
        "directory": {"urls": "ldaps://ldap.example.org", "add_groups": True,
                      "people": {"base": "dc=x"}, "groups": {"base": "dc=x"}},
        "lookups": [service.section()],
        "ledger": {"path": "l.sqlite"}, "deployments": {"prod": {"hook_token_file": "t"}},
    }
    (tmp_path / "berth.yaml").write_text(json.dumps(site))
    (tmp_path / "ana.json").write_text(json.dumps({"known": True, "uid": 2001, "gid": 2002, "groups": ["d"]}))

    def explain(*options: str) -> str:
        command = [binary(), "explain", "-c", str(tmp_path / "berth.yaml"), "--user", "ana", *options]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    plain = explain()
    assert "directory:     not asked, so unknown; --source directory=FILE says it" in plain
    assert "hr:            not asked" in plain and "groups:        unknown" in plain
    given = explain("--source", f"directory={tmp_path}/ana.json")
    assert f"directory:     from {tmp_path}/ana.json" in given and 'groups:        ["d"]' in given

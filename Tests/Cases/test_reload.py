# SPDX-License-Identifier: Apache-2.0
"""A new configuration takes the old one's place whole or not at all, while requests run."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from berth import TOKEN, Berth, Hub

STAFF = {"groups": ["staff"]}


def site(name: str) -> dict[str, Any]:
    """A site of which every answer bears the name: in a trait, a title, a walltime and a GPU pool."""
    hours = {"a": "1h", "b": "2h"}.get(name, "3h")
    cards = [{"uuid": f"GPU-{n}", "product": "A100", "memory": "80Gi", "pools": [f"pool-{name}"]} for n in range(8)]
    return {
        "pools": {f"pool-{name}": {"mode": "whole"}},
        "inventory": {"nodes": {"n1": {"cards": cards}}},
        "profiles": [
            {
                "slug": "cpu", "display_name": f"CPU of {name}", "walltime": hours,
                "kubespawner_override": {"default_url": f"/{name}"},
            },
            {
                "slug": "gpu", "display_name": f"GPU of {name}", "walltime": hours,
                "kubespawner_override": {"default_url": f"/{name}"}, "gpu": {"pool": f"pool-{name}", "cards": 1},
            },
        ],
    }  # fmt: skip


WALLTIMES = {3600: "a", 7200: "b", 10800: "c"}
BROKEN = site("a") | {"profilez": []}


def put(server: Berth, site: dict[str, Any]) -> None:
    """Moves another file into the place of the one that is there, as editors and deployments do."""
    file = server.folder / "berth.yaml"
    before = file.read_bytes()
    server.site = site
    server.write_site()
    (server.folder / "next").write_bytes(file.read_bytes())
    file.write_bytes(before)
    os.replace(server.folder / "next", file)


def hang_up(server: Berth) -> None:
    assert server.process
    os.kill(server.process.pid, signal.SIGHUP)


def said(server: Berth) -> str:
    return server.ask("/readyz", token=None).body["parts"]["configuration"]


def wait_for(server: Berth, holds) -> None:
    for _ in range(400):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError(f"{said(server)}\n{server.log[-2000:]}")


def metric(server: Berth, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", server.ask("/metrics", token=None).body, re.MULTILINE)
    assert found, name
    return float(found[1])


def reloads(server: Berth, outcome: str) -> float:
    causes = ("signal", "file-change")
    return sum(metric(server, f'berth_config_reloads_total{{cause="{cause}",outcome="{outcome}"}}') for cause in causes)


def url(hub: Hub) -> str:
    """Which site decides now."""
    answer = hub.pre_spawn("probe", {"profile": "cpu"}, STAFF)
    assert answer.status == 200, answer.body
    return answer.body["overrides"]["default_url"].strip("/")


def test_a_signal_takes_a_good_file_and_keeps_the_old_one_over_a_bad_one(hub):
    berth = hub(site("a"))
    server: Berth = berth.berth
    assert reloads(server, "loaded") == reloads(server, "refused") == 0
    put(server, BROKEN)
    hang_up(server)
    wait_for(server, lambda: "profilez" in said(server))
    assert url(berth) == "a"
    wait_for(server, lambda: metric(server, "berth_config_file_in_force") == 0)
    assert reloads(server, "refused") >= 1
    assert server.ask("/readyz", token=None).status == 200
    wait_for(server, lambda: "configuration not reloaded" in server.log)
    assert '"level":"error"' in server.log
    loaded = metric(server, "berth_config_loaded_unix_seconds")
    put(server, site("b"))
    hang_up(server)
    wait_for(server, lambda: said(server) == "ok")
    assert url(berth) == "b"
    wait_for(server, lambda: metric(server, "berth_config_file_in_force") == 1)
    assert reloads(server, "loaded") >= 1
    assert metric(server, "berth_config_loaded_unix_seconds") >= loaded
    assert metric(server, "berth_config_reload_seconds_count") >= 2
    assert berth.pre_spawn("cyd", {"profile": "gpu"}, STAFF).body["reservation"]["gpu"]["pool"] == "pool-b"


def test_a_file_that_is_moved_into_place_is_read_without_a_signal(hub):
    berth = hub(site("a"))
    put(berth.berth, site("b"))
    wait_for(berth.berth, lambda: url(berth) == "b")
    put(berth.berth, BROKEN)
    wait_for(berth.berth, lambda: "profilez" in said(berth.berth))
    assert url(berth) == "b"
    put(berth.berth, site("c"))
    wait_for(berth.berth, lambda: url(berth) == "c")
    assert said(berth.berth) == "ok"


def test_a_file_that_is_written_in_place_is_read_without_a_signal(hub):
    berth = hub(site("a"))
    berth.berth.site = site("b")
    berth.berth.write_site()
    wait_for(berth.berth, lambda: url(berth) == "b")


def test_files_that_are_not_touched_are_not_read_again(hub):
    server: Berth = hub(site("a")).berth
    time.sleep(4)
    assert reloads(server, "loaded") + reloads(server, "refused") == 0


def included(server: Berth, name: str) -> None:
    """The site's profiles and pools in a file of their own."""
    parts = site(name)
    (server.folder / "rest.next").write_text(json.dumps(parts))
    os.replace(server.folder / "rest.next", server.folder / "rest.yaml")


def test_an_included_file_counts_also_when_it_was_missing(hub):
    berth = hub(site("a"))
    server: Berth = berth.berth
    put(server, {"include": ["rest.yaml"]})
    wait_for(server, lambda: "`profiles` is missing" in said(server))
    assert url(berth) == "a"
    included(server, "b")
    wait_for(server, lambda: url(berth) == "b")
    included(server, "c")
    wait_for(server, lambda: url(berth) == "c")
    (server.folder / "rest.yaml").unlink()
    wait_for(server, lambda: "`profiles` is missing" in said(server))
    assert url(berth) == "c"


def test_a_link_that_leads_elsewhere_counts_as_a_change(hub, tmp_path):
    """How Kubernetes updates a mounted ConfigMap: the folder behind a link is another one."""
    berth = hub(site("a"))
    server: Berth = berth.berth
    file = server.folder / "berth.yaml"
    for name in ("a", "b", "c"):
        server.site = site(name)
        server.write_site()
        folder = server.folder / f"..{name}"
        folder.mkdir()
        (folder / "berth.yaml").write_bytes(file.read_bytes())
        (server.folder / "link").symlink_to(folder / "berth.yaml")
        os.replace(server.folder / "link", file)
        wait_for(server, lambda name=name: url(berth) == name)


def test_a_hook_token_that_is_changed_is_read_without_a_signal(hub):
    berth = hub(site("a"))
    fresh = "another-hook-token-0123456789"
    token = berth.berth.folder / "secrets" / "prod.token"
    (token.parent / "next").write_text(fresh)
    (token.parent / "next").chmod(0o600)
    os.replace(token.parent / "next", token)

    def is_taken() -> bool:
        return berth.berth.ask("/v1/availability", token=fresh).status == 200

    wait_for(berth.berth, is_taken)
    assert berth.berth.ask("/v1/availability", token=TOKEN).status == 401


def test_a_reload_says_which_changes_wait_for_a_restart_until_they_do_not(hub):
    server: Berth = hub(site("a")).berth
    put(server, site("a") | {"ledger": {"path": "elsewhere.sqlite"}, "log": {"level": "debug"}})
    hang_up(server)
    waits = "ok, but a restart is needed for ledger, log.level"
    wait_for(server, lambda: said(server) == waits)
    wait_for(server, lambda: '"keys":["ledger","log.level"]' in server.log)
    count = reloads(server, "loaded")
    hang_up(server)
    wait_for(server, lambda: reloads(server, "loaded") > count)
    wait_for(server, lambda: said(server) == waits)
    put(server, site("a"))
    wait_for(server, lambda: said(server) == "ok")


class Load:
    """Hubs that ask without a pause. Notes what each answer was, and whether it belongs to one site wholly."""

    def __init__(self, berth: Hub):
        self.server = berth.berth
        self.sites: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(4)]

    def __enter__(self) -> Load:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def run(self, number: int) -> None:
        hub = Hub(self.server)
        count = 0
        while not self.stop.is_set() and len(self.wrong) < 10:
            count += 1
            start = f"{number}-{count}"
            profile = "gpu" if count % 2 else "cpu"
            try:
                self.spawn(hub, f"user-{number}", start, profile)
                self.form(hub, f"user-{number}")
            except Exception as error:
                self.wrong.append(f"{start}: {error!r}")

    def spawn(self, hub: Hub, user: str, start: str, profile: str) -> None:
        answer = hub.pre_spawn(user, {"profile": profile}, STAFF, start=start)
        if answer.status != 200:
            self.wrong.append(f"{start}: {answer.status} {answer.body}")
            return
        body = answer.body
        names = {
            body["overrides"]["default_url"].strip("/"),
            WALLTIMES[body["walltime_s"]],
            re.search(r"Starting [CG]PU of (\w)\.", body["message"])[1],
        }
        if profile == "gpu":
            names.add(body["reservation"]["gpu"]["pool"].removeprefix("pool-"))
        self.note(start, names)
        hub.post_stop(user, start)

    def form(self, hub: Hub, user: str) -> None:
        answer = hub.options_form(user, STAFF)
        if answer.status != 200:
            self.wrong.append(f"{user}: {answer.status} {answer.body}")
            return
        shown = answer.body["profiles"]
        names = {one["kubespawner_override"]["default_url"].strip("/") for one in shown}
        self.note(user, names | {one["display_name"][-1] for one in shown})

    def note(self, what: str, names: set[str]) -> None:
        if len(names) != 1:
            self.wrong.append(f"{what}: of {sorted(names)}")
        self.sites[names.pop()] += 1

    def go_on(self, name: str, count: int = 20) -> None:
        """Waits until so many more answers of this site have come."""
        goal = self.sites[name] + count
        for _ in range(1200):
            if self.sites[name] >= goal or self.wrong:
                return
            time.sleep(0.05)
        raise AssertionError(f"no answers of {name}: {self.sites}")


@pytest.mark.parametrize("way", ["signal", "file"])
def test_no_request_fails_while_good_and_bad_files_come_and_go(hub, way):
    berth = hub(site("a"))
    server: Berth = berth.berth

    def give(site: dict[str, Any]) -> None:
        put(server, site)
        if way == "signal":
            hang_up(server)

    with Load(berth) as load:
        load.go_on("a")
        for name in ("b", "c", "a"):
            give(BROKEN)
            wait_for(server, lambda: "profilez" in said(server) or load.wrong)
            wait_for(server, lambda: metric(server, "berth_config_file_in_force") == 0)
            give(site(name))
            wait_for(server, lambda: said(server) == "ok" or load.wrong)
            load.go_on(name)
    assert not load.wrong, load.wrong
    assert set(load.sites) == {"a", "b", "c"}
    wait_for(server, lambda: metric(server, "berth_config_file_in_force") == 1)
    assert reloads(server, "refused") >= 3 and reloads(server, "loaded") >= 3


def test_whoever_asks_during_a_reload_gets_what_they_wrote(hub):
    """Signals upon signals: the readings come one after another, and the last file is in force at the end."""
    berth = hub(site("a"))
    with Load(berth) as load:
        for turn in range(40):
            put(berth.berth, site("abc"[turn % 3]) if turn % 5 else BROKEN)
            for _ in range(3):
                hang_up(berth.berth)
        put(berth.berth, site("b"))
        hang_up(berth.berth)
        wait_for(berth.berth, lambda: said(berth.berth) == "ok" and url(berth) == "b" or load.wrong)
        load.go_on("b", 50)
    assert not load.wrong, load.wrong
    assert url(berth) == "b"


def test_a_slow_reading_never_overtakes_one_that_was_asked_for_later(hub):
    berth = hub(site("c"))
    server: Berth = berth.berth
    slow = site("a")
    slow["profiles"] += [{"slug": f"more-{n}", "display_name": f"More {n}"} for n in range(6000)]
    put(server, slow)
    hang_up(server)
    time.sleep(0.2)  # So that it is being read; were it not, nothing could overtake.
    put(server, site("b"))
    hang_up(server)
    wait_for(server, lambda: server.log.count('"configuration reloaded"') >= 2)
    assert [url(berth) for _ in range(20)] == ["b"] * 20

# SPDX-License-Identifier: Apache-2.0
"""From the provider's rotating refresh tokens to a file that its user reads: hub, Berth and sidecar, all real.

`HAND_OFF_S` says for how long the file is read (default 25 seconds); `scripts/show/token` takes five minutes.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import berth_binary
from credential import credential
from forging import parts
from hub import eventually
from login_site import Login
from provider import TOKENS

LIFE_S = 20
READ_S = float(os.environ.get("HAND_OFF_S", "25"))
SEAL_KEY = secrets.token_hex(32)
ARC, DCACHE = "https://arc.example.org", "https://dcache.example.org"


class HandOff(Login):
    """The login of the other tests, whose servers get tokens."""

    def _settings(self, port: int) -> dict:
        settings = super()._settings(port)
        for name, secret in (("seal.key", SEAL_KEY), ("hub-api.token", self.hub.token_of_berth)):
            file = self.folder / name
            file.touch(mode=0o600)
            file.write_text(secret)
        url = f"{self.hub.url}/hub/api"
        settings["seal"] = {"key_file": "../seal.key"}
        settings["deployments"]["proven"] |= {
            "namespace": "jupyter",
            "hub_api": {"url": url, "token_file": "../hub-api.token"},
        }
        settings["profiles"].append(
            {
                "slug": "tokens",
                "display_name": "With tokens",
                "token": [
                    {"audience": ARC, "file": "/run/berth/arc"},
                    {"audience": DCACHE, "file": "/run/berth/dcache", "on_login_end": "stop"},
                ],
            }
        )
        return settings


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    site = HandOff(tmp_path_factory.mktemp("hand-off"), access_token_s=LIFE_S)
    berth = site.new_berth()
    yield site, berth
    berth.stop()
    site.stop()


@pytest.fixture
def site(whole):
    whole[0].visitor("ana")
    whole[0].provider.gate.answered.clear()
    return whole[0]


@contextmanager
def sidecar(site, folder: Path):
    """A server of ana's, and the program that runs beside it."""
    environment = site.hub.start_server("ana", {"profile": "tokens"})
    (folder / "credential").write_text(
        credential(
            SEAL_KEY,
            sub=environment["BERTH_RESERVATION_ID"],
            deployment="proven",
            namespace="jupyter",
            pod="jupyter-ana",
        )
    )
    files = [{"audience": ARC, "file": str(folder / "arc")}, {"audience": DCACHE, "file": str(folder / "dcache")}]
    told = {
        "PATH": os.environ["PATH"],
        "BERTH_URL": f"http://127.0.0.1:{site.middleman.berth_port}",
        "BERTH_RESERVATION_ID": environment["BERTH_RESERVATION_ID"],
        "BERTH_CREDENTIAL_FILE": str(folder / "credential"),
        "BERTH_TOKENS": json.dumps(files),
    }
    with (folder / "sidecar.log").open("wb") as log:
        program = subprocess.Popen([berth_binary(), "token"], env=told, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        assert eventually(lambda: (folder / "arc").exists() and (folder / "dcache").exists(), 30)
        yield program
    finally:
        if program.poll() is None:
            program.kill()
            program.wait()
        site.hub.api.stop("ana")
        site.hub.api.wait_gone("ana")


def test_the_files_never_hold_a_token_that_has_lapsed_or_a_part_of_one(site, tmp_path):
    seen: set[str] = set()
    reads = 0
    with sidecar(site, tmp_path) as program:
        end = time.monotonic() + READ_S
        while time.monotonic() < end:
            for name in ("arc", "dcache"):
                text = (tmp_path / name).read_text()
                header, claims = parts(text)
                assert text.count(".") == 2 and header["alg"] and claims["preferred_username"] == "ana"
                assert claims["exp"] > time.time(), f"{name} lapsed {time.time() - claims['exp']:.1f} s ago"
                seen.add(text)
                reads += 1
            # The hub renews logins for its own reasons, too.
            if reads % 40 == 0:
                site.hub.api.start("ana", {"profile": "nosuch"}, "other")
            time.sleep(0.1)
        assert (tmp_path / "arc").stat().st_mode & 0o777 == 0o600
        status = json.loads((tmp_path / "arc.status").read_text())
        assert (status["state"], status["audience"]) == ("ok", ARC)
        site.hub.stop_server("ana")
        assert program.wait(60) == 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["credential", "sidecar.log"]
    answered = [line for line in site.provider.gate.answered if TOKENS in line]
    assert set(answered) == {f"{TOKENS} 200"}
    assert len(seen) >= READ_S / LIFE_S
    print(f"\n{reads} reads of 2 files: {len(seen)} tokens, none lapsed, none torn; {len(answered)} refreshes, all of them 200")


def test_a_login_that_has_ended_stops_the_tokens_and_the_server_where_policy_says_so(site, tmp_path):
    with sidecar(site, tmp_path) as program:
        site.provider.end_logins("ana")
        assert program.wait(90) == 0
    assert "ana" not in [user["name"] for user in site.hub.api.call("GET", "/users?state=active").json()]
    assert not (tmp_path / "arc").exists() and not (tmp_path / "dcache").exists()


def test_while_the_provider_is_away_the_server_goes_on_and_tokens_come_again(site, tmp_path):
    with sidecar(site, tmp_path):
        site.provider.stop()
        assert eventually(lambda: state(tmp_path) == "stale" and (tmp_path / "arc").read_text() == "", 60)
        site.provider.start()
        assert eventually(lambda: state(tmp_path) == "ok" and (tmp_path / "arc").read_text() != "", 90)
        site.hub.stop_server("ana")


def state(folder: Path) -> str:
    return json.loads((folder / "arc.status").read_text())["state"]

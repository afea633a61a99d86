# SPDX-License-Identifier: Apache-2.0
"""From the provider's rotating refresh tokens to a file that its user reads: hub, Berth and sidecar, all real.

`HAND_OFF_S` says for how long the file is read (default 25 seconds); `scripts/show/token` takes five minutes.
"""

from __future__ import annotations

import json
import os
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import jupyterhub
import pytest
import requests
from forging import parts
from hand_off import ARC, DCACHE, HandOff, server, sidecar, status
from hub import eventually
from provider import TOKENS

LIFE_S = 20
one_hub_will_do = pytest.mark.skipif(
    jupyterhub.version_info[0] < 6, reason="what differs between hubs has no part in it"
)
READ_S = float(os.environ.get("HAND_OFF_S", "25"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    site = HandOff(tmp_path_factory.mktemp("hand-off"), access_token_s=LIFE_S)
    site.berth = site.new_berth()
    yield site
    site.berth.stop()
    site.stop()


@pytest.fixture
def site(whole):
    whole.visitor("ana")
    whole.provider.gate.answered.clear()
    whole.middleman.reset()
    yield whole
    whole.reset()


def test_the_files_never_hold_a_token_that_has_lapsed_or_a_part_of_one(site, tmp_path):
    seen: set[str] = set()
    reads = 0
    with server(site) as environment, sidecar(site, environment, tmp_path, ARC, DCACHE) as program:
        assert eventually(lambda: all((tmp_path / name).exists() for name in ("arc", "dcache")))
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
        told = status(tmp_path)
        assert (told["state"], told["audience"]) == ("ok", ARC)
        no_token_is_told(site, tmp_path, seen)
        site.hub.stop_server("ana")
        assert program.wait(60) == 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["credential", "sidecar.log"]
    answered = [line for line in site.provider.gate.answered if TOKENS in line]
    assert set(answered) == {f"{TOKENS} 200"}
    assert len(seen) >= READ_S / LIFE_S
    print(f"\n{reads} reads of 2 files: {len(seen)} tokens, none lapsed, none torn; {len(answered)} refreshes, all of them 200")


def no_token_is_told(site, folder: Path, tokens: set[str]) -> None:
    """In logs and metrics; what signs a token is enough to know it by."""
    metrics = requests.get(f"http://127.0.0.1:{site.middleman.berth_port}/metrics", timeout=10)
    assert "berth_" in metrics.text
    told = {
        "the hub's log": site.hub.log,
        "Berth's log": site.berth.log.read_text(),
        "the sidecar's log": (folder / "sidecar.log").read_text(),
        "Berth's metrics": metrics.text,
    }
    signatures = [token.split(".")[2] for token in tokens]
    assert [name for name, text in told.items() if any(one in text for one in signatures)] == []


def test_an_account_that_is_taken_away_ends_tokens_and_server_as_policy_says(site, tmp_path):
    """And case 21a: with both tokens dead, nothing starts that needs them."""
    visitor = site.visitor("ana")
    form = visitor.spawn_page()
    with server(site) as environment, sidecar(site, environment, tmp_path, ARC) as keeping:
        assert eventually(lambda: status(tmp_path)["state"] == "ok")
        with site.provider.without("ana"):
            assert eventually(lambda: status(tmp_path)["state"] == "login-expired" and (tmp_path / "arc").read_text() == "")
            assert site.hub.api.server("ana")["ready"]
            with sidecar(site, environment, tmp_path, DCACHE) as stopping:
                assert (stopping.wait(30), keeping.wait(60)) == (0, 0)
            site.hub.api.wait_gone("ana")
            assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(("arc", "dcache"))]
            # Case 21e: no token of the user's is needed to end it.
            (told,) = site.middleman.of("post-stop")
            assert "auth_state" not in told.body and told.answer["outcome"] == "released"
            nothing_that_needs_tokens_starts(site, visitor, form)
    site.visitor("ana")
    with server(site):
        assert site.middleman.of("pre-spawn")[-1].answer["warnings"] == []


def nothing_that_needs_tokens_starts(site, visitor, form) -> None:
    # A deployment that needs no proof of who they are: that would be refused already.
    site.token_file.write_text(site.tokens["none"])
    page = visitor.send(form, {"profile": "tokens"})
    assert page.status == 403 and "Log out of the hub and in again" in page.text
    # The same at a hub that does not look before a start.
    site.plant("ana", "access_token")
    answer = site.hub.api.start("ana", {"profile": "tokens"})
    problem = site.middleman.of("pre-spawn")[-1].answer
    assert (answer.status_code, problem["code"]) == (403, "login-expired")
    assert answer.json()["message"] == problem["user_message"] and "in again" in problem["user_message"]
    assert site.hub.api.server("ana") is None
    # Who needs no token is let in as before.
    site.hub.start_server("ana", {"profile": "plain"})
    site.hub.stop_server("ana")
    site.reset()


def test_while_the_provider_is_away_the_server_goes_on_and_tokens_come_again(site, tmp_path):
    with server(site) as environment, sidecar(site, environment, tmp_path, ARC):
        site.provider.stop()
        assert eventually(lambda: status(tmp_path)["state"] == "stale" and (tmp_path / "arc").read_text() == "")
        another_server_starts_with_a_warning(site)
        site.provider.start()
        assert eventually(lambda: status(tmp_path)["state"] == "ok" and (tmp_path / "arc").read_text() != "")


def another_server_starts_with_a_warning(site) -> None:
    """Nobody knows whether the login has ended, so that nothing is refused for it."""
    site.plant("ana", "access_token")
    site.token_file.write_text(site.tokens["none"])
    site.hub.start_server("ana", {"profile": "tokens"}, "second")
    (said,) = site.middleman.of("pre-spawn")[-1].answer["warnings"]
    assert "cannot be had right now" in said
    site.hub.stop_server("ana", "second")
    site.reset()


@one_hub_will_do
def test_while_hub_and_berth_are_away_one_after_the_other_the_server_goes_on_and_tokens_come_again(site, tmp_path):
    with server(site) as environment, sidecar(site, environment, tmp_path, ARC):
        assert eventually(lambda: status(tmp_path)["state"] == "ok")
        site.hub.stop()
        assert eventually(lambda: "hub-away" in (status(tmp_path)["detail"] or ""))
        site.berth.stop()
        site.hub.start()
        assert eventually(lambda: "hub-away" not in status(tmp_path)["detail"])
        assert status(tmp_path)["state"] == "stale"
        site.berth = site.restarted_berth()
        assert eventually(lambda: status(tmp_path)["state"] == "ok" and (tmp_path / "arc").read_text() != "")
        assert site.hub.api.server("ana")["ready"]


@one_hub_will_do
def test_a_token_of_twelve_hours_is_kept_and_its_end_told(site, tmp_path):
    site.provider.change_life(12 * 3600)
    site.visitor("ana")
    site.berth.stop()
    site.berth = site.restarted_berth()  # which has kept no other
    try:
        with server(site) as environment, sidecar(site, environment, tmp_path, ARC, DCACHE):
            assert eventually(lambda: {status(tmp_path, one)["state"] for one in (ARC, DCACHE)} == {"ok"})
            site.provider.gate.passed.clear()
            for audience in (ARC, DCACHE):
                left = datetime.fromisoformat(status(tmp_path, audience)["expires_at"]) - datetime.now(timezone.utc)
                assert timedelta(hours=11, minutes=58) < left <= timedelta(hours=12)
            # Whoever asks gets the one that is there.
            assert site.as_sidecar(environment, ARC).json()["access_token"] == (tmp_path / "arc").read_text()
            assert site.provider.gate.count(TOKENS) == 0
    finally:
        site.provider.change_life(LIFE_S)

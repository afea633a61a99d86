# SPDX-License-Identifier: Apache-2.0
"""`berth token`: what readers of the file see, whatever happens to it, to Berth and to the volume."""

from __future__ import annotations

import json
import os
import random
import re
import stat
import subprocess
import threading
import time
from pathlib import Path

import pytest
from sidecar import until
from stand_in import CREDENTIAL, ENDED, problem

#: What the stand-in gives.
TOKEN = r"token\.\d+\.of"


@pytest.fixture
def volume(tmp_path):
    folder = tmp_path / "tokens"
    folder.mkdir()
    return folder


def files(*paths: Path) -> str:
    return json.dumps([{"audience": f"https://{path.name}.example.org/?a b", "file": str(path)} for path in paths])


def status(path: Path) -> dict:
    told = path.with_name(path.name + ".status")
    return json.loads(told.read_text()) if told.exists() else {"state": None}


def test_each_token_is_in_its_file_and_renewed_and_nothing_is_left_of_it(berth, sidecar, volume):
    site = berth(life_s=6)
    (arc, dcache) = (volume / "arc", volume / "dcache")
    token = sidecar("token", site, BERTH_TOKENS=files(arc, dcache))
    until(lambda: site.tokens >= 6, "renewals")
    for path in (arc, dcache):
        until(lambda: re.fullmatch(TOKEN, path.read_text()) and status(path)["state"] == "ok", "a token that counts")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert status(path)["expires_at"] > status(path)["renewed_at"]
        assert "token." not in path.with_name(path.name + ".status").read_text()
    assert {query for what, query in site.asked if what == "token"} == {
        f"audience=https%3A%2F%2F{name}.example.org%2F%3Fa%20b" for name in ("arc", "dcache")
    }
    assert site.sessions >= 2, "the session is renewed, too"
    assert token.stop() == 0
    assert list(volume.iterdir()) == []
    assert "token." not in token.log and CREDENTIAL not in token.log


def test_no_reader_ever_sees_a_part_and_no_stop_leaves_anything(berth, sidecar, volume):
    """A token of 12 KB, renewed every second, with stops at random moments while somebody reads all the time."""
    site = berth(life_s=1)
    whole = "t" * 12_288
    site.token = lambda audience: (200, {"access_token": whole, "audience": audience, "expires_in_s": 2})
    paths = [volume / f"t{number}" for number in range(8)]
    (reading, seen) = (threading.Event(), set())

    def read() -> None:
        while not reading.is_set():
            for path in paths:
                try:
                    seen.add(path.read_text())
                except FileNotFoundError:
                    pass

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(25):
            token = sidecar("token", site, BERTH_TOKENS=files(*paths))
            # Most within the writing of the first files.
            until(lambda: any(volume.iterdir()) or token.process.poll() is not None, "it writes")
            time.sleep(random.random() * 0.03)
            assert token.stop() == 0, token.log
            assert list(volume.iterdir()) == []
    finally:
        reading.set()
        reader.join()
    assert seen <= {whole, ""}


def test_what_a_killed_one_left_is_taken_over_or_taken_away(berth, sidecar, volume):
    (path, site) = (volume / "t", berth())
    first = sidecar("token", site, BERTH_TOKENS=files(path))
    until(lambda: status(path)["state"] == "ok", "a token")
    first.kill()
    (volume / ".t.new").write_text("half a tok")
    site.session = lambda: problem(503, "starting")
    site.sessions += 1
    second = sidecar("token", site, BERTH_TOKENS=files(path))
    until(lambda: status(path)["state"] == "stale", "it says so")
    assert path.read_text() == "token.1.of" and not (volume / ".t.new").exists()
    second.kill()
    path.with_name("t.status").unlink()
    sidecar("token", site, BERTH_TOKENS=files(path))
    until(lambda: status(path)["state"] == "stale", "it says so")
    assert not path.exists(), "nobody knows how long it is good"


def test_a_token_that_cannot_be_renewed_stays_to_its_expiry_and_is_empty_then(berth, sidecar, volume):
    (path, site) = (volume / "t", berth(life_s=20))
    token = sidecar("token", site, BERTH_TOKENS=files(path))
    until(lambda: status(path)["state"] == "ok", "a token")
    site.token = lambda _: problem(503, "hub-away")
    until(lambda: status(path)["state"] == "stale", "it says so")
    assert re.fullmatch(TOKEN, path.read_text())
    until(lambda: path.read_text() == "" and status(path)["expires_at"] is None, "it is empty, and its status says so")
    assert status(path)["state"] == "stale"
    site.token = site.new_token
    until(lambda: path.read_text(), "it is back")
    assert token.stop() == 0 and list(volume.iterdir()) == []


@pytest.mark.parametrize(
    ("answer", "state", "detail"),
    [
        (problem(403, "login-expired", "Log in again."), "login-expired", "Log in again."),
        (problem(404, "token-not-granted", "Your profile has none."), "refused", "Your profile has none."),
        (problem(429, "busy", retry_after_s=1), "stale", "429 busy"),
        ((200, b"<html>Sign in</html>"), "stale", "no JSON"),
        ((200, {"access_token": "a b", "expires_in_s": 60}), "stale", "not a token"),
        ((200, {"access_token": "x" * 65_537, "expires_in_s": 60}), "stale", "not a token"),
        ((200, {"access_token": "abc"}), "stale", "how long"),
        ((200, {"access_token": "abc", "expires_in_s": 60, "audience": "https://other"}), "stale", "another audience"),
        ((200, b"[" * 100_000), "stale", "no JSON"),
        ((200, b"x" * 300_000), "stale", "cannot be asked"),
    ],
)
def test_what_is_no_token_is_told_and_not_written(berth, sidecar, volume, answer, state, detail):
    (path, site) = (volume / "t", berth())
    site.token = lambda _: answer
    token = sidecar("token", site, BERTH_TOKENS=files(path))
    until(lambda: status(path)["state"] == state, "it says so")
    assert detail in status(path)["detail"] and not path.exists()
    site.token = site.new_token
    until(path.exists, "a token")
    assert token.process.poll() is None


def test_when_the_reservation_has_ended_nothing_is_left_and_it_exits_0(berth, sidecar, volume):
    (path, site) = (volume / "t", berth(life_s=3))
    token = sidecar("token", site, BERTH_TOKENS=files(path, volume / "u"))
    until(path.exists, "a token")
    site.token = lambda _: ENDED
    assert token.ended() == 0
    assert list(volume.iterdir()) == []


def test_a_proxys_410_ends_nothing(berth, sidecar, volume):
    (path, site) = (volume / "t", berth(life_s=3))
    token = sidecar("token", site, BERTH_TOKENS=files(path))
    until(path.exists, "a token")
    site.token = lambda _: (410, b"gone")
    until(lambda: status(path)["state"] == "stale", "it says so")
    assert token.process.poll() is None


def test_a_session_that_berth_forgot_is_replaced(berth, sidecar, volume):
    (path, site) = (volume / "t", berth())
    site.token = lambda audience: (200, {"access_token": "t", "audience": audience, "expires_in_s": 3})
    sidecar("token", site, BERTH_TOKENS=files(path))
    until(path.exists, "a token")
    site.sessions += 1000
    until(lambda: site.sessions == 1002, "another session, long before the first is half over")
    until(lambda: status(path)["state"] == "ok", "it is used")


def mounted(volume: Path, *options: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    subprocess.run(["mount", "-t", "tmpfs", *options, "none", str(volume)], check=True)


def test_a_full_volume_is_told_and_gets_its_token_later(berth, sidecar, volume):
    mounted(volume, "-o", "size=32k")
    try:
        filler = volume / "filler"
        with pytest.raises(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        (path, site) = (volume / "t", berth())
        site.token = lambda audience: (200, {"access_token": "t" * 12_288, "expires_in_s": 60})
        token = sidecar("token", site, BERTH_TOKENS=files(path))
        until(lambda: "No space left on device" in token.log, "it says so")
        assert token.process.poll() is None and not path.exists()
        filler.unlink()
        until(lambda: path.exists() and path.stat().st_size == 12_288, "a token")
        until(lambda: status(path)["state"] == "ok", "its status")
        assert token.stop() == 0 and list(volume.iterdir()) == []
    finally:
        subprocess.run(["umount", str(volume)], check=True)


def test_an_expired_token_goes_from_a_full_volume_too(berth, sidecar, volume):
    mounted(volume, "-o", "size=32k,nr_inodes=6")
    try:
        (path, site) = (volume / "t", berth(life_s=3))
        sidecar("token", site, BERTH_TOKENS=files(path))
        until(path.exists, "a token")
        site.token = lambda _: problem(503, "hub-away")
        for number in range(8):
            try:
                (volume / f"filler{number}").write_bytes(b"x" * 4096)
            except OSError:
                break
        until(lambda: not path.exists() or path.read_text() == "", "it is gone")
    finally:
        subprocess.run(["umount", str(volume)], check=True)


def test_a_read_only_volume_is_told_and_gets_its_token_later(berth, sidecar, volume):
    mounted(volume, "-o", "ro")
    try:
        path = volume / "t"
        token = sidecar("token", berth(), BERTH_TOKENS=files(path))
        until(lambda: "Read-only file system" in token.log, "it says so")
        assert token.process.poll() is None
        subprocess.run(["mount", "-o", "remount,rw", str(volume)], check=True)
        until(path.exists, "a token")
    finally:
        subprocess.run(["umount", str(volume)], check=True)


@pytest.mark.parametrize("tokens", ["", "[]", "{}", "nonsense", '[{"audience":"a","file":"relative"}]',
                                    '[{"audience":"a","file":"/x/y"},{"audience":"b","file":"/x/y"}]'])
def test_what_the_pod_says_wrongly_is_named(berth, sidecar, tokens):
    token = sidecar("token", berth(), BERTH_TOKENS=tokens)
    assert token.ended() == 1
    assert "BERTH_TOKEN" in token.log

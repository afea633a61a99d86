# SPDX-License-Identifier: Apache-2.0
"""`berth walltime`: who is told what and when, whatever happens to it, to Berth and to the volume."""

from __future__ import annotations

import json
import os
import subprocess
import time

import pytest
from sidecar import until
from stand_in import CREDENTIAL, ENDED, problem


def test_the_user_is_told_berth_hears_of_it_and_at_the_end_it_waits_to_be_stopped(berth, sidecar):
    site = berth(left_s=8, warn_before_s=(2, 900))
    walltime = sidecar("walltime", site)
    until(lambda: "seconds" in walltime.notice, "the first notice, which is due at once")
    until(lambda: len(site.events("notice")) == 2, "the second")
    until(lambda: "time is over" in walltime.notice, "the end")
    assert [body["left_s"] for body in site.events("notice")] == [900, 2]
    assert len(site.events("end")) == 1 and walltime.process.poll() is None
    assert walltime.stop() == 0
    assert CREDENTIAL not in walltime.log and "session.1" not in walltime.log


def test_a_restart_forgets_nothing_and_says_nothing_twice(berth, sidecar):
    site = berth(left_s=1000, warn_before_s=(2000,))
    first = sidecar("walltime", site)
    until(lambda: site.events("notice"), "a notice")
    first.kill()
    site.walltime = lambda: problem(503, "ledger-away", retry_after_s=600)
    second = sidecar("walltime", site)
    asked = len(site.asked)
    until(lambda: len(site.asked) > asked, "a question of the second")
    until(lambda: second.lab_state["left_s"] < 999, "the countdown goes on without Berth")
    assert len(site.events("notice")) == 1
    assert second.lab_state["notice"]["number"] == 1


def test_an_end_that_moves_to_where_a_notice_is_due_is_told_of_once(berth, sidecar):
    site = berth(left_s=4000, warn_before_s=(900,))
    first = sidecar("walltime", site)
    until(lambda: (first.notices / "countdown.json").exists(), "a first answer")
    first.kill()
    site.ends = time.monotonic() + 700
    second = sidecar("walltime", site)
    until(lambda: site.events("notice"), "a notice")
    told = second.lab_state["notice"]
    assert (told["number"], told["kind"]) == (1, "left") and "This server ends in" in second.notice


def test_an_end_that_was_told_is_not_told_again_after_a_restart(berth, sidecar):
    site = berth(left_s=1, warn_before_s=())
    first = sidecar("walltime", site)
    until(lambda: "time is over" in first.notice, "the end")
    until(lambda: first.kept["end_told"], "it keeps that Berth knows")
    first.kill()
    second = sidecar("walltime", site)
    until(lambda: site.asked[-1] == ("walltime", None), "a question of the second")
    until(lambda: second.lab_state, "it shows what is left")
    assert len(site.events("end")) == 1


def test_the_end_is_told_until_berth_answers(berth, sidecar):
    site = berth(left_s=2, warn_before_s=())
    answers = [problem(503, "ledger-away"), (502, b"<html>"), (200, {"outcome": "not-due", "left_s": 1})]
    last = site.event
    site.event = lambda body: answers.pop(0) if answers else last(body)
    walltime = sidecar("walltime", site)
    until(lambda: "time is over" in walltime.notice, "the end")
    assert len(site.events("end")) == 4


def test_without_berth_the_pods_own_walltime_counts(berth, sidecar):
    site = berth()
    site.session = lambda: problem(503, "starting")
    walltime = sidecar("walltime", site, BERTH_WALLTIME_S="200")
    until(lambda: "in 3 minutes" in walltime.notice, "a notice")
    until(lambda: "Berth cannot be asked" in walltime.log, "it says so")
    until(lambda: "it works again" in (setattr(site, "session", site.new_session) or walltime.log), "Berth is back")


def test_when_the_reservation_has_ended_it_cleans_up_and_exits_0(berth, sidecar):
    site = berth()
    walltime = sidecar("walltime", site)
    until(lambda: (walltime.notices / "countdown.json").exists(), "a first answer")
    walltime.kill()
    site.session = lambda: ENDED
    again = sidecar("walltime", site)
    assert again.ended() == 0
    assert not (again.notices / "countdown.json").exists() and not (again.notices / "socket").exists()


def test_one_curl_says_what_is_left_and_extends(berth, sidecar):
    site = berth(left_s=625, extension={"by_s": 3600, "left_s": 7200})
    walltime = sidecar("walltime", site)
    until(lambda: "10 minutes" in walltime.notice, "a notice")
    assert walltime.curl("http://berth/").endswith("http://berth/extend\n200")
    assert "in 70 minutes" in walltime.curl("-X", "POST", "http://berth/extend")
    assert "in 70 minutes" in walltime.notice and walltime.lab_state["notice"]["kind"] == "moved"
    assert walltime.curl("-X", "DELETE", "http://berth/").endswith("405")
    assert walltime.curl("http://berth/nowhere").endswith("404")
    site.extension = None
    refused = walltime.curl("-X", "POST", "http://berth/extend")
    assert refused == "No more time can be added today.\n409"
    site.event = lambda body: (500, b"oops")
    assert walltime.curl("-X", "POST", "http://berth/extend").endswith("503")


def unused(left_s: int | None, *, limit_s: int = 3600) -> dict:
    return {"limit_s": limit_s, "left_s": left_s, "warn_before_s": [600, 300]}


def test_an_unused_servers_user_is_told_and_no_longer_once_it_is_used_or_nobody_knows(berth, sidecar):
    site = berth(left_s=None, idle=unused(590))
    for again in (unused(3600), unused(None)):
        walltime = sidecar("walltime", site)
        until(lambda: "Nobody has used this server for 50 minutes. It ends in 10 minutes" in walltime.notice, "a notice")
        assert "unless it is used" in walltime.curl("http://berth/")
        assert (walltime.lab_state["notice"]["kind"], walltime.lab_state["idle"]["limit_s"]) == ("idle", 3600)
        site.idle = again
        walltime.kill()
        walltime = sidecar("walltime", site)
        until(lambda: walltime.notice == "", "it is taken back")
        until(lambda: walltime.lab_state["notice"]["kind"] == "used", "in JupyterLab, too")
        walltime.kill()
        site.idle = unused(590)
    assert len(site.events("notice")) == 2


def test_where_being_unused_ends_it_soon_berth_is_asked_often(berth, sidecar):
    site = berth(left_s=None, idle=unused(None, limit_s=20))
    sidecar("walltime", site)
    # In the usual rhythm the eighth comes after three minutes.
    until(lambda: site.asked.count(("walltime", None)) >= 8, "the eighth question")


def test_who_was_told_of_the_walltime_is_told_of_it_again_once_the_server_is_used(berth, sidecar):
    site = berth(left_s=800, idle=unused(100))
    walltime = sidecar("walltime", site)
    until(lambda: len(site.events("notice")) == 2, "both notices, the second of the sooner end")
    assert "Nobody has used" in walltime.notice
    site.idle = unused(3600)
    walltime.kill()
    walltime = sidecar("walltime", site)
    until(lambda: "This server ends in" in walltime.notice, "the later one again")


def test_a_server_that_ends_by_its_walltime_first_is_not_told_to_be_unused(berth, sidecar):
    site = berth(left_s=400, idle=unused(500))
    walltime = sidecar("walltime", site)
    until(lambda: "This server ends in" in walltime.notice, "the walltime's notice")
    walltime.kill()
    site.ends = None
    walltime = sidecar("walltime", site)
    until(lambda: "Nobody has used" in walltime.notice, "the other, once nothing comes first")


def test_the_end_for_being_unused_is_asked_for_until_berth_says_so(berth, sidecar):
    site = berth(left_s=None, idle=unused(1))
    answers = [
        (200, {"outcome": "not-due", "left_s": None, "idle_left_s": 2}),
        (200, {"outcome": "stopping", "reason": "idle", "left_s": 0}),
    ]
    site.event = lambda body: answers.pop(0) if body["event"] == "end" else (200, {})
    walltime = sidecar("walltime", site)
    until(lambda: "Nobody has used this server for 1 hour, and it is being stopped." in walltime.notice, "the end")
    assert answers == [] and walltime.process.poll() is None


def test_the_socket_can_be_asked_through_a_read_only_mount(berth, sidecar):
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    walltime = sidecar("walltime", berth())
    until(lambda: walltime.notices.joinpath("countdown.json").exists(), "a first answer")
    read_only = f"""
        mount --bind {walltime.notices} {walltime.notices} && mount -o remount,ro,bind {walltime.notices}
        ! touch {walltime.notices}/x 2>/dev/null && curl -sS --unix-socket {walltime.notices}/socket http://berth/
    """
    done = subprocess.run(["unshare", "-m", "sh", "-c", read_only], capture_output=True, text=True, check=True)
    assert "This server ends in" in done.stdout


def test_a_volume_that_is_full_at_first_gets_everything_later(berth, sidecar, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    notices = tmp_path / "notices"
    notices.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(notices)], check=True)
    try:
        filler = notices / "filler"
        with pytest.raises(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        walltime = sidecar("walltime", berth())
        until(lambda: "No space left" in walltime.log, "it says so")
        assert walltime.process.poll() is None and "it works again" not in walltime.log
        filler.unlink()
        until(lambda: walltime.lab_state, "JupyterLab's state")
        assert json.loads((walltime.lab / "package.json").read_text())["jupyterlab"]["_build"]["load"]
        assert walltime.stop() == 0
    finally:
        subprocess.run(["umount", str(notices)], check=True)


@pytest.mark.parametrize(
    "answer",
    [(200, b"<html>log in</html>"), (200, {}), (200, {"left_s": -5}), (200, []), (302, b""), (410, b"gone"), (418, {})],
)
def test_what_no_berth_says_changes_nothing(berth, sidecar, answer):
    site = berth()
    site.walltime = lambda: answer
    walltime = sidecar("walltime", site, BERTH_WALLTIME_S="1000")
    until(lambda: "Berth's URL answers with" in walltime.log, "it says so")
    until(lambda: walltime.lab_state, "JupyterLab's state")
    assert walltime.process.poll() is None and walltime.lab_state["left_s"] > 900

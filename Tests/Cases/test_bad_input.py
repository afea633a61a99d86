# SPDX-License-Identifier: Apache-2.0
"""Bad input and faults: a clear error, no crash, nothing lost, nothing left behind."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from berth import TOKEN, Berth, Hub, binary

STAFF = {"groups": ["staff"]}
SITE = {
    "pools": {"whole": {"mode": "whole", "resource": "nvidia.com/gpu"}},
    "inventory": {
        "nodes": {"n1": {"cards": [{"uuid": "GPU-0", "product": "A100", "memory": "80Gi", "pools": ["whole"]}]}}
    },
    "profiles": [
        {"slug": "cpu", "display_name": "CPU", "default": True},
        {"slug": "gpu", "display_name": "GPU", "gpu": {"pool": "whole", "cards": 1}},
    ],
}


@pytest.mark.parametrize(
    ("token", "scheme"), [(None, "Bearer"), ("wrong", "Bearer"), (TOKEN + "x", "Bearer"), (TOKEN[:-1], "Bearer"), (TOKEN, "Basic")]
)
def test_a_wrong_token_is_refused_before_the_body_is_looked_at(hub, token, scheme):
    berth = hub(SITE).berth
    with socket.create_connection(("127.0.0.1", berth.port)) as line:
        header = f"Authorization: {scheme} {token}\r\n" if token else ""
        line.sendall(
            f"POST /v1/hub/pre-spawn HTTP/1.1\r\nHost: x\r\n{header}Content-Length: 3000000\r\n\r\n".encode()
        )
        line.settimeout(10)
        assert line.recv(65536).startswith(b"HTTP/1.1 401 ")
    assert token is None or token not in berth.log or token == TOKEN


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "body-malformed"),
        (b"{", "body-malformed"),
        (b'{"user":{"name":"a"},"user":{"name":"b"}}', "body-malformed"),
        (b"\xff\xfe", "body-malformed"),
        (b"[" * 100_000, "body-malformed"),
        (b"[]", "body-invalid"),
        (b"{}", "body-invalid"),
        (b'{"user":{"name":""}}', "body-invalid"),
        (b'{"user":{"name":5}}', "body-invalid"),
        (b'{"user":{"name":"a"},"server":5}', "body-invalid"),
        (b'{"user":{"name":"a"},"server":{"start":"a b"}}', "body-invalid"),
        (b'{"user":{"name":"a","groups":"staff"},"server":{"start":"s"}}', "body-invalid"),
        (b'{"user":{"name":"a"},"server":{}}', "body-invalid"),
        (b'{"user":{"name":"a"},"server":{"start":"s"},"options":[]}', "options-malformed"),
        (b'{"user":{"name":"a"},"server":{"start":"s"},"auth_state":[]}', "body-invalid"),
    ],
)
def test_a_malformed_body_is_named_and_holds_nothing(hub, body, code):
    berth = hub(SITE)
    answer = berth.berth.ask("/v1/hub/pre-spawn", body)
    assert 400 <= answer.status < 500 and answer.code == code
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["request_id"] == answer.headers["X-Request-ID"]
    assert berth.free("whole") == 1


@pytest.mark.parametrize(
    ("claims", "status", "code"),
    [
        ({"name": "user-a1", "groups": [{"name": "a"}]}, 422, "claims-invalid"),
        ({"name": "user-a1", "groups": ["a\n"]}, 422, "claims-invalid"),
        ({"name": "user-a1", "groups": ["a"] * 2001}, 422, "claims-invalid"),
        ({"name": "user-a1", "_claim_names": {"groups": "src1"}}, 422, "claims-elsewhere"),
        ({"name": "user-a1", "typ": "Bearer", "azp": "hub"}, 422, "token-lightweight"),
        ({"name": "user-b2", "groups": []}, 403, "username-mismatch"),
        ({"groups": []}, 403, "username-mismatch"),
    ],
)
def test_claims_that_cannot_be_used_are_refused_by_name_though_everything_is_for_everyone(
    hub, claims, status, code
):
    issuer = {"issuer": "https://idp.example.org", "username": "name", "groups": ["groups"]}
    site = {"identity": {"issuers": [issuer]}, "profiles": [{"display_name": "CPU"}]}
    berth = hub(site)
    answer = berth.pre_spawn("user-a1", {}, claims)
    assert (answer.status, answer.code) == (status, code), answer.body
    assert "user-b2" not in answer.body["user_message"]
    assert berth.pre_spawn("user-a1", {}, {"name": "User-A1", "groups": []}).status == 200


def test_a_wrong_path_or_method_is_told_apart(hub):
    berth = hub(SITE).berth
    assert berth.ask("/v1/hub/nope", {}).status == 404
    assert berth.ask("/v1/hub/pre-spawn").status == 405
    assert berth.ask("/livez", {}).status == 405


def test_a_full_pool_says_so_and_leaves_nothing_behind(hub):
    berth = hub(SITE)
    assert berth.pre_spawn("ada", {"profile": "gpu"}, STAFF, start="a").status == 200
    for _ in range(3):
        refused = berth.pre_spawn("ben", {"profile": "gpu"}, STAFF)
        assert (refused.status, refused.code) == (409, "gpu-unavailable")
    ledger = sqlite3.connect(berth.berth.folder / "ledger.sqlite")
    assert ledger.execute("select count(*) from reservation").fetchone() == (1,)
    berth.post_stop("ada", "a")
    assert berth.pre_spawn("ben", {"profile": "gpu"}, STAFF).status == 200


def test_the_same_start_with_another_choice_is_a_conflict(hub):
    berth = hub(SITE)
    assert berth.pre_spawn("ada", {"profile": "gpu"}, STAFF, start="s").status == 200
    answer = berth.pre_spawn("ada", {"profile": "cpu"}, STAFF, start="s")
    assert (answer.status, answer.code) == (409, "start-conflict")
    assert berth.free("whole") == 0


def test_a_hub_that_hangs_up_half_way_leaves_no_reservation_that_its_retry_would_not_get(hub):
    berth = hub(SITE)
    body = b'{"user":{"name":"ada"},"server":{"name":"","start":"s"},"options":{"profile":"gpu"}}'
    head = (
        f"POST /v1/hub/pre-spawn HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    for cut in (5, len(head), len(head) + 10):
        with socket.create_connection(("127.0.0.1", berth.berth.port)) as line:
            line.sendall((head + body)[:cut])
    assert berth.free("whole") == 1
    with socket.create_connection(("127.0.0.1", berth.berth.port)) as line:
        line.sendall(head + body)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    retried = berth.pre_spawn("ada", {"profile": "gpu"}, start="s")
    assert retried.status == 200 and berth.free("whole") == 0
    assert berth.post_stop("ada", "s").body["outcome"] == "released"
    assert berth.free("whole") == 1


def test_another_users_reservation_gives_no_pod(hub):
    berth = hub(SITE)
    held = berth.pre_spawn("ada", {"profile": "gpu"}, STAFF).body["reservation_id"]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "notebook"}]}}
    answer = berth.pod("ben", held, pod)
    assert (answer.status, answer.code) == (403, "reservation-not-yours")
    assert berth.pod("ada", "no-such-reservation", pod).status == 404
    assert berth.pod("ada", None, pod).status == 422


@pytest.mark.parametrize("pod", [None, [], {}, {"spec": []}, {"spec": {"containers": {}}}, {"spec": {"containers": [{"name": "other"}]}}])
def test_a_pod_that_is_none_is_named(hub, pod):
    berth = hub(SITE)
    held = berth.pre_spawn("ada", {"profile": "gpu"}, STAFF).body["reservation_id"]
    answer = berth.pod("ada", held, pod)
    assert answer.status == 422 and answer.body["detail"]


def _serve(folder: Path, site: dict) -> subprocess.CompletedProcess[str]:
    berth = Berth(folder, site)
    return subprocess.run(
        [binary(), "serve", "--config", str(berth.write_site())], capture_output=True, text=True, timeout=30
    )


@pytest.mark.parametrize("path", ["no-such-folder/ledger.sqlite", "secrets", "berth.yaml/ledger.sqlite"])
def test_a_ledger_that_cannot_be_opened_is_named_at_the_start(tmp_path, path):
    run = _serve(tmp_path, SITE | {"ledger": {"path": path}})
    assert run.returncode == 1 and path.split("/")[0] in run.stderr


def test_a_port_in_use_is_named_at_the_start(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = _serve(tmp_path, SITE | {"listen": [f"127.0.0.1:{port}"]})
    assert run.returncode == 1 and str(port) in run.stderr and "in use" in run.stderr


def test_a_faulty_configuration_is_named_at_the_start(tmp_path):
    run = _serve(tmp_path, SITE | {"profilez": []})
    assert run.returncode == 1 and "profilez" in run.stderr and "profiles" in run.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system is mounted by root only")
def test_a_full_disk_refuses_the_spawn_and_loses_nothing(hub, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)], check=True)
    try:
        berth = hub(SITE | {"ledger": {"path": "disk/ledger.sqlite"}})
        assert berth.pre_spawn("ada", {"profile": "gpu"}, STAFF, start="a").status == 200
        (disk / "filler").write_bytes(b"x" * (os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize))
        answers = [berth.pre_spawn(f"u{n}", {"profile": "cpu"}, STAFF) for n in range(40)]
        assert {answer.status for answer in answers} == {200, 503} or {answer.status for answer in answers} == {503}
        refused = answers[-1]
        assert refused.code == "ledger-unavailable" and refused.body["user_message"]
        _wait_for_readiness(berth.berth, 503)
        (disk / "filler").unlink()
        assert berth.pre_spawn("ben", {"profile": "cpu"}, STAFF).status == 200
        assert berth.pre_spawn("ada", {"profile": "gpu"}, STAFF, start="a").status == 200
        assert berth.berth.stop() == 0
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def _wait_for_readiness(server: Berth, status: int) -> None:
    for _ in range(100):
        if server.ask("/readyz", token=None).status == status:
            return
        time.sleep(0.05)
    raise AssertionError(f"/readyz does not come to {status}")


def test_a_drain_answers_what_is_under_way_and_exits_0(hub):
    berth = hub(SITE)
    with socket.create_connection(("127.0.0.1", berth.berth.port)) as line:
        body = b'{"user":{"name":"ada"},"server":{"start":"s"}}'
        line.sendall(
            f"POST /v1/hub/pre-spawn HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body[:10]
        )
        berth.berth.process.terminate()
        _wait_until_refused(berth.berth.port)
        line.sendall(body[10:])
        line.settimeout(10)
        answer = line.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200 ") and b"connection: close" in answer.lower()
    assert berth.berth.process.wait(timeout=20) == 0


def _wait_until_refused(port: int) -> None:
    for _ in range(2000):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            time.sleep(0.01)
        except (ConnectionRefusedError, ConnectionResetError):  # reset: it came while the listener closed
            return
    raise AssertionError("the listener is still open")

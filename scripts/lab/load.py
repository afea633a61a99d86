# SPDX-License-Identifier: Apache-2.0
"""wrk against one server: what it did in a few seconds, and what that cost the server."""

import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from . import machine
from .servers import Server

SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Request:
    """The one request that is sent again and again."""

    path: str
    body_file: Path | None = None
    token_file: Path | None = None

    def environment(self) -> dict[str, str]:
        named = {"LOAD_BODY_FILE": self.body_file, "LOAD_TOKEN_FILE": self.token_file}
        method = "POST" if self.body_file else "GET"
        return {"LOAD_METHOD": method, **{name: str(path) for name, path in named.items() if path}}


@dataclass(frozen=True)
class Sample:
    """A few seconds of load on one server."""

    per_s: float
    p50_ms: float
    p99_ms: float
    cpu_us: float  # the server's user and system time for one request
    answer_bytes: float
    failed: int
    others: float  # the share of one core that anything but the server and wrk used meanwhile


def put_on(server: Server, request: Request, connections: int, seconds: float, core: int) -> Sample:
    """Loads `server` from one wrk thread on `core`."""
    command = ["taskset", "-c", str(core), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    busy, used, start = machine.busy_s(), machine.cpu_s(server.pid), time.monotonic()
    with subprocess.Popen(
        [*command, "-s", SCRIPT, server.url + request.path],
        env={**os.environ, **request.environment()}, stdout=subprocess.PIPE, text=True,
    ) as wrk:  # fmt: skip
        printed = wrk.stdout.read()
        _, status, usage = os.wait4(wrk.pid, 0)
        wrk.returncode = os.waitstatus_to_exitcode(status)
    span = time.monotonic() - start
    used = machine.cpu_s(server.pid) - used
    others = max(0.0, machine.busy_s() - busy - used - usage.ru_utime - usage.ru_stime) / span
    if wrk.returncode != 0:
        raise SystemExit(f"wrk failed on {server.name}: {printed}")
    seen = json.loads(printed.splitlines()[-1])
    requests = max(1, seen["requests"])
    return Sample(
        per_s=seen["requests"] / (seen["duration_us"] / 1e6),
        p50_ms=seen["p50_us"] / 1000,
        p99_ms=seen["p99_us"] / 1000,
        cpu_us=used * 1e6 / requests,
        answer_bytes=seen["bytes"] / requests,
        failed=seen["failed"],
        others=others,
    )

# SPDX-License-Identifier: Apache-2.0
"""Many real `berth token` programs, each with a reservation and a file of its own; one user in nine has two servers."""

import base64
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from lab import machine
from lab.berth import Berth, binary
from lab.children import end_with_parent
from lab.peers import ROOT

sys.path.append(str(ROOT / "Tests" / "Hub"))
from credential import credential  # noqa: E402


@dataclass(frozen=True)
class Memory:
    """Of one program, in MB (10^6 bytes), the median of all."""

    resident: float
    #: What no other program has in memory with it; where it runs alone, its pages of the binary come on top.
    private: float
    threads: int


class Sidecar:
    def __init__(
        self, folder: Path, berth: Berth, user: str, server: str, audience: str, seal_key: str
    ) -> None:  # fmt: skip
        folder.mkdir()
        self.file, self.log = folder / "token", folder / "log"
        reservation = reserved(berth, user, server)
        file = folder / "credential"
        claims = {"deployment": "lab", "namespace": "jupyter", "pod": f"jupyter-{user}--{server}"}
        file.write_text(credential(seal_key, sub=reservation, **claims))
        self.environment = {
            "PATH": os.environ["PATH"],
            "BERTH_URL": berth.url,
            "BERTH_RESERVATION_ID": reservation,
            "BERTH_CREDENTIAL_FILE": str(file),
            "BERTH_TOKENS": json.dumps([{"audience": audience, "file": str(self.file)}]),
        }

    def start(self, program: Path) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [program, "token"], env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=end_with_parent,
            )  # fmt: skip

    @property
    def is_fresh(self) -> bool:
        """Its file holds a token that has not lapsed."""
        try:
            claims = self.file.read_text().split(".")[1]
        except (FileNotFoundError, IndexError):
            return False
        return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"] > time.time()

    @property
    def state(self) -> str:
        return json.loads(self.file.with_name("token.status").read_text())["state"]


def reserved(berth: Berth, user: str, server: str) -> str:
    """The id of a reservation that is in use, as the hub's own route gives it for a server without a pod."""
    start = {"user": {"name": user, "admin": False, "groups": []}, "server": {"name": server, "start": "1"}}
    body = json.dumps({**start, "auth_state": None, "options": {}, "pod": False}).encode()
    status, _, answer = berth.ask("POST", "/v1/hub/pre-spawn", body, berth.authorization)
    if status != 200:
        raise SystemExit(f"Berth answers {status} to a spawn: {answer.decode(errors='replace')}")
    return json.loads(answer)["reservation_id"]


class Crowd:
    """Use it in a `with` block; at its end nobody is left."""

    def __init__(self, folder: Path, berth: Berth, count: int, audience: str, seal_key: str) -> None:
        users = count - count // 10
        self.all = [
            Sidecar(folder / f"{number}", berth, f"user-{number % users}", f"{number // users}", audience, seal_key)
            for number in range(count)
        ]

    def __enter__(self) -> "Crowd":
        program = binary()
        for sidecar in self.all:
            sidecar.start(program)
        return self

    def __exit__(self, *_) -> None:
        self.signal(signal.SIGKILL)
        for sidecar in self.all:
            sidecar.process.wait()

    def signal(self, number: int) -> None:
        """Those who have ended before get none."""
        for sidecar in self.all:
            sidecar.process.send_signal(number)

    def stop(self) -> bool:
        """As the kubelet ends containers; whether each exits 0 and leaves no file."""
        self.signal(signal.SIGTERM)
        codes = {sidecar.process.wait(60) for sidecar in self.all}
        return codes == {0} and not any(list(sidecar.file.parent.glob("*token*")) for sidecar in self.all)

    @property
    def unfresh(self) -> list[Sidecar]:
        return [sidecar for sidecar in self.all if not sidecar.is_fresh]

    @property
    def ended(self) -> list[Sidecar]:
        return [sidecar for sidecar in self.all if sidecar.process.poll() is not None]

    def until(self, are_fresh: bool, limit_s: float) -> float:
        """Seconds until each has a token that is good, or none has; after `limit_s` the show ends."""
        began = time.monotonic()
        while (without := len(self.unfresh)) != (0 if are_fresh else len(self.all)):
            if time.monotonic() - began > limit_s or self.ended:
                one = (self.ended + self.unfresh + self.all)[0]
                raise SystemExit(
                    f"within {limit_s:.0f} s: {without} of {len(self.all)} have no token, {len(self.ended)} have ended; "
                    f"one says: {one.log.read_text()[-2000:]}"
                )
            time.sleep(0.25)
        return time.monotonic() - began

    @property
    def memory(self) -> Memory:
        found = [memory(sidecar.process.pid) for sidecar in self.all]
        return Memory(*(statistics.median(column) for column in zip(*found, strict=True)))

    @property
    def cpu_s(self) -> float:
        """Of all together."""
        return sum(machine.cpu_s(sidecar.process.pid) for sidecar in self.all)


def memory(pid: int) -> tuple[float, float, int]:
    """Resident, private, threads."""
    sizes: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        key, size = line.split()[:2]
        sizes[key.rstrip(":")] = int(size) * 1024
    private = sizes["Private_Clean"] + sizes["Private_Dirty"]
    return sizes["Rss"] / 1e6, private / 1e6, len(os.listdir(f"/proc/{pid}/task"))

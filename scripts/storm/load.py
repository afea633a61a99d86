# SPDX-License-Identifier: Apache-2.0
"""What the sidecars cost Berth, watched from outside."""

import os
import re
import threading
import time
from pathlib import Path

from lab import machine
from lab.berth import Berth


class Load:
    """The most that one run of Berth has used while a `with` block lasted."""

    def __init__(self, berth: Berth) -> None:
        self.berth, self.pid = berth, berth.pid
        self.sockets = 0
        self.is_over = threading.Event()

    def __enter__(self) -> "Load":
        self.began, self.cpu = time.monotonic(), machine.cpu_s(self.pid)
        self.refused = refusals(self.berth)
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")  # its peak counts from here (proc(5))
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.is_over.set()
        self.thread.join()
        self.seconds = time.monotonic() - self.began
        self.cpu = machine.cpu_s(self.pid) - self.cpu
        status = Path(f"/proc/{self.pid}/status").read_text()
        self.memory_mb = int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024 / 1e6
        now = refusals(self.berth)
        self.refused = {code: count - self.refused.get(code, 0) for code, count in now.items()}
        self.refused = {code: count for code, count in self.refused.items() if count}

    def watch(self) -> None:
        while not self.is_over.wait(0.1):
            self.sockets = max(self.sockets, sockets(self.pid))

    @property
    def words(self) -> str:
        share = self.cpu / self.seconds
        return f"{self.sockets} sockets and {self.memory_mb:.0f} MB at most, {share:.1%} of a core"


def sockets(pid: int) -> int:
    folder = f"/proc/{pid}/fd"
    count = 0
    for name in os.listdir(folder):
        try:
            count += os.readlink(f"{folder}/{name}").startswith("socket:")
        except FileNotFoundError:
            continue
    return count


def refusals(berth: Berth) -> dict[str, int]:
    """How many questions for tokens were answered with which problem, since Berth began."""
    _, _, metrics = berth.ask("GET", "/metrics")
    lines = re.findall(r'berth_decisions_total\{([^}]*)\} (\d+)', metrics.decode())
    of_tokens = [(text, count) for text, count in lines if 'route="/v1/sidecar/token"' in text]
    found = {re.search(r'code="([^"]*)"', text)[1]: int(count) for text, count in of_tokens}
    return {code: count for code, count in found.items() if code != "answered"}

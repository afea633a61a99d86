# SPDX-License-Identifier: Apache-2.0
"""One of the programs, with the variables that PodPatching gives it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any, Callable

from lab.children import PATIENCE_S, end_with_parent
from stand_in import CREDENTIAL, StandIn

ROOT = Path(__file__).resolve().parents[2]


def binary() -> str:
    return os.environ.get("BERTH_BINARY") or str(ROOT / ".build" / "debug" / "berth")


def until(holds: Callable[[], Any], what: str) -> Any:
    """What `holds` gives once that is something."""
    for _ in range(PATIENCE_S * 50):
        found = holds()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"never: {what}")


class Sidecar:
    def __init__(self, command: str, berth: StandIn, folder: Path, environment: dict[str, str]):
        self.notices = folder / "notices"
        self.notices.mkdir(exist_ok=True)
        credential = folder / "credential"
        credential.write_text(CREDENTIAL + "\n")
        self.log_path = folder / f"{command}.log"
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [binary(), command],
                env={
                    "PATH": os.environ["PATH"],
                    "BERTH_URL": berth.url,
                    "BERTH_CREDENTIAL_FILE": str(credential),
                    "BERTH_RESERVATION_ID": "r-1",
                    "BERTH_NOTICE_DIR": str(self.notices),
                    **environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent,
            )

    @property
    def log(self) -> str:
        return self.log_path.read_text()

    @property
    def notice(self) -> str:
        path = self.notices / "notice.txt"
        return path.read_text() if path.exists() else ""

    @property
    def kept(self) -> dict:
        """What the next run of it goes on from."""
        return json.loads((self.notices / "countdown.json").read_text())

    @property
    def lab(self) -> Path:
        return self.notices / "jupyter" / "labextensions" / "berth-walltime"

    @property
    def lab_state(self) -> Any:
        path = self.lab / "static" / "state.json"
        return json.loads(path.read_text()) if path.exists() else None

    def stop(self) -> int:
        """As the kubelet ends a container; the exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE_S)

    def ended(self) -> int:
        """The exit code, once it has ended by itself."""
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def curl(self, *words: str) -> str:
        done = subprocess.run(
            ["curl", "-sS", "-w", "%{http_code}", "--unix-socket", str(self.notices / "socket"), *words],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

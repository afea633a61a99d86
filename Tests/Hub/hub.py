# SPDX-License-Identifier: Apache-2.0
"""The real hub as a process, and what tests do with it."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from pathlib import Path
from typing import Callable

import requests
from client import API, Visitor
from middleman import Middleman
from processes import PATIENCE_S, Process, free_port

HERE = Path(__file__).resolve().parent


class Hub:
    """One JupyterHub of the version of this Python environment."""

    def __init__(
        self,
        scratch: Path,
        berth: Middleman,
        token_file: Path,
        on_unreachable: str = "deny",
        *,
        port: int | None = None,
        login: dict[str, str] | None = None,
        token_of_berth: str | None = None,
    ):
        """`login` says where users log in; without it the hub believes every name. `token_of_berth` is
        what Berth shows the hub.
        """
        self.scratch = scratch
        self.berth = berth
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.token = secrets.token_hex(32)
        self.token_of_berth = token_of_berth or secrets.token_hex(32)
        self.environment = {
            "HUB_SCRATCH": str(scratch),
            "HUB_PORT": str(self.port),
            "HUB_PROXY_PORT": str(free_port()),
            "HUB_TOKEN": self.token,
            "HUB_TOKEN_OF_BERTH": self.token_of_berth,
            "BERTH_URL": berth.url,
            "BERTH_TOKEN_FILE": str(token_file),
            "BERTH_ON_UNREACHABLE": on_unreachable,
            "JUPYTERHUB_CRYPT_KEY": secrets.token_hex(32),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            **(login or {}),
        }
        self.api = API(self.url, self.token)
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "jupyterhub", "-f", str(HERE / "jupyterhub_config.py")]
        self.process = Process(
            command, self.scratch / "hub.log", env=self.environment, cwd=self.scratch
        )
        self.process.wait_for(f"{self.url}/hub/health")
        self.process.wait_for_text("JupyterHub is now running")

    def stop(self) -> None:
        self.process.stop()

    @property
    def is_healthy(self) -> bool:
        return (
            self.process.is_running
            and requests.get(f"{self.url}/hub/health", timeout=5).status_code == 200
        )

    @property
    def log(self) -> str:
        return self.process.log.read_text()

    def visitor(self, name: str) -> Visitor:
        return Visitor(self.url, name).log_in()

    def start_server(self, user: str, options: object = None, server: str | None = None) -> dict:
        """A running server; the environment that its process got."""
        answer = self.api.start(user, options, server)
        assert answer.status_code in (201, 202), answer.text
        self.api.wait_ready(user, server or "")
        return json.loads((self.scratch / "home" / user / "environment.json").read_text())

    def stop_server(self, user: str, server: str | None = None) -> None:
        assert self.api.stop(user, server).status_code in (202, 204)
        self.api.wait_gone(user, server or "")

    def progress(self, user: str) -> list[dict]:
        """The events of the progress page, to their end."""
        url = f"{self.url}/hub/api/users/{user}/server/progress"
        headers = {"Authorization": f"token {self.token}"}
        with requests.get(url, headers=headers, stream=True, timeout=30) as stream:
            lines = [line.decode() for line in stream.iter_lines() if line.startswith(b"data:")]
        return [json.loads(line.removeprefix("data:")) for line in lines]


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether `holds` comes true in time; the hub tells nobody when a background task ends."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return holds()

# SPDX-License-Identifier: Apache-2.0
"""Starts Berth and a hub on free loopback ports, waits until they answer, and ends them by their
ids.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

sys.path.append(str(ROOT / "scripts"))
from lab.children import PATIENCE_S, free_port  # noqa: E402, F401


class Failed(Exception):
    """A process did not do what was waited for; the text says what it printed last."""


class Process:
    """A child process whose output goes to a file.

    It has a process group of its own: Ctrl-C in the terminal reaches only us, so that children end
    in the right order, and what a child leaves behind (a hub's proxy) can be ended with it.
    """

    def __init__(
        self,
        command: list[str],
        log: Path,
        *,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
    ):
        self.log = log
        with open(log, "ab") as output:
            self.child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        return self.child.poll() is None

    def wait_for(self, url: str) -> None:
        """Returns when `url` answers 200."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if not self.is_running:
                raise Failed(f"{self.log.name} says:\n{self.last_lines()}")
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise Failed(
            f"{url} did not answer in {PATIENCE_S} s; {self.log.name} says:\n{self.last_lines()}"
        )

    def wait_for_text(self, text: str) -> None:
        """Returns when the process has printed `text`."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.log.read_text(errors="replace"):
            if time.monotonic() > deadline or not self.is_running:
                raise Failed(f"{self.log.name} does not say {text!r} but:\n{self.last_lines()}")
            time.sleep(0.05)

    def last_lines(self, count: int = 30) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])

    def stop(self, seconds: float = 20) -> int:
        """Asks the process to end, and ends it when it does not; the exit code."""
        if self.is_running:
            self.child.terminate()
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.wait(10)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.child.pid, signal.SIGTERM)


def write_secret(path: Path) -> str:
    """A new token in a file that only we can read."""
    token = secrets.token_hex(32)
    path.touch(mode=0o600)
    path.write_text(token + "\n")
    return token


def write_configuration(
    folder: Path, policy: Path, port: int, deployment: str, *, hub_port: int | None = None
) -> Path:
    """Berth's configuration for one hub under `policy`; its tokens and its ledger lie beside it in
    `folder`. With `hub_port`, Berth asks the hub there, by the token in `hub-api.token`.
    """
    token_file = folder / f"{deployment}.token"
    if not token_file.exists():
        write_secret(token_file)
    hub_api = ""
    if hub_port:
        write_secret(folder / "hub-api.token")
        url = f"http://127.0.0.1:{hub_port}/hub/api"
        hub_api = f"    hub_api: {{url: {url}, token_file: hub-api.token}}\n"
    file = folder / "berth.yaml"
    file.write_text(
        f"include: [{policy}]\n"
        f"listen: 127.0.0.1:{port}\n"
        "ledger: {path: ledger.sqlite}\n"
        "deployments:\n"
        f"  {deployment}:\n"
        f"    hook_token_file: {token_file.name}\n"
        "    trust: auth_state\n"
        "    user_auth_state_key: oauth_user\n"
        f"{hub_api}"
        "contact: the tests' operators\n"
    )
    return file


def start_berth(binary: Path, configuration: Path, port: int, log: Path) -> Process:
    berth = Process([str(binary), "serve", "--config", str(configuration)], log)
    berth.wait_for(f"http://127.0.0.1:{port}/readyz")
    return berth

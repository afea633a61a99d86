# SPDX-License-Identifier: Apache-2.0
"""The real Berth: its release build, started on a loopback port with a configuration and a ledger of its own."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

from .children import free_port
from .peers import ROOT
from .servers import Server


def binary() -> Path:
    """Berth as it is released; built first. `BERTH_BINARY` names another one."""
    if named := os.environ.get("BERTH_BINARY"):
        return Path(named).resolve()
    print("building berth ...", file=sys.stderr, flush=True)
    built = subprocess.run([ROOT / "scripts" / "build"], capture_output=True, text=True)
    if built.returncode != 0:
        raise SystemExit(f"scripts/build failed:\n{built.stderr[-4000:]}{built.stdout[-4000:]}")
    return Path(built.stdout.splitlines()[-1])


class Berth(Server):
    """A running Berth. Its folder holds the configuration, the hub's token, the ledger and the log; it outlives a kill.

    In the configuration's text, PORT and FOLDER stand for where it listens and for that folder.
    """

    def __init__(
        self, folder: Path, configuration: str, core: int | None = None, options: tuple[str, ...] = ()
    ):  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        self.token_file = folder / "hub.token"
        self.token_file.touch(mode=0o600)
        self.token_file.write_text(secrets.token_hex(24) + "\n")
        self.ledger = folder / "ledger.sqlite"
        port = free_port()
        file = folder / "berth.yaml"
        file.write_text(configuration.replace("PORT", str(port)).replace("FOLDER", str(folder)))
        command = [binary(), "serve", "--config", file, *options]
        super().__init__("Berth", command, port, folder / "berth.log", core)

    @property
    def authorization(self) -> dict[str, str]:
        """The headers of the hub whose token this is."""
        return {"Authorization": f"Bearer {self.token_file.read_text().strip()}", "Content-Type": "application/json"}

    def reserved_spawn(self, user: str, options: dict | None = None) -> dict:
        """Asks for a server as a hub does before a spawn; gives what its call for the pod says, less the pod."""
        start = {"user": {"name": user, "admin": False, "groups": []}, "server": {"name": "", "start": "1"}}
        body = json.dumps({**start, "auth_state": None, "options": options or {}, "pod": True}).encode()
        status, _, answer = self.ask("POST", "/v1/hub/pre-spawn", body, self.authorization)
        if status != 200:
            raise SystemExit(f"Berth answers {status} to a spawn: {answer.decode(errors='replace')}")
        return {**start, "reservation_id": json.loads(answer)["reservation_id"]}

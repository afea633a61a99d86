# SPDX-License-Identifier: Apache-2.0
"""A site whose servers get access tokens, and the program that keeps them fresh in files."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from contextlib import contextmanager
from pathlib import Path

import requests
from conftest import berth_binary
from credential import credential
from hub import eventually
from login_site import Login
from processes import Process, start_berth

ARC, DCACHE = "https://arc.example.org", "https://dcache.example.org"


class HandOff(Login):
    """The login of the other tests, whose servers get tokens."""

    seal_key = secrets.token_hex(32)

    def _settings(self, port: int) -> dict:
        settings = super()._settings(port)
        for name, secret in (("seal.key", self.seal_key), ("hub-api.token", self.hub.token_of_berth)):
            file = self.folder / name
            file.touch(mode=0o600)
            file.write_text(secret)
        url = f"{self.hub.url}/hub/api"
        settings["seal"] = {"key_file": "../seal.key"}
        for deployment in settings["deployments"].values():
            deployment["namespace"] = "jupyter"
            deployment["hub_api"] = {"url": url, "token_file": "../hub-api.token"}
        settings["profiles"].append({"slug": "plain", "display_name": "Without tokens"})
        settings["profiles"].append(
            {
                "slug": "tokens",
                "display_name": "With tokens",
                "token": [
                    {"audience": ARC, "file": "/run/berth/arc"},
                    {"audience": DCACHE, "file": "/run/berth/dcache", "on_login_end": "stop"},
                ],
            }
        )
        return settings

    def credential(self, server: dict[str, str]) -> str:
        """What the sidecars of a server with this environment prove themselves by."""
        return credential(
            self.seal_key,
            sub=server["BERTH_RESERVATION_ID"],
            deployment="proven",
            namespace="jupyter",
            pod="jupyter-ana",
        )

    def as_sidecar(self, server: dict[str, str], audience: str) -> requests.Response:
        """Berth's answer to a sidecar of this server that wants a token."""
        berth = f"http://127.0.0.1:{self.middleman.berth_port}/v1/sidecar"
        bearer = {"Authorization": f"Bearer {self.credential(server)}"}
        token = requests.post(f"{berth}/session", headers=bearer, timeout=20).json()["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        return requests.get(f"{berth}/token", params={"audience": audience}, headers=bearer, timeout=20)

    def restarted_berth(self) -> Process:
        """The last one anew, at its place and with its ledger."""
        folder = self.folder / f"berth-{self.berths}"
        return start_berth(berth_binary(), folder / "berth.yaml", self.middleman.berth_port, folder / "berth.log")


#: What each audience's token is called in the sidecar's folder.
FILES = {ARC: "arc", DCACHE: "dcache"}


@contextmanager
def server(site: HandOff):
    """The environment of a server of ana's that has been promised tokens."""
    yield site.hub.start_server("ana", {"profile": "tokens"})
    site.reset()
    site.hub.api.stop("ana")
    site.hub.api.wait_gone("ana")


@contextmanager
def sidecar(site: HandOff, environment: dict[str, str], folder: Path, *audiences: str):
    """The program that runs beside the server with this environment; it has begun."""
    proof = folder / "credential"
    proof.write_text(site.credential(environment))
    files = [{"audience": audience, "file": str(folder / FILES[audience])} for audience in audiences]
    told = {
        "PATH": os.environ["PATH"],
        "BERTH_URL": f"http://127.0.0.1:{site.middleman.berth_port}",
        "BERTH_RESERVATION_ID": environment["BERTH_RESERVATION_ID"],
        "BERTH_CREDENTIAL_FILE": str(proof),
        "BERTH_TOKENS": json.dumps(files),
    }
    with (folder / "sidecar.log").open("ab") as log:
        program = subprocess.Popen([berth_binary(), "token"], env=told, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        assert eventually(lambda: all((folder / f"{FILES[one]}.status").exists() for one in audiences))
        yield program
    finally:
        if program.poll() is None:
            program.kill()
            program.wait()


def status(folder: Path, audience: str = ARC) -> dict:
    return json.loads((folder / f"{FILES[audience]}.status").read_text())

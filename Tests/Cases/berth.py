# SPDX-License-Identifier: Apache-2.0
"""A real Berth for tests: its own folder, its own port, its own process, asked over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import contract

ROOT = Path(__file__).resolve().parents[2]

sys.path.append(str(ROOT / "scripts"))
from lab.children import free_port  # noqa: E402

TOKEN = "prod-hook-token-0123456789abcdef"


def binary() -> str:
    """The Berth under test: the debug build of this checkout unless BERTH_BINARY says otherwise."""
    return os.environ.get("BERTH_BINARY") or str(ROOT / ".build" / "debug" / "berth")


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def code(self) -> str:
        return self.body["code"]


@dataclass
class Berth:
    """`site` is the configuration beside what every test needs: YAML reads JSON, so it is written as that."""

    folder: Path
    site: dict[str, Any]
    process: subprocess.Popen[bytes] | None = None
    port: int = field(default_factory=free_port)

    def write_site(self) -> Path:
        secrets = self.folder / "secrets"
        secrets.mkdir(exist_ok=True)
        token = secrets / "prod.token"
        token.write_text(TOKEN + "\n")
        token.chmod(0o600)
        common = {
            "listen": [f"127.0.0.1:{self.port}"],
            "ledger": {"path": "ledger.sqlite"},
            "deployments": {"prod": {"hook_token_file": "secrets/prod.token", "trust": "auth_state"}},
            "identity": {
                "issuers": [
                    {"issuer": "https://idp.example.org", "groups": ["groups"], "roles": ["roles"]}
                ]
            },
        }
        path = self.folder / "berth.yaml"
        path.write_text(json.dumps(common | self.site, indent=1))
        return path

    def start(self) -> Berth:
        log = (self.folder / "berth.log").open("ab")
        self.process = subprocess.Popen(
            [binary(), "serve", "--config", str(self.write_site())], stdout=log, stderr=log
        )
        self._wait_until_ready()
        return self

    def stop(self) -> int:
        """Asks for a drain, as Kubernetes does, and gives the exit code."""
        assert self.process
        self.process.terminate()
        return self.process.wait(timeout=30)

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait(timeout=10)

    @property
    def log(self) -> str:
        return (self.folder / "berth.log").read_text()

    def ask(
        self, path: str, body: Any = None, *, token: str | None = TOKEN, method: str | None = None
    ) -> Answer:
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request(method or ("GET" if raw is None else "POST"), path, raw, headers)
            answer = line.getresponse()
            text = answer.read()
        finally:
            line.close()
        kind = answer.headers.get("Content-Type", "")
        content = json.loads(text) if "json" in kind else text.decode()
        contract.check(method or ("GET" if raw is None else "POST"), path, answer.status, kind, content)
        return Answer(answer.status, dict(answer.headers), content)

    def _wait_until_ready(self) -> None:
        for _ in range(1200):
            assert self.process and self.process.poll() is None, self.log
            try:
                if self.ask("/readyz", token=None).status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"Berth is not ready: {self.log}")


@dataclass
class Hub:
    """Asks as a hub would: one person's calls with their claims, a new start id for each start."""

    berth: Berth
    starts: int = 0

    def person(self, user: str, server: str, claims: dict[str, Any] | None, admin: bool) -> dict[str, Any]:
        return {
            "user": {"name": user, "admin": admin, "groups": []},
            "server": {"name": server},
            "auth_state": None if claims is None else {"oauth_user": claims},
        }

    def options_form(
        self, user: str, claims: dict[str, Any] | None = None, *, last_options: Any = None, server: str = ""
    ) -> Answer:
        body = self.person(user, server, claims, False) | {"last_options": last_options}
        return self.berth.ask("/v1/hub/options-form", body)

    def options(self, user: str, form: Any, claims: dict[str, Any] | None = None) -> Answer:
        return self.berth.ask("/v1/hub/options", self.person(user, "", claims, False) | {"form": form})

    def pre_spawn(
        self,
        user: str,
        options: Any,
        claims: dict[str, Any] | None = None,
        *,
        start: str | None = None,
        server: str = "",
        admin: bool = False,
        **extra: Any,
    ) -> Answer:
        self.starts += 1
        body = self.person(user, server, claims, admin) | {"options": options} | extra
        body["server"]["start"] = start or f"start-{self.starts}"
        return self.berth.ask("/v1/hub/pre-spawn", body)

    def pod(self, user: str, reservation_id: str | None, pod: Any, *, server: str = "", query: str = "") -> Answer:
        body = self.person(user, server, None, False) | {"reservation_id": reservation_id, "pod": pod}
        return self.berth.ask(f"/v1/hub/pod{query}", body)

    def post_stop(self, user: str, start: str | None = None, *, server: str = "") -> Answer:
        body = self.person(user, server, None, False)
        if start:
            body["server"]["start"] = start
        return self.berth.ask("/v1/hub/post-stop", body)

    def free(self, pool: str) -> int:
        rows = self.berth.ask("/v1/availability").body
        return next(row["free_now"] for row in rows if row["pool"] == pool)

# SPDX-License-Identifier: Apache-2.0
"""A real provider that exchanges tokens (RFC 8693): idpyoidc's, of the Identity Python project, on loopback."""

import json
import secrets
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from .children import free_port
from .servers import Server

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Client:
    """A program that people log in to, or that exchanges their tokens."""

    id: str
    redirect_uri: str
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))


class ExchangeProvider(Server):
    """Has one user, who is logged in unasked. What it knows is lost when it stops."""

    def __init__(self, folder: Path, user: str, clients: list[Client], audiences: list[str], *, life_s: int):
        folder.mkdir(parents=True)
        port = free_port()
        self.issuer = f"http://127.0.0.1:{port}"
        settings = folder / "settings.json"
        settings.touch(mode=0o600)
        known = {one.id: {"secret": one.secret, "redirect_uri": one.redirect_uri} for one in clients}
        settings.write_text(json.dumps({
            "issuer": self.issuer, "port": port, "user": user, "clients": known, "audiences": audiences,
            "life_s": life_s,
        }))  # fmt: skip
        program = Path(__file__).with_name("exchange_server.py")
        command = [environment() / "bin" / "python", "-I", program, settings]
        super().__init__("idpyoidc", command, port, folder / "output.log")

    def change_life(self, life_s: int | None) -> None:
        """Of the access tokens of logins that come; None has the token alone say it, and no answer."""
        status, _, _ = self.ask("PUT", "/lab/life", json.dumps(life_s).encode())
        assert status == 204

    @property
    def asked(self) -> list[dict[str, str]]:
        """The questions to its token endpoint, without what is secret in them."""
        lines = self.log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


def environment() -> Path:
    """Its own Python, which `scripts/setup` makes."""
    command = [ROOT / "scripts" / "setup", "--path", "exchange"]
    return Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())

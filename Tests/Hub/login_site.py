# SPDX-License-Identifier: Apache-2.0
"""A hub whose users log in at a real provider, and a Berth that proves their tokens."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from client import Visitor
from conftest import HERE, berth_binary
from hub import Hub
from middleman import Middleman
from processes import Process, free_port, start_berth, write_secret
from provider import PEOPLE, Provider


class Login:
    """Provider, hub, and a way from the hub to whichever Berth a test uses."""

    def __init__(self, folder: Path, *, access_token_s: int = 300, **login: str):
        """`login` is more of what the hub's environment says of logins."""
        port = free_port()
        self.provider = self._new_provider(folder, f"http://127.0.0.1:{port}", access_token_s)
        self.provider.start()
        self.token_file = folder / "hub.token"
        self.tokens = {name: write_secret(folder / f"{name}.token") for name in ("proven", "none")}
        self.folder = folder
        self.berths = 0
        self.middleman = Middleman(0)
        self.token_file.write_text(self.tokens["proven"])
        login = {**self.provider.hub_environment, **login}
        self.hub = Hub(folder, self.middleman, self.token_file, port=port, login=login)

    def _new_provider(self, folder: Path, hub_url: str, access_token_s: int):
        return Provider(folder / "glewlwyd", hub_url, access_token_s=access_token_s)

    def stop(self) -> None:
        self.hub.stop()
        self.middleman.close()
        self.provider.stop()

    def visitor(self, name: str) -> Visitor:
        """Somebody who has just logged in at the provider."""
        visitor = Visitor(self.hub.url, name)
        return visitor.log_in_at_provider(self.provider.password_of(name))

    def new_berth(self) -> Process:
        """One that knows no keys yet; the hub asks it from here on."""
        self.berths += 1
        folder = self.folder / f"berth-{self.berths}"
        folder.mkdir()
        port = free_port()
        configuration = folder / "berth.yaml"
        configuration.write_text(json.dumps(self._settings(port)))  # JSON is YAML
        berth = start_berth(berth_binary(), configuration, port, folder / "berth.log")
        self.middleman.berth_port = port
        return berth

    def _settings(self, port: int) -> dict:
        issuer = self.provider.issuer
        return {
            **yaml.safe_load((HERE / "policy.yaml").read_text()),
            "identity": {"issuers": [self.provider.terms]},
            "listen": f"127.0.0.1:{port}",
            "ledger": {"path": "ledger.sqlite"},
            "deployments": {
                "proven": {
                    "hook_token_file": "../proven.token",
                    "trust": "token",
                    "issuer": issuer,
                },
                "none": {"hook_token_file": "../none.token"},
            },
        }

    def plant(self, name: str, token: str) -> None:
        """The hub holds this for the user's access token from the next start on.

        Where it is the name of another token that it holds, such as `id_token`, it takes that one.
        """
        (self.hub.scratch / f"{name}.token").write_text(token)

    def lapse(self) -> None:
        """Each start finds its user's token about to lapse from here on."""
        (self.hub.scratch / "lapsed").touch()

    def age(self) -> None:
        """The hub has last looked after each login a while ago, from here on."""
        (self.hub.scratch / "aged").touch()

    def reset(self) -> None:
        for name in ["lapsed", "aged", *(f"{person.name}.token" for person in PEOPLE)]:
            (self.hub.scratch / name).unlink(missing_ok=True)
        self.token_file.write_text(self.tokens["proven"])
        self.middleman.reset()

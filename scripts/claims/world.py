# SPDX-License-Identifier: Apache-2.0
"""A running Berth with a hub for each issuer that its users' tokens may come from, and what it answers to a token."""

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from issuer import CLIENT, KEYS, SECRET, Issuer
from lab.berth import Berth
from result import Result

AUDIENCE = "jupyterhub"
#: The longest name that counts.
LONG_ROLE = "r" * 256
#: By slug: who may start it, so that what is offered tells what was read.
PROFILES = {
    "gpu-user": {"role": "gpu-user"},
    "guests": {"group": "/lab/guests"},
    "cafe": {"group": "/lab/caf\u00e9"},
    "long-role": {"role": LONG_ROLE},
}
#: What the tokens of `World.claims` are to show.
ACCEPTED = "200 gpu-user, guests"


@dataclass(frozen=True)
class Case:
    """What is sent, what is special about it, and what must come of it: a status and names, or a status and a code."""

    input: str
    trap: str
    #: One, or several that must all be answered alike. A dictionary is the whole auth state.
    tokens: str | dict[str, Any] | None | Sequence[str]
    wanted: str
    hub: str = "plain"
    user: str = "ana"
    #: Whose questions are counted while the answer is made, and of which kind.
    asked: tuple[Issuer, str] | None = None


class World:
    def __init__(self, folder: Path):
        self.folder = folder
        self.issuers: dict[str, Issuer] = {}
        self._bystanders: list[Issuer] = []
        self._terms: dict[str, dict[str, Any]] = {}
        self._hubs: dict[str, dict[str, Any]] = {}
        self._secrets: dict[str, str] = {}
        self.berth: Berth | None = None
        self.client_secret = self._secret_file("client")

    # What there is, before Berth starts

    def issuer(self, name: str, *keys: dict[str, Any], **terms: Any) -> Issuer:
        """One that Berth knows by these terms, and a hub of the same name whose tokens come from there."""
        issuer = self.issuers[name] = Issuer(*keys)
        common = {
            "issuer": issuer.url,
            "audiences": [AUDIENCE],
            "username": "preferred_username",
            "roles": ["roles"],
            "groups": ["groups"],
        }
        self._terms[name] = common | terms
        self.hub(name, name)
        return issuer

    def bystander(self, issuer: Issuer) -> Issuer:
        """One that Berth has not heard of, and that is closed with the others."""
        self._bystanders.append(issuer)
        return issuer

    def hub(self, name: str, issuer: str, **terms: Any) -> None:
        file = self._secret_file(name)
        self._hubs[name] = {
            "hook_token_file": str(file),
            "trust": "token",
            "token_auth_state_key": "access_token",
            "issuer": self.issuers[issuer].url,
        } | terms

    def asking(self) -> dict[str, Any]:
        """Terms of an issuer that Berth may ask about tokens."""
        return {"client_id": CLIENT, "client_secret_file": str(self.client_secret)}

    def _secret_file(self, name: str) -> Path:
        self._secrets[name] = SECRET if name == "client" else secrets.token_hex(24)
        file = self.folder / f"{name}.secret"
        file.touch(mode=0o600)
        file.write_text(self._secrets[name])
        return file

    # While it runs

    def __enter__(self) -> "World":
        site = {
            "listen": ["127.0.0.1:PORT"],
            "ledger": {"path": "FOLDER/ledger.sqlite"},
            "deployments": self._hubs,
            "identity": {"issuers": list(self._terms.values())},
            "profiles": [
                {"display_name": slug, "slug": slug, "allow": rule} for slug, rule in PROFILES.items()
            ],
        }
        self.berth = Berth(self.folder / "berth", json.dumps(site))
        self.berth.start()
        return self

    def __exit__(self, *_: Any) -> None:
        if self.berth:
            self.berth.stop()
        for issuer in [*self.issuers.values(), *self._bystanders]:
            issuer.close()

    @staticmethod
    def claims(issuer: Issuer, **more: Any) -> dict[str, Any]:
        """Sound ones that Berth takes, but for what is said otherwise; None leaves a claim out."""
        now = int(time.time())
        claims = {
            "iss": issuer.url,
            "sub": "5f0c7a1e",
            "preferred_username": "ana",
            "aud": AUDIENCE,
            "exp": now + 300,
            "iat": now,
            "roles": ["gpu-user"],
            "groups": ["/lab/guests"],
        } | more
        return {name: value for name, value in claims.items() if value is not None}

    def result(self, case: Case) -> Result:
        one = isinstance(case.tokens, (str, dict)) or case.tokens is None
        before = case.asked and case.asked[0].asked[case.asked[1]]
        found = "; ".join(sorted({self._answer(case, token) for token in ([case.tokens] if one else case.tokens)}))
        if case.asked:
            issuer, path = case.asked
            found += f"; {counted(issuer.asked[path] - before, path)}"
        return Result(case.input, case.trap, found, case.wanted, found == case.wanted)

    def _answer(self, case: Case, token: str | dict[str, Any] | None) -> str:
        key = self._hubs[case.hub]["token_auth_state_key"]
        state = token if isinstance(token, dict) or token is None else {key: token}
        ask = {"user": {"name": case.user, "admin": False, "groups": []}, "server": {"name": ""}, "auth_state": state}
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._secrets[case.hub]}"}
        status, _, text = self.berth.ask("POST", "/v1/hub/options-form", json.dumps(ask).encode(), headers, 30)
        body = json.loads(text)
        if status == 200:
            return f"200 {', '.join(profile['slug'] for profile in body['profiles'])}"
        return f"{status} {body['code']}"


def counted(count: int, path: str) -> str:
    """How often an issuer was asked, in words."""
    times = {0: "not asked", 1: "asked once"}.get(count, f"asked {count} times")
    return f"the {'key set' if path == KEYS else 'issuer'} {times}"

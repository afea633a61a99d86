# SPDX-License-Identifier: Apache-2.0
"""Where users of a hub log in: a real Glewlwyd with two people, behind a gate that counts what it
is asked.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import yaml
from processes import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
from lab.gate import Gate  # noqa: E402
from lab.glewlwyd import Client, Glewlwyd, Person  # noqa: E402

PEOPLE = [
    Person("ana", ["staff", "gpu-user", "gpu-dedicated"], ["/beamlines/imaging", "/lab"]),
    Person("bo", ["student"], ["/workshop"]),
]
AUDIENCE = "https://berth.example.org/"
#: As the gate counts them.
KEYS = "GET /api/oidc/jwks"
TOKENS = "POST /api/oidc/token"


class Provider(Glewlwyd):
    """The issuer of tokens for one hub; all come to it through the gate, which a stop shuts."""

    def __init__(self, folder: Path, hub_url: str, people: list[Person] = PEOPLE, **more):
        self.gate = Gate(kept=TOKENS)
        client = Client("jupyterhub", f"{hub_url}/hub/oauth_callback")
        super().__init__(folder, people, [client], [AUDIENCE], public_url=self.gate.url, **more)
        self.gate.behind = self.port
        #: What a hub's configuration is told by.
        self.hub_environment = {
            "LOGIN_ISSUER": self.issuer,
            "LOGIN_CLIENT_ID": client.id,
            "LOGIN_CLIENT_SECRET": client.secret,
            "LOGIN_CALLBACK_URL": client.redirect_uri,
            "LOGIN_AUDIENCE": AUDIENCE,
        }

    def start(self) -> None:
        super().start()
        self.gate.open()

    def stop(self, *arguments) -> int | None:
        self.gate.close()
        return super().stop(*arguments)

    def given(self, kind: str) -> list[str]:
        """Each token of that kind (`refresh_token`) that anybody was given until now, the oldest first."""
        answers = [json.loads(body) for body in self.gate.bodies]
        return [answer[kind] for answer in answers if kind in answer]

    @property
    def terms(self) -> dict:
        """The issuer's entry in Berth's configuration; a claim with several values is one text."""
        return {
            "issuer": self.issuer,
            "audiences": [AUDIENCE],
            "username": "preferred_username",
            "roles": [{"claim": "roles", "split": ","}],
            "groups": [{"claim": "groups", "split": ","}],
            "entitlements": ["eduperson_entitlement"],
        }

    def proven(self, configuration: str) -> dict:
        """The configuration with this issuer, whose tokens its first hub sends from here on."""
        settings = yaml.safe_load(configuration)
        settings["identity"]["issuers"] = [self.terms]
        first = next(iter(settings["deployments"].values()))
        first.pop("user_auth_state_key", None)
        first["trust"] = "token"
        return settings

# SPDX-License-Identifier: Apache-2.0
"""The cases' identity provider: Glewlwyd in a folder of its own, on loopback, with two people and one client."""

from __future__ import annotations

import sys
from pathlib import Path

from berth import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
from lab import glewlwyd  # noqa: E402
from lab.glewlwyd import Client, Person, is_installed  # noqa: E402

CLIENT = "jupyterhub"
SECRET = "hub-secret-of-the-tests"
PEOPLE = [
    Person("ana", ["gpu-user", "staff"], ["/lab/imaging", "/lab/staff"]),
    Person("bo", ["basic"], ["/lab/guests"]),
]

__all__ = ["CLIENT", "SECRET", "Glewlwyd", "is_installed"]


class Glewlwyd(glewlwyd.Glewlwyd):
    def __init__(self, folder: Path, port: int) -> None:
        client = Client(CLIENT, "http://127.0.0.1:9/hub/oauth_callback", SECRET)
        super().__init__(folder, PEOPLE, [client], [], port=port)

    def start(self) -> Glewlwyd:
        super().start()
        return self

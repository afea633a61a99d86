# SPDX-License-Identifier: Apache-2.0
"""Two people log in at a real provider, by Chromium, and Berth takes nothing but what their access
tokens prove: `scripts/show login`.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

import check
import jupyterhub
import requests
from check import Check, holds
from client import API
from demo import Demo
from playwright.sync_api import Page
from processes import ROOT, Failed
from provider import KEYS, PEOPLE

SCRATCH = ROOT / ".build-login"


class LoginCheck(Check):
    """The demo's hub and policy, with Glewlwyd where the demo believes every name."""

    def __init__(self, demo: Demo):
        super().__init__(demo)
        self.provider = demo.provider
        self.steps = [
            self.all_answer,
            self.ana_logs_in_at_the_provider,
            self.bo_logs_in_at_the_provider,
            self.bo_is_refused_by_the_api,
            self.ana_starts_what_her_roles_allow,
            self.keys_rotate_while_people_come,
            self.the_provider_is_away,
            self.ana_stops,
        ]

    def all_answer(self) -> str:
        self.free_at_first = self.free_cards()
        holds(self.key_standing() == "ok", f"Berth says of its keys: {self.key_standing()}")
        roles = "; ".join(f"{person.name}: {', '.join(person.roles)}" for person in PEOPLE)
        return (
            f"Glewlwyd, Berth and JupyterHub {jupyterhub.__version__} are up; Berth has found the "
            f"provider's key {self.provider.keys[0]['kid']}; roles there: {roles}"
        )

    def ana_logs_in_at_the_provider(self) -> str:
        return self.sees("ana", ["cpu", "gpu", "gpu-slice"])

    def bo_logs_in_at_the_provider(self) -> str:
        return self.sees("bo", ["cpu"])

    def sees(self, user: str, profiles: list[str]) -> str:
        return f"on Glewlwyd's page {super().sees(user, profiles)}"

    def prove(self, page: Page, user: str) -> None:
        page.click("a.btn-jupyter")
        page.fill("#username", user)
        page.fill("#password", self.provider.password_of(user))
        self.shoot(page, f"provider-{user}")
        page.click("#loginbut")
        page.click("button.btn-success")

    def ana_starts_what_her_roles_allow(self) -> str:
        own = API(self.demo.url, self.api.token_of("ana"))
        answer = own.start("ana", {"profile": "gpu", "gpu": "dedicated"})
        holds(answer.status_code in (201, 202), f"status {answer.status_code}: {answer.text}")
        options = self.api.wait_ready("ana")["user_options"]
        return f"ana starts {options['profile']}, {options['gpu']}, by the same API"

    def keys_rotate_while_people_come(self) -> str:
        asked = self.provider.gate.count(KEYS)
        before = self.provider.keys[0]["kid"]
        self.still_sees("ana", ["cpu", "gpu", "gpu-slice"])
        now = self.provider.rotate()
        self.sees("bo", ["cpu"])
        self.shoot(self.pages["bo"], "rotated-bo")
        self.still_sees("ana", ["cpu", "gpu", "gpu-slice"])
        asked = self.provider.gate.count(KEYS) - asked
        holds(asked == 1, f"the provider was asked {asked} times for keys")
        return (
            f"the provider signs with {now} instead of {before}: bo logs in anew and ana goes on "
            "with her token, both see their forms, and Berth has asked once for the new key"
        )

    def the_provider_is_away(self) -> str:
        self.provider.stop()
        self.still_sees("ana", ["cpu", "gpu", "gpu-slice"])
        self.still_sees("bo", ["cpu"])
        self.provider.start()
        return "the provider stops: who is logged in sees their form, by the keys that Berth has"

    def still_sees(self, user: str, profiles: list[str]) -> None:
        """Their form, made anew in the same session, of a server that is not running."""
        page = self.pages[user]
        page.goto(f"{self.demo.url}/hub/spawn/{user}/another")
        page.wait_for_selector("#spawn_form")
        shown = self.shown(page)
        holds(shown == profiles, f"the form of {user} shows {shown}")

    def ana_stops(self) -> str:
        self.api.stop("ana")
        self.api.wait_gone("ana")
        free = self.free_cards()
        holds(free == self.free_at_first, f"{free} of {self.free_at_first} are free")
        return f"ana stops her server, and {free} whole cards are free as before"

    def key_standing(self) -> str:
        ready = requests.get(f"{self.demo.berth_url}/readyz", timeout=5).json()
        return ready["parts"][f"issuer {self.provider.issuer}"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/show login", description=__doc__)
    parser.add_argument("--binary", type=Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    demo = None
    try:
        demo = Demo(options.binary, SCRATCH, has_provider=True)
        return check.run(LoginCheck(demo))
    except Failed as failure:
        print(f"login: {failure}", file=sys.stderr)
        return 1
    finally:
        if demo:
            demo.stop()


if __name__ == "__main__":
    sys.exit(main())

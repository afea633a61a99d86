# SPDX-License-Identifier: Apache-2.0
"""Drives the demo as two people and a script would, one line a step; ends at the first step that
does not hold.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Callable

import jupyterhub
import kubernetes_validate
import requests
from client import API
from kube import Start, container
from playwright.sync_api import Page, sync_playwright
from traitlets.config import Config

if TYPE_CHECKING:
    from demo import Demo

CHROMIUM = "/usr/bin/chromium"
PATIENCE_MS = 60_000
KUBERNETES = "1.33"


class NotSo(Exception):
    """A step that does not hold."""


def holds(condition: object, otherwise: str) -> None:
    if not condition:
        raise NotSo(otherwise)


def run(check: Check) -> int:
    """The exit code: 0 when every step holds."""
    try:
        with sync_playwright() as playwright:
            check.browser = playwright.chromium.launch(
                executable_path=CHROMIUM,
                args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
            )
            for step in check.steps:
                began = time.monotonic()
                said = step()
                print(
                    f"ok {check.number(step):>2}  {said}  ({time.monotonic() - began:.1f} s)",
                    flush=True,
                )
            check.browser.close()
    except Exception as failure:
        name = step.__name__.replace("_", " ")
        print(f"NOT OK {check.number(step)}  {name}: {failure}", flush=True)
        return 1
    scratch = check.demo.scratch
    shots = sorted(path.name for path in scratch.glob("*.png"))
    count = len(check.steps)
    print(f"{count} of {count} steps hold; screenshots in {scratch.name}: {', '.join(shots)}")
    return 0


class Check:
    def __init__(self, demo: Demo):
        self.demo = demo
        self.browser = None
        self.api = API(demo.url, demo.api_token)
        self.pages: dict[str, Page] = {}
        self.free_at_first = 0
        self.steps = [
            self.both_answer,
            self.ada_sees_the_gpu_profiles,
            self.bo_sees_what_a_workshop_may_have,
            self.ada_takes_a_whole_card_by_the_form,
            self.the_card_is_taken,
            self.bo_is_refused_by_a_forged_form,
            self.bo_is_refused_by_the_api,
            self.a_start_by_the_api_is_decided_alike,
            self.a_pod_of_the_real_kubespawner_comes_back_valid,
            self.ada_stops_in_the_browser,
            self.the_card_is_free_again,
        ]

    def number(self, step: Callable[[], str]) -> int:
        return self.steps.index(step) + 1

    def both_answer(self) -> str:
        ready = requests.get(f"{self.demo.berth_url}/readyz", timeout=5)
        holds(ready.status_code == 200, f"/readyz says {ready.status_code}: {ready.text}")
        version = self.api.call("GET", "/").json()["version"]
        holds(version == jupyterhub.__version__, f"the hub is {version}")
        self.free_at_first = self.free_cards()
        holds(self.free_at_first > 0, "no card is free to begin with")
        return (
            f"Berth is ready, JupyterHub {version} is up, {self.free_at_first} whole cards are free"
        )

    def ada_sees_the_gpu_profiles(self) -> str:
        return self.sees("ada", ["cpu", "gpu", "gpu-slice"])

    def bo_sees_what_a_workshop_may_have(self) -> str:
        return self.sees("bo", ["cpu", "gpu-slice"])

    def sees(self, user: str, profiles: list[str]) -> str:
        """The form in Chromium offers exactly `profiles`."""
        page = self.log_in(user)
        shown = self.shown(page)
        self.shoot(page, f"form-{user}")
        holds(shown == profiles, f"the form shows {shown}")
        return f"{user} logs in and the form shows {', '.join(shown)}"

    def shown(self, page: Page) -> list[str]:
        """The profiles that the form offers."""
        return page.eval_on_selector_all(
            '#spawn_form input[name="profile"]', "fields => fields.map(f => f.value)"
        )

    def log_in(self, user: str) -> Page:
        page = self.browser.new_context(viewport={"width": 1100, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{self.demo.url}/hub/login")
        self.prove(page, user)
        page.wait_for_selector("#spawn_form")
        self.pages[user] = page
        return page

    def prove(self, page: Page, user: str) -> None:
        """From the hub's login page on: the demo's hub believes every name."""
        page.fill("#username_input", user)
        page.fill("#password_input", "any")
        page.click("#login_submit")

    def ada_takes_a_whole_card_by_the_form(self) -> str:
        page = self.pages["ada"]
        page.check('input[name="profile"][value="gpu"]')
        page.select_option('select[name="profile-option-gpu--gpu"]', "dedicated")
        self.shoot(page, "choice-ada")
        page.click('#spawn_form [type="submit"]')
        page.wait_for_url(re.compile(r"/user/ada/"), timeout=PATIENCE_MS)
        server = self.api.wait_ready("ada")
        page.wait_for_selector(".jp-Launcher", timeout=PATIENCE_MS)
        self.shoot(page, "server-ada")
        options = server["user_options"]
        holds(
            options["profile"] == "gpu" and options["gpu"] == "dedicated",
            f"it was started with {options}",
        )
        return f"ada starts GPU, a whole A100, and is in her server: {json.dumps(options)}"

    def the_card_is_taken(self) -> str:
        free = self.free_cards()
        holds(free == self.free_at_first - 1, f"{free} of {self.free_at_first} are free")
        return f"availability says {free} whole cards are free now"

    def bo_is_refused_by_a_forged_form(self) -> str:
        page = self.pages["bo"]
        page.eval_on_selector(
            'input[name="profile"][value="cpu"]',
            'field => { field.value = "gpu"; field.checked = true }',
        )
        page.click('#spawn_form [type="submit"]')
        message = page.wait_for_selector(".spawn-error-msg").inner_text().strip()
        self.shoot(page, "refused-bo")
        holds(self.api.server("bo") is None, "a server was started")
        return f"bo forges the form to ask for GPU and reads: {message}"

    def bo_is_refused_by_the_api(self) -> str:
        own = API(self.demo.url, self.api.token_of("bo"))
        answer = own.start("bo", {"profile": "gpu", "gpu": "dedicated"})
        holds(answer.status_code == 403, f"status {answer.status_code}: {answer.text}")
        unknown = own.start("bo", {"profile": "nosuch"})
        holds(400 <= unknown.status_code < 500, f"status {unknown.status_code}: {unknown.text}")
        holds(self.api.server("bo") is None, "a server was started")
        return f"bo asks the hub's API for GPU and gets 403: {answer.json()['message']}"

    def a_start_by_the_api_is_decided_alike(self) -> str:
        own = API(self.demo.url, self.api.token_of("bo"))
        answer = own.start("bo", {"profile": "cpu"})
        holds(answer.status_code in (201, 202), f"status {answer.status_code}: {answer.text}")
        self.api.wait_ready("bo")
        self.api.stop("bo")
        self.api.wait_gone("bo")
        return "bo starts CPU by the hub's API and stops it again"

    def a_pod_of_the_real_kubespawner_comes_back_valid(self) -> str:
        """The other deployment of the example configuration, so that ada's server above is not
        replaced by this one.
        """
        with ThreadPoolExecutor() as elsewhere:  # Playwright has this thread's loop
            pod = elsewhere.submit(asyncio.run, asyncio.wait_for(self.made_pod(), 60)).result()
        (self.demo.scratch / "pod.json").write_text(json.dumps(pod, indent=2))
        kubernetes_validate.validate(pod, KUBERNETES, strict=True)
        asked = container(pod)["resources"]["limits"]
        holds(asked.get("nvidia.com/gpu") == "1", f"its container asks for {asked}")
        names = [
            found["name"]
            for found in pod["spec"].get("initContainers", []) + pod["spec"]["containers"]
        ]
        return (
            f"a pod of the real KubeSpawner comes back valid for Kubernetes {KUBERNETES}: "
            f"nvidia.com/gpu 1, containers {', '.join(names)}"
        )

    async def made_pod(self) -> dict:
        import berth_hub

        c = Config()
        c.KubeSpawner.namespace = "jupyter-next"
        berth_hub.install(c, url=self.demo.berth_url, token_file=str(self.demo.token_file("next")))
        claims = json.loads((self.demo.examples / "ada.json").read_text())
        start = Start(c, "ada", claims)
        try:
            return await start.pod({"profile": "gpu", "gpu": "dedicated"})
        finally:
            await start.end()
            await start.close()

    def ada_stops_in_the_browser(self) -> str:
        page = self.pages["ada"]
        page.goto(f"{self.demo.url}/hub/home")
        page.click("#stop")
        self.api.wait_gone("ada")
        return "ada stops her server on the hub's page"

    def the_card_is_free_again(self) -> str:
        free = self.free_cards()
        holds(free == self.free_at_first, f"{free} of {self.free_at_first} are free")
        return f"availability says {free} whole cards are free again"

    def free_cards(self) -> int:
        token = self.demo.token_file("production").read_text().strip()
        answer = requests.get(
            f"{self.demo.berth_url}/v1/availability",
            headers={"Authorization": f"Bearer {token}"},
            timeout=5,
        )
        return next(row["free_now"] for row in answer.json() if row["choice"] == "dedicated")

    def shoot(self, page: Page, name: str) -> None:
        page.screenshot(path=self.demo.scratch / f"{name}.png")

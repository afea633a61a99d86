# SPDX-License-Identifier: Apache-2.0
"""A walltime from its first notice to its end, and each way to that end alone: `scripts/show walltime`."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from datetime import datetime

from world import OTHER, USER  # first: it says where other modules are

import requests  # noqa: E402
from playwright.sync_api import BrowserContext, Locator, Page, expect, sync_playwright  # noqa: E402
from show import main  # noqa: E402
from sidecar_world import SidecarWorld  # noqa: E402
from steps import Steps, holds, pod_of  # noqa: E402

THIRD, FOURTH = "u00009", "u00010"
#: By their profiles in walltime.yaml.
OTHERS = {"without-sidecar": OTHER, "without-hub": THIRD, "without-berth": FOURTH}
#: Of walltime.yaml.
END_GRACE_S, DEADLINE_GRACE_S = 10, 30
#: What a machine that is busy with all this may need beyond.
ALLOWANCE_S = 12
#: The others begin when so much of the first one's walltime is left, so that their ends come soon after its own.
BEGIN_AT_S = 75
SIDECAR = "berth-walltime"
PAGE_MS = 90_000
EXTEND = "curl -sS -w '%{http_code}' -X POST --unix-socket $BERTH_WALLTIME_SOCKET http://berth/extend"


class WalltimeWorld(SidecarWorld):
    site = ["berth.yaml", "walltime.yaml"]
    users = (USER, *OTHERS.values())

    def hub_environment(self) -> dict[str, str]:
        return {**super().hub_environment(), "SHOW_LAB": "1"}


class WalltimeSteps(Steps):
    def __init__(self, world: WalltimeWorld):
        super().__init__(world)
        self.ends: list[float] = []
        self.all = [
            self.jupyterlab_tells_its_end,
            self.one_click_moves_the_end_and_policy_bounds_it,
            self.the_hub_ends_it,
            self.without_its_sidecar_it_ends,
            self.without_a_hub_it_ends,
            self.without_berth_it_ends,
        ]

    @property
    def figures(self) -> str:
        return f"; ends came {', '.join(f'{late:.0f}' for late in self.ends)} s after the walltime"

    # --- What a person sees

    def jupyterlab_tells_its_end(self) -> str:
        self.start_server(USER, "lab")
        self.page = self.browser().new_page()
        self.page.set_default_timeout(PAGE_MS)
        self.page.goto(f"{self.world.url}/hub/login")
        self.page.fill("#username_input", USER)
        self.page.fill("#password_input", "any")
        self.page.click("#login_submit")
        self.api.wait_ready(USER)
        self.page.goto(f"{self.world.url}/user/{USER}/lab")
        notice = self.notice("This server ends in")
        expect(notice).to_be_visible(timeout=PAGE_MS)
        said = text_of(notice)
        self.take_picture("notice")
        return f"JupyterLab in Chromium says {said!r}"

    def one_click_moves_the_end_and_policy_bounds_it(self) -> str:
        before = self.end_of(USER)
        with self.page.context.expect_page() as opened:
            self.notice("This server ends in").get_by_role("button", name="Extend").click()
        hub_page = opened.value
        hub_page.get_by_role("button", name="Add 1 minute").click()
        expect(hub_page.get_by_role("button", name="Add")).to_have_count(0, timeout=PAGE_MS)
        self.take_picture("hub-page", hub_page)
        hub_page.close()
        added = self.end_of(USER) - before
        holds(abs(added - 60) < 1.5, f"{added:.0f} s were added")
        moved = self.notice("The end was moved")
        expect(moved).to_be_visible(timeout=PAGE_MS)
        said = text_of(moved)
        refused = self.reach(USER).shell(EXTEND)
        print(f"      {USER}$ curl -X POST --unix-socket $BERTH_WALLTIME_SOCKET http://berth/extend\n      {refused}")
        holds(refused.endswith("409") and "cannot be extended any more" in refused, "it is not refused")
        return f"Extend and Add 1 minute are clicked: {said!r}; one more is refused"

    # --- Its end, and that of three others

    def the_hub_ends_it(self) -> str:
        time.sleep(max(0, self.end_of(USER) - time.time() - BEGIN_AT_S))
        self.begin_the_others()
        late = self.seconds_to_the_end_of(USER, most=ALLOWANCE_S)
        self.api.wait_gone(USER)
        line = self.told_by_the_hub(USER)
        return f"the hub stops it: {line!r}; its pod is gone {late:.1f} s after the end of the walltime"

    def without_its_sidecar_it_ends(self) -> str:
        late = self.seconds_to_the_end_of(OTHER, most=ALLOWANCE_S)
        self.api.wait_gone(OTHER)
        self.told_by_the_hub(OTHER)
        holds(OTHER in self.berth_says("a server ends: the hub stops it"), "Berth has not asked the hub by itself")
        return f"{OTHER}'s sidecar is ended before: Berth has the hub stop it, and its pod is gone after {late:.1f} s"

    def without_a_hub_it_ends(self) -> str:
        holds(self.world.hub.stop() == 0, "the hub does not stop in order")
        late = self.seconds_to_the_end_of(THIRD, least=END_GRACE_S, most=END_GRACE_S + ALLOWANCE_S)
        holds(pod_name(THIRD) in self.berth_says("its pod is deleted"), "Berth says nothing of it")
        return f"the hub is stopped before: Berth deletes {THIRD}'s pod, which is gone after {late:.1f} s"

    def without_berth_it_ends(self) -> str:
        end = self.end_of(FOURTH)
        holds(self.world.berth.stop() == 0, "Berth does not stop in order")
        # Kubernetes counts from the pod's start, somewhat before the walltime begins.
        least, most = DEADLINE_GRACE_S - ALLOWANCE_S, DEADLINE_GRACE_S + ALLOWANCE_S
        late = self.seconds_to_the_end_of(FOURTH, end, least=least, most=most)
        reason = self.cluster.get(pod_of(FOURTH))["status"]["reason"]
        holds(reason == "DeadlineExceeded", f"the reason is {reason}")
        return f"Berth is stopped too: Kubernetes ends {FOURTH}'s pod after {late:.1f} s ({reason})"

    # --- Means

    def browser(self) -> BrowserContext:
        playwright = self.world.enter_context(sync_playwright())
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        self.world.callback(browser.close)
        return browser.new_context(viewport={"width": 1200, "height": 900})

    def notice(self, text: str) -> Locator:
        return self.page.locator(".Toastify__toast", has_text=text)

    def take_picture(self, name: str, page: Page | None = None) -> None:
        page = page or self.page
        page.wait_for_timeout(1000)  # notices slide in
        page.screenshot(path=self.world.scratch / f"{name}.png")

    def start_server(self, user: str, profile: str) -> None:
        self.log_in(user)
        answer = self.ask_for(user, profile)
        holds(answer.status_code in (201, 202), f"status {answer.status_code}: {answer.text}")

    def end_of(self, user: str) -> float:
        """When the walltime of the user's server ends, by this machine's clock, as Berth tells the hub."""
        token = self.world.token_file.read_text().strip()
        answer = requests.post(
            f"{self.world.berth_url}/v1/hub/walltime",
            json={"user": {"name": user}, "server": {"name": ""}, "extend": False},
            headers={"Authorization": f"Bearer {token}"}, timeout=10)  # fmt: skip
        holds(answer.status_code == 200, f"Berth answers {answer.status_code}: {answer.text}")
        return datetime.fromisoformat(answer.json()["ends_at"]).timestamp()

    def seconds_to_the_end_of(self, user: str, end: float | None = None, *, least: float = 0, most: float) -> float:
        """How long after its walltime the pod has ended; kept for the last line."""
        end = end or self.end_of(user)
        self.cluster.wait(pod_of(user), has_ended, max(0, end - time.time()) + most)
        late = time.time() - end
        self.ends.append(late)
        holds(least <= late <= most, f"it ends {late:.1f} s after its walltime, and not {least} to {most} s")
        return late

    def begin_the_others(self) -> None:
        for profile, user in OTHERS.items():
            self.start_server(user, profile)
        for user in OTHERS.values():
            self.api.wait_ready(user)
        self.end_sidecar(OTHER)

    def end_sidecar(self, user: str) -> None:
        """By the signal at which it ends for good: after a fault it would be started anew."""
        uid = self.cluster.get(pod_of(user))["metadata"]["uid"]
        container = f"cpu-1-{uid}-{SIDECAR}"
        pid = int((self.world.scratch / "cpu-1" / "pods" / uid / container / "pid").read_text())
        os.kill(pid, signal.SIGTERM)
        self.cluster.wait(pod_of(user), lambda pod: "terminated" in state_of(pod, SIDECAR), ALLOWANCE_S)

    def told_by_the_hub(self, user: str) -> str:
        """What its log says of Berth's call."""
        log = (self.world.scratch / "hub.log").read_text()
        found = re.search(rf"\d+ DELETE /hub/api/users/{user}/servers?/? ?\(berth@[^)]*\)", log)
        holds(found, "the hub's log has no DELETE by Berth")
        failures = [line for line in log.splitlines() if user in line and re.search("fail|unexpected", line, re.I)]
        holds(not failures, f"the hub's log tells of a failure: {failures}")
        return found.group()

    def berth_says(self, text: str) -> str:
        lines = (self.world.scratch / "berth.log").read_text().splitlines()
        return "\n".join(line for line in lines if text in line)


def has_ended(pod: dict | None) -> bool:
    return pod is None or pod["status"].get("phase") == "Failed" and not is_running(pod)


def is_running(pod: dict) -> bool:
    return any("running" in status["state"] for status in pod["status"].get("containerStatuses", []))


def state_of(pod: dict, container: str) -> dict:
    return next(one["state"] for one in pod["status"]["containerStatuses"] if one["name"] == container)


def pod_name(user: str) -> str:
    return f"jupyter-{user}"


def text_of(notice: Locator) -> str:
    """Without the words of its buttons."""
    return re.match(r"[^.]*\.", " ".join(notice.first.inner_text().split())).group()


if __name__ == "__main__":
    sys.exit(main("walltime", __doc__, WalltimeWorld, WalltimeSteps))

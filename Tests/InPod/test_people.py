# SPDX-License-Identifier: Apache-2.0
"""Where people look: a real JupyterLab in a real browser, and a real bash, read what `berth walltime` writes."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from lab.children import end_with_parent, free_port
from playwright.sync_api import expect, sync_playwright
from sidecar import PATIENCE_S, until


@pytest.fixture
def lab(tmp_path):
    """Starts JupyterLab with the variable that PodPatching gives the server's container; gives its URL."""
    running = []

    def start(notices) -> str:
        (work := tmp_path / "work").mkdir()
        (work / "notes.txt").write_text("as it was\n")
        port = free_port()
        base = f"http://127.0.0.1:{port}/user/ada/"
        log = (tmp_path / "lab.log").open("wb")
        home = {name: str(tmp_path / name) for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--ip=127.0.0.1",
                 "--IdentityProvider.token=", "--ServerApp.base_url=/user/ada/", f"--ServerApp.root_dir={work}"],
                env={**os.environ, **home, "JUPYTER_PATH": f"{notices}/jupyter"},
                stdout=log, stderr=log, preexec_fn=end_with_parent,
            )
        )  # fmt: skip
        until(lambda: is_up(base + "api"), "JupyterLab answers")
        return base

    yield start
    for one in running:
        one.kill()
        one.wait()


def is_up(url: str) -> bool:
    try:
        return urllib.request.urlopen(url, timeout=5).status == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        page = browser.new_context(viewport={"width": 1200, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        expect.set_options(timeout=PATIENCE_S * 1000)
        yield page
        browser.close()


def toast(page, text: str):
    return page.locator(".Toastify__toast", has_text=text)


def test_jupyterlab_shows_what_is_left_offers_more_and_saves_before_the_end(berth, sidecar, lab, page):
    site = berth(left_s=600, warn_before_s=(900, 300), extension={"by_s": 3600, "left_s": 7200}, page="/hub/more?server=")
    walltime = sidecar("walltime", site)
    until(lambda: walltime.lab_state and walltime.lab_state["notice"], "a notice")
    base = lab(walltime.notices)
    page.goto(base + "lab/tree/notes.txt")
    expect(toast(page, re.compile(r"This server ends in \d+ minutes"))).to_be_visible()

    with page.context.expect_page() as opened:
        toast(page, "This server ends in").get_by_role("button", name="Extend").click()
    assert re.search(r"/hub/more\?server=$", opened.value.url)

    assert re.search(r"in (6\d|70) minutes", walltime.curl("-X", "POST", "http://berth/extend"))
    expect(toast(page, "The end was moved: this server now ends in")).to_be_visible()

    # The end comes near: what is typed and not saved is saved, and who has closed a notice is told again.
    editor = page.locator(".cm-content").first
    editor.click()
    page.keyboard.type("typed ")
    site.extension = None
    site.ends = time.monotonic() + 45
    walltime.kill()
    sidecar("walltime", site)
    expect(toast(page, "This server ends in")).to_be_visible()
    notes = walltime.notices.parent / "work" / "notes.txt"
    until(lambda: "typed" in notes.read_text() or page.wait_for_timeout(500), "it is saved")
    expect(toast(page, "time is over")).to_be_visible()


def test_jupyterlab_tells_of_being_unused_and_a_hidden_tab_asks_for_no_notice_of_it(berth, sidecar, lab, page):
    site = berth(left_s=100_000, warn_before_s=(900,), idle={"limit_s": 3600, "left_s": 590, "warn_before_s": [600]})
    walltime = sidecar("walltime", site)
    until(lambda: walltime.lab_state and walltime.lab_state["notice"], "a notice")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("state.json") else None)
    page.add_init_script("Object.defineProperty(document, 'hidden', {get: () => window.isAway === true})")
    page.goto(lab(walltime.notices) + "lab")
    unused = re.compile(r"Nobody has used this server for 5\d minutes. It ends in \d+ minutes unless it is used.")
    expect(toast(page, unused)).to_be_visible()
    site.idle["left_s"] = 650
    walltime.kill()
    walltime = sidecar("walltime", site)
    expect(toast(page, "Nobody has used")).to_have_count(0)
    page.evaluate("window.isAway = true")
    page.wait_for_timeout(1_500)
    before = len(asked)
    page.clock.install()
    page.clock.run_for(120_000)
    # The page's timers are of before, and go on by themselves; what they read is the clock of two minutes later.
    page.wait_for_timeout(3_000)
    assert len(asked) == before


def test_bash_tells_at_its_next_prompt_each_notice_once(berth, sidecar):
    site = berth(left_s=4000, warn_before_s=(900, 300))
    walltime = sidecar("walltime", site)
    until(lambda: (walltime.notices / "notice.txt").exists() and walltime.lab_state, "an empty notice")
    file = walltime.notices / "notice.txt"
    (child, terminal) = pty.fork()
    if child == 0:
        variables = {"MAILPATH": f"{file}?`cat {file}`", "MAILCHECK": "0", "PS1": "ready> ", "PATH": os.environ["PATH"]}
        os.execve("/bin/bash", ["bash", "--norc", "--noprofile", "-i"], variables)
    try:
        # What is typed before bash reads is echoed twice.
        read_to_prompt(terminal)
        assert "This server" not in prompt(terminal)
        in_another_second()
        site.ends = time.monotonic() + 805
        walltime.kill()
        walltime = sidecar("walltime", site)
        until(lambda: "13 minutes" in told(walltime), "a notice")
        assert "This server ends in 13 minutes" in prompt(terminal)
        assert "This server" not in prompt(terminal)
        in_another_second()
        site.ends = time.monotonic() + 265
        walltime.kill()
        walltime = sidecar("walltime", site)
        until(lambda: "4 minutes" in told(walltime), "another, which is no longer than the first")
        assert "This server ends in 4 minutes" in prompt(terminal)
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)


def told(walltime) -> str:
    """Not from the file: bash looks whether somebody else has read it, which a read-only mount does not note."""
    return walltime.lab_state["notice"]["text"] if walltime.lab_state and walltime.lab_state["notice"] else ""


def in_another_second() -> None:
    """bash compares whole seconds."""
    now = int(time.time())
    until(lambda: int(time.time()) > now, "the next second")


def prompt(terminal: int) -> str:
    """What bash says at an empty line, up to its next prompt."""
    os.write(terminal, b"true\n")
    return read_to_prompt(terminal)


def read_to_prompt(terminal: int) -> str:
    said = ""
    while not said.endswith("ready> "):
        assert select.select([terminal], [], [], PATIENCE_S)[0], said
        said += os.read(terminal, 4096).decode()
    return said


def test_the_extension_is_one_that_jupyterlab_takes(berth, sidecar):
    walltime = sidecar("walltime", berth())
    until(lambda: walltime.lab_state, "JupyterLab's state")
    package = json.loads((walltime.lab / "package.json").read_text())
    assert (walltime.lab / package["jupyterlab"]["_build"]["load"]).is_file()


#: A JupyterLab that is still being loaded: it has no command for notifications yet, and its first one fails.
LOADING = """() => {
    [window.isLoaded, window.isFirst, window.told] = [false, true, []];
    const execute = async (id, { message }) => {
        if (!window.isLoaded) throw new Error(`there is no ${id}`);
        if (window.isFirst) { window.isFirst = false; throw new Error("not now"); }
        window.told.push(message);
        return "id";
    };
    const commands = { addCommand: () => {}, isEnabled: () => false, hasCommand: () => window.isLoaded, execute };
    return window._JUPYTERLAB["berth-walltime"].get().then((module) => module().default.activate({ commands }));
}"""


def test_a_notice_that_cannot_be_shown_yet_is_shown_as_soon_as_it_can(berth, sidecar, page):
    walltime = sidecar("walltime", berth(left_s=600, warn_before_s=(900, 300)))
    until(lambda: walltime.lab_state and walltime.lab_state["notice"], "a notice")
    asked = []

    def give(route) -> None:
        asked.append(route.request.url.rpartition("/")[2])
        file = walltime.lab / "static" / asked[-1]
        route.fulfill(path=file) if asked[-1] else route.fulfill(body="<p>JupyterLab", content_type="text/html")

    page.route("http://lab.test/**", give)
    page.goto("http://lab.test/")
    page.add_script_tag(url="http://lab.test/remoteEntry.js")
    page.evaluate(LOADING)
    until(lambda: "state.json" in asked or page.wait_for_timeout(100), "it asks")
    page.wait_for_timeout(1_500)
    page.evaluate("window.isLoaded = true")
    page.wait_for_function("window.told.length > 0")
    page.wait_for_timeout(1_500)
    assert [text.partition(",")[0] for text in page.evaluate("window.told")] == ["This server ends in 10 minutes"]

# SPDX-License-Identifier: Apache-2.0
"""One Berth, one hub and one middleman between them for all tests; each test finds them whole and
idle.

Run with the Python environment of the JupyterHub to be tested (`scripts/setup --path hub-5.5`).
`BERTH_BINARY` names the Berth to test; without it the newest build of this checkout is taken.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [
    str(HERE),
    str(ROOT / "scripts"),
    str(ROOT / "scripts" / "hub"),
    str(ROOT / "config" / "jupyterhub"),
]

from hub import Hub  # noqa: E402
from middleman import Middleman  # noqa: E402
from lab.exporter import Exporter  # noqa: E402
from processes import Process, free_port, start_berth, write_configuration, write_secret  # noqa: E402

USERS = ["ada", "ben", "cal", "eve", "root", "tim"]


def berth_binary() -> Path:
    named = os.environ.get("BERTH_BINARY")
    builds = (
        [Path(named)]
        if named
        else [ROOT / ".build" / kind / "berth" for kind in ("debug", "release")]
    )
    built = [build for build in builds if build.exists()]
    if not built:
        pytest.exit(f"no Berth to test at {builds}: run scripts/build debug, or set BERTH_BINARY")
    return max(built, key=lambda build: build.stat().st_mtime)


class Berth:
    """The real Berth under the tests' policy."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.port, self.hub_port = free_port(), free_port()
        self.configuration = write_configuration(
            folder, HERE / "policy.yaml", self.port, "tests", hub_port=self.hub_port
        )
        self.exporter = Exporter()
        self.seal_key = write_secret(folder / "seal.key")
        with self.configuration.open("a") as file:
            file.write(
                "seal: {key_file: seal.key}\n"
                f"measured_use: {{sources: [{{exporter: '{self.exporter.url}'}}],"
                " interval: 5s, timeout: 1s, stale_after: 20s}\n"
            )
        # The hub's own, so that a test may spoil it: Berth reads its own anew when that changes.
        self.token_file = folder / "hub.token"
        self.token_file.write_text((folder / "tests.token").read_text())
        self.hub_token = (folder / "hub-api.token").read_text().strip()
        self.process: Process = start_berth(
            berth_binary(), self.configuration, self.port, folder / "berth.log"
        )


@pytest.fixture(scope="session")
def real_berth(tmp_path_factory):
    berth = Berth(tmp_path_factory.mktemp("berth"))
    yield berth
    berth.process.stop()
    berth.exporter.shutdown()


@pytest.fixture(scope="session")
def session_middleman(real_berth):
    middleman = Middleman(real_berth.port)
    yield middleman
    middleman.reset()
    middleman.close()


@pytest.fixture(scope="session")
def session_hub(real_berth, session_middleman, tmp_path_factory):
    hub = Hub(
        tmp_path_factory.mktemp("hub"),
        session_middleman,
        real_berth.token_file,
        port=real_berth.hub_port,
        token_of_berth=real_berth.hub_token,
    )
    for user in USERS:
        hub.visitor(user)
    yield hub
    hub.stop()


@pytest.fixture
def berth(session_middleman):
    """The way to Berth, without faults and with nothing noted."""
    session_middleman.reset()
    yield session_middleman
    session_middleman.reset()


@pytest.fixture
def hub(session_hub, berth):
    """The hub with no server running; a hub that a test has brought down fails that test."""
    yield session_hub
    berth.reset()
    assert session_hub.is_healthy, session_hub.process.last_lines()
    for user in session_hub.api.call("GET", "/users?state=active").json():
        for server in user["servers"]:
            session_hub.api.call(
                "DELETE",
                f"/users/{user['name']}/servers/{server}"
                if server
                else f"/users/{user['name']}/server",
            )
            session_hub.api.wait_gone(user["name"], server)

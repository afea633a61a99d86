# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from berth import Berth, Hub
from namespace import Cluster, Namespace
from slapd import Directory


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Callable[[dict[str, Any]], Hub]]:
    """Starts a real Berth with the given site and stops it after the test; it must then exit 0."""
    running: list[Berth] = []

    def start(site: dict[str, Any]) -> Hub:
        berth = Berth(tmp_path, site).start()
        running.append(berth)
        return Hub(berth)

    yield start
    for berth in running:
        if berth.process and berth.process.poll() is None:
            assert berth.stop() == 0, berth.log


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A real API server, for all tests; each has a namespace of its own."""
    with Cluster(tmp_path_factory.mktemp("cluster") / "c", "--without-scheduler", "--nodes", "0") as running:
        yield running


@pytest.fixture
def namespace(cluster: Cluster, tmp_path: Path) -> Namespace:
    return Namespace(cluster, tmp_path)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    running = Directory(tmp_path / "ldap", "--people", "60", "--groups", "12")
    yield running
    running.stop()

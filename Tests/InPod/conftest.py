# SPDX-License-Identifier: Apache-2.0
"""The programs of a user's pod as they run there, beside a Berth that says what a test wants."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))

from sidecar import Sidecar  # noqa: E402
from stand_in import StandIn  # noqa: E402


@pytest.fixture
def berth() -> Iterator[Callable[..., StandIn]]:
    running: list[StandIn] = []

    def start(**terms: Any) -> StandIn:
        running.append(StandIn(**terms))
        return running[-1]

    yield start
    for stand_in in running:
        stand_in.stop()


@pytest.fixture
def sidecar(tmp_path: Path) -> Iterator[Callable[..., Sidecar]]:
    running: list[Sidecar] = []

    def start(command: str, berth: StandIn, **environment: str) -> Sidecar:
        running.append(Sidecar(command, berth, tmp_path, environment))
        return running[-1]

    yield start
    for one in running:
        one.kill()

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from berth import Berth, Hub


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

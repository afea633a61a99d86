# SPDX-License-Identifier: Apache-2.0
"""What `scripts/bench http` compares must stay the same work: its FastAPI peer gives the pods that Berth gives."""

from __future__ import annotations

import os
import subprocess

from berth import ROOT, binary


def test_the_peer_of_the_benchmark_gives_berths_pods():
    command = [ROOT / "scripts" / "bench", "http", "--check"]
    environment = os.environ | {"BERTH_BINARY": binary()}
    checked = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert checked.returncode == 0, checked.stderr
    assert [line.split(":")[0] for line in checked.stdout.splitlines()] == ["pod", "pod_full"]

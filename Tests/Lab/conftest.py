# SPDX-License-Identifier: Apache-2.0
"""What tests run in, tested: a test that passes in a broken cluster says nothing."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from lab.kube import Cluster  # noqa: E402


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster") / "c"
    with Cluster(folder, "--nodes", "1") as cluster:
        yield cluster

# SPDX-License-Identifier: Apache-2.0
"""The pods that GPU backends make, held against Kubernetes' own description of a pod."""

from __future__ import annotations

import json
from pathlib import Path

import kubernetes_validate
import pytest

PODS = Path(__file__).resolve().parents[1] / "PodPatchingTests" / "Pods" / "patched"


@pytest.mark.parametrize("file", sorted(PODS.glob("backend-*.json")), ids=lambda file: file.stem)
def test_a_backends_pod_is_a_pod(file):
    kubernetes_validate.validate(json.loads(file.read_text()), "1.33", strict=True)

# SPDX-License-Identifier: Apache-2.0
"""Each member of a question, one at a time, is what it should not be: an answer comes, and never a 5xx."""

from __future__ import annotations

import copy
import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from berth import ROOT, TOKEN
from test_pod import LXCFS, SIDECARS, STAFF, Case13ZeroGpuSeesNoGpu

PODS = ROOT / "Tests" / "PodPatchingTests" / "Pods"
WRONG = (None, 5, "x", [], {}, [5], [{}], {"a": 1})
SITE = Case13ZeroGpuSeesNoGpu.site | {
    "pod": {
        "security": "restricted",
        "lxcfs": LXCFS,
        "sidecars": SIDECARS,
        "thread_count_variables": ["OMP_NUM_THREADS"],
        "environment": {"SITE": "lab"},
    }
}
QUESTIONS = {
    "/v1/hub/options-form": {"last_options": {"profile": "slice", "gpu": "x"}},
    "/v1/hub/options": {"form": {"profile": ["slice"], "profile-option-slice--gpu": ["x"]}},
    "/v1/hub/pre-spawn": {"options": {"profile": "cpu"}, "acting_for": {"name": "root"}, "pod": False},
    "/v1/hub/post-stop": {},
}


def paths(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """Where each part of `value` stands; of a list its first three."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    for key, part in items:
        yield from paths(part, (*path, key))


def spoilt(value: Any) -> Iterator[Any]:
    for path in paths(value):
        for wrong in WRONG:
            copied = copy.deepcopy(value)
            place = copied
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = wrong
            yield copied


def ask_all(port: int, path: str, bodies: Iterator[Any]) -> int:
    """Asks them one after the other on one connection; gives how many."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    count = 0
    for count, body in enumerate(bodies, start=1):
        line.request("POST", path, json.dumps(body), {"Authorization": f"Bearer {TOKEN}"})
        answer = line.getresponse()
        text = answer.read()
        assert answer.status in (200, 403, 409, 422), (path, body, text)
    line.close()
    return count


@pytest.mark.parametrize("name", ["pod-containers", "pod-gpu"])
@pytest.mark.parametrize("query", ["", "?as=json-patch&with=totals"])
def test_a_pod_with_any_part_spoilt_is_patched_or_named(hub, name, query):
    berth = hub(SITE)
    held = berth.pre_spawn("ada", {"profile": "slice"}, STAFF, start="s").body["reservation_id"]
    question = berth.person("ada", "", None, False) | {"reservation_id": held}
    pods = spoilt(json.loads((PODS / f"{name}.json").read_text()))
    assert ask_all(berth.berth.port, f"/v1/hub/pod{query}", (question | {"pod": pod} for pod in pods)) > 500


@pytest.mark.parametrize("path", QUESTIONS)
def test_a_question_with_any_part_spoilt_is_answered_or_named(hub, path):
    berth = hub(SITE)
    question = berth.person("ada", "", STAFF | {"roles": ["staff"]}, False) | QUESTIONS[path]
    question["server"]["start"] = "s"
    assert ask_all(berth.berth.port, path, spoilt(question)) > 50

# SPDX-License-Identifier: Apache-2.0
"""Cases 07, 13 and 15 for each way of asking for a GPU: nothing of it stays in a CPU pod, nobody else sees a card, and a
share without a size is no card."""

from __future__ import annotations

import copy
import json

import pytest
from test_gpu import STAFF

SHARED = {
    "mortalgpu": {"resource": "mortalgpu/a100", "unit": "1Gi"},
    "metagpu": {"units_per_device": 80},
    "hami": {"unit": "1Mi"},
    "kai": {"unit": "1Mi", "settings": {"queue": "team-a"}},
    "kai-fraction": {"unit": "1Mi", "settings": {"queue": "team-a"}},
    "volcano": {"unit": "1Mi"},
    "time-slicing": {"units_per_device": 8},
    "mps": {"units_per_device": 8},
}
WHOLE = {
    "nvidia": {},
    "kai-queue": {"backend": ["nvidia", "kai-queue"], "settings": {"queue": "team-b"}},
    "kueue": {"backend": ["nvidia", "kueue"], "settings": {"queue": "gpus"}},
    "dra": {"settings": {"claim_template": "one-a100"}},
}
MIG = {"mig": {}, "mig-single": {}}
ALL = [*SHARED, *WHOLE, *MIG]


def gpu(backend: str) -> dict:
    if backend not in SHARED:
        return {"pool": "p", "cards": 1} if backend in WHOLE else {"pool": "p", "mig_instances": 1}
    return {"choices": [{"id": "own", "display_name": "Share", "pool": "p", "request": "10Gi", "limit": "10Gi"}]}


def site(backend: str, profile: dict | None = None) -> dict:
    mode = "shared" if backend in SHARED else "whole" if backend in WHOLE else "mig"
    pool = {"mode": mode, "backend": backend} | (SHARED | WHOLE | MIG)[backend]
    card = {"uuid": "GPU-1", "product": "A100", "memory": "80Gi"}
    if mode == "mig":
        pool["mig_profile"] = "1g.10gb"
        card["mig"] = [{"profile": "1g.10gb", "memory": "9728Mi", "count": 2, "pools": ["p"]}]
    else:
        card["pools"] = ["p"]
    return {
        "pools": {"p": pool},
        "inventory": {"nodes": {"n1": {"cards": [card]}}},
        "profiles": [
            {"slug": "gpu", "display_name": "GPU", "walltime": "8h", "gpu": profile or gpu(backend)},
            {"slug": "cpu", "display_name": "CPU", "default": True, "walltime": "8h"},
        ],
    }


def pod(**notebook) -> dict:
    """As an image on a CUDA base: without a word it would see every card of its node."""
    cuda = {"image": "registry.example.org/cuda:12", "env": [{"name": "NVIDIA_VISIBLE_DEVICES", "value": "all"}]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "jupyter-user-g1"},
        "spec": {
            "initContainers": [{"name": "setup"} | cuda],
            "containers": [{"name": "notebook"} | cuda | notebook, {"name": "viewer"} | cuda],
        },
    }


def patched(hub, user: str, options: dict, manifest: dict) -> dict:
    granted = hub.pre_spawn(user, options, STAFF)
    assert granted.status == 200, granted.body
    answer = hub.pod(user, granted.body["reservation_id"], manifest)
    assert answer.status == 200, answer.body
    return answer.body


def visible(container: dict) -> list[str]:
    return [each["value"] for each in container.get("env", []) if each["name"] == "NVIDIA_VISIBLE_DEVICES"]


def bare(value):
    """Without variables, whose order depends on what was there before, and without what is empty."""
    if isinstance(value, list):
        return [bare(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {key: bare(each) for key, each in value.items() if key != "env"}
    return {key: each for key, each in kept.items() if each not in ({}, [])}


def containers(manifest: dict) -> dict[str, dict]:
    spec = manifest["spec"]
    return {each["name"]: each for each in spec["containers"] + spec.get("initContainers", [])}


@pytest.mark.parametrize("backend", ALL)
def test_a_cpu_pod_keeps_nothing_of_a_gpu_start_before(hub, backend):
    berth = hub(site(backend))
    clean = patched(berth, "user-g2", {"profile": "cpu"}, pod())["pod"]
    left = patched(berth, "user-g1", {"profile": "gpu"}, pod())["pod"]
    assert berth.post_stop("user-g1").status == 200
    answer = patched(berth, "user-g1", {"profile": "cpu"}, copy.deepcopy(left))
    assert answer["corrected"]
    assert bare(answer["pod"]["spec"]) == bare(clean["spec"])
    for name, container in containers(answer["pod"]).items():
        assert visible(container) == ["void"], name
    # Which user and reservation it is differs, and nothing else does.
    for kind in ("labels", "annotations"):
        assert set(answer["pod"]["metadata"].get(kind, {})) == set(clean["metadata"].get(kind, {}))


@pytest.mark.parametrize("backend", ALL)
def test_nobody_but_the_notebook_sees_a_card(hub, backend):
    berth = hub(site(backend))
    zero = {"resources": {"limits": {"nvidia.com/gpu": "0", "memory": "4Gi"}, "requests": {"nvidia.com/gpu": "0"}}}
    cpu = containers(patched(berth, "user-m1", {"profile": "cpu"}, pod(**zero))["pod"])
    assert {name: visible(each) for name, each in cpu.items()} == dict.fromkeys(cpu, ["void"])
    assert "nvidia.com/gpu" not in json.dumps(cpu["notebook"]["resources"])
    mine = containers(patched(berth, "user-m2", {"profile": "gpu"}, pod())["pod"])
    assert visible(mine.pop("notebook")) == []
    assert {name: visible(each) for name, each in mine.items()} == dict.fromkeys(mine, ["void"])
    assert not any("resources" in each and json.dumps(each["resources"]).count("gpu") for each in mine.values())


@pytest.mark.parametrize("backend", [each for each in SHARED if each not in ("time-slicing", "mps")])
def test_a_share_without_a_size_is_refused_and_one_with_a_size_says_it_in_the_pod(hub, backend):
    size = {"unit": "GiB", "min": 2, "max": 40, "step": 2}
    profile = {"choices": [{"id": "own", "display_name": "Share", "pool": "p", "size": size}]}
    berth = hub(site(backend, profile))
    for text, code in ((None, "size-missing"), ("0", "size-out-of-range"), ("20GB", "size-format")):
        options = {"profile": "gpu"} | ({} if text is None else {"gpu-size": text})
        answer = berth.pre_spawn("user-o1", options, STAFF)
        assert (answer.status, answer.code) == (422, code), answer.body
    manifest = patched(berth, "user-o1", {"profile": "gpu", "gpu-size": "20"}, pod())["pod"]
    limits = containers(manifest)["notebook"].get("resources", {}).get("limits", {})
    notes = manifest["metadata"].get("annotations", {})
    said = {
        "mortalgpu": limits.get("mortalgpu/a100") == "20",
        "metagpu": limits.get("cnvrg.io/metagpu") == "20",
        "hami": (limits.get("nvidia.com/gpu"), limits.get("nvidia.com/gpumem")) == ("1", "20480"),
        "kai": notes.get("gpu-memory") == "20480",
        "kai-fraction": notes.get("gpu-fraction") == "0.25",
        "volcano": limits.get("volcano.sh/vgpu-memory") == "20480",
    }
    assert said[backend], (limits, notes)

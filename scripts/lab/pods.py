# SPDX-License-Identifier: Apache-2.0
"""Pods of a chosen size, cut from the largest pod of the tests."""

import json

from .peers import ROOT

LARGE = ROOT / "Tests" / "PodPatchingTests" / "Pods" / "pod-large.json"


def compact(value) -> bytes:
    """JSON as a Python client sends it: ASCII with escapes; here without spaces."""
    return json.dumps(value, separators=(",", ":")).encode()


def pod(bytes_max: int) -> dict:
    """The largest pod of `bytes_max` bytes or less that keeps one part of every long list. The same at each call."""
    fitting = (cut(percent) for percent in range(100, 0, -1))
    return next(pod for pod in fitting if len(compact(pod)) <= bytes_max)


def cut(percent: int) -> dict:
    """The large pod with the first `percent` of its notes, variables, volumes, mounts and sidecars."""

    def first(things: list) -> list:
        return things[: max(1, len(things) * percent // 100)]

    pod = json.loads(LARGE.read_bytes())
    notes = [key for key in pod["metadata"]["annotations"] if key.startswith("example.org/note-")]
    for key in notes[len(first(notes)) :]:
        del pod["metadata"]["annotations"][key]
    spec = pod["spec"]
    notebook, *sidecars = spec["containers"]
    spec["volumes"] = first(spec["volumes"])
    volumes = {volume["name"] for volume in spec["volumes"]}
    notebook["env"] = first(notebook["env"])
    spec["containers"] = [notebook, *first(sidecars)]
    for container in spec["containers"]:
        mounts = container.get("volumeMounts", [])
        container["volumeMounts"] = [mount for mount in mounts if mount["name"] in volumes]
    return pod

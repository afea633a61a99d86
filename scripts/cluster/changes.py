# SPDX-License-Identifier: Apache-2.0
"""What became of a pod: one line for each part that is new, gone or another."""

from __future__ import annotations

from typing import Any, Iterator

#: What the API server writes into every pod, whoever sent it.
BY_THE_SERVER = {
    *("apiVersion", "kind", "status", "uid", "resourceVersion", "creationTimestamp", "managedFields", "namespace"),
    *("nodeName", "enableServiceLinks", "preemptionPolicy", "priority", "schedulerName", "dnsPolicy", "protocol"),
    *("terminationGracePeriodSeconds", "terminationMessagePath", "terminationMessagePolicy", "defaultMode"),
    *("imagePullPolicy", "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"),
}
#: A list's entries are known by one of these.
NAMES = ("mountPath", "name", "key")
#: Lists whose entries are one thing each.
WHOLE = {"volumes", "volumeMounts", "tolerations", "matchExpressions", "env"}
WIDTH = 118


def lines(before: dict, after: dict) -> list[str]:
    was, now = (dict(leaves({"metadata": pod["metadata"], **pod["spec"]})) for pod in (before, after))
    told = []
    for path in sorted(was.keys() | now.keys()):
        if path not in was:
            told.append(f"+ {path}: {flow(now[path])}")
        elif path not in now:
            told.append(f"- {path}: {flow(was[path])}")
        elif was[path] != now[path]:
            told.append(f"~ {path}: {flow(was[path])} -> {flow(now[path])}")
    told = [line.replace("requiredDuringSchedulingIgnoredDuringExecution", "required…") for line in told]
    return [line if len(line) <= WIDTH else line[: WIDTH - 1] + "…" for line in told]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each value that is one thing, with its path."""
    if isinstance(value, dict):
        for key, member in value.items():
            if key not in BY_THE_SERVER:
                yield from leaves(member, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for place, one in enumerate(value):
            key = next((key for key in NAMES if key in one), None)
            name = str(one.get(key, place))
            entry = {member: one[member] for member in one if member != key}
            if name in BY_THE_SERVER:
                continue
            elif path.rpartition(".")[2] in WHOLE:
                yield f"{path}[{name}]", plain(entry)
            else:
                yield from leaves(entry, f"{path}[{name}]")
    elif plain(value) is not None:
        yield path, plain(value)


def plain(value: Any) -> Any:
    """Without what the server adds or drops, and amounts in one spelling: `1.0` and `1` are the same."""
    if isinstance(value, dict):
        members = {key: plain(one) for key, one in value.items() if key not in BY_THE_SERVER}
        return {key: one for key, one in members.items() if one is not None}
    if isinstance(value, list):
        return [plain(one) for one in value] or None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return value or None


def flow(value: Any) -> str:
    """As YAML has it on one line, but for the quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return "true" if value is True else str(value)

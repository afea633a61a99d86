# SPDX-License-Identifier: Apache-2.0
"""A day of a hub with GPUs: who comes when, the hub's and the kubelets' part in it, and what is told of it afterwards."""

import json
import random
import sqlite3
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from .berth import Berth
from .kube import Cluster

NAMESPACE = "jupyter"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
KIND = "example.org/gpus"
A100 = {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-40GB", "nvidia.com/gpu.memory": "40960", "nvidia.com/gpu.count": "4"}
V100 = {"nvidia.com/gpu.product": "Tesla-V100-SXM2-32GB", "nvidia.com/gpu.memory": "32768", "nvidia.com/gpu.count": "4"}
SMALL, LARGE, SHARE, CARD = "nvidia.com/mig-1g.5gb", "nvidia.com/mig-3g.20gb", "mortalgpu/v100", "nvidia.com/gpu"
#: Node to what it has of its resource, and its labels.
NODES = {
    "gpu-1": ({CARD: "4"}, {KIND: "whole", **A100}),
    "gpu-2": ({SMALL: "14"}, {KIND: "mig", "nvidia.com/mig.strategy": "mixed", **A100}),
    "gpu-3": ({SHARE: "400"}, {KIND: "shared", **V100}),
}
#: Profile to pool, the resource and amount that its pods ask for, and what a second of it costs: thousandths of a card
#: (the larger part of memory and compute, rounded up) and MiB.
PROFILES = {
    "card": ("whole", CARD, 1, 1000, 40960),
    "slice": ("small", SMALL, 1, 143, 5 * 1024),
    "large-slice": ("large", LARGE, 1, 500, 20 * 1024),
    "share": ("shared", SHARE, 32, 320, 10 * 1024),
}


def configuration(kubeconfig: Path, seal: Path, operator: Path) -> str:
    def pool(mode: str, resource: str, **more) -> dict:
        return {"mode": mode, "resource": resource, "node_selector": {KIND: more.pop("kind", mode)}, **more}

    def profile(slug: str, **gpu) -> dict:
        return {"slug": slug, "display_name": slug, "gpu": {"pool": PROFILES[slug][0], **gpu}, "walltime": "8h"}

    settings = {
        "listen": "127.0.0.1:PORT",
        "ledger": {"path": "FOLDER/ledger.sqlite"},
        "kubernetes": {"kubeconfig": str(kubeconfig)},
        "seal": {"key_file": str(seal)},
        "admin": {"tokens": [{"name": "on-call", "role": "operator", "token_file": str(operator)}]},
        "deployments": {"prod": {"hook_token_file": "FOLDER/hub.token", "namespace": NAMESPACE, "start_timeout": "2m"}},
        "inventory": {"from": "cluster", "stale_after": "20s"},
        "pools": {
            "whole": pool("whole", CARD),
            "small": pool("mig", SMALL, mig_profile="1g.5gb"),
            "large": pool("mig", LARGE, mig_profile="3g.20gb"),
            "shared": pool("shared", SHARE, unit="320Mi", overcommit_percent=150),
        },
        "profiles": [
            profile("card", cards=1), profile("slice", mig_instances=1), profile("large-slice", mig_instances=1),
            profile("share", request="10Gi", limit="15Gi"),
        ],
    }  # fmt: skip
    return json.dumps(settings, indent=2)  # JSON is YAML


@dataclass
class Session:
    user: str
    profile: str
    start: str
    seconds: float
    reservation: str = ""
    node: str = ""
    created: float = 0
    ends: float = 0

    @property
    def pod(self) -> str:
        return f"jupyter-{self.user}"


@dataclass
class Hub:
    """What JupyterHub, KubeSpawner and the kubelets would do, one step after the other."""

    berth: Berth
    cluster: Cluster
    running: dict[str, Session] = field(default_factory=dict)
    pending: dict[str, Session] = field(default_factory=dict)
    granted: list[Session] = field(default_factory=list)
    refusals: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    #: Nodes whose kubelet is silent.
    silent: set[str] = field(default_factory=set)
    slowest: float = 0

    def ask(self, path: str, body: dict) -> tuple[int, dict]:
        status, _, answer = self.berth.ask("POST", f"/v1/hub/{path}", json.dumps(body).encode(), self.berth.authorization)
        return status, json.loads(answer)

    def person(self, session: Session) -> dict:
        server = {"name": "", "start": session.start}
        return {"user": {"name": session.user, "admin": False, "groups": []}, "server": server, "auth_state": None}

    def spawn(self, session: Session) -> bool:
        person = self.person(session)
        status, answer = self.ask("pre-spawn", {**person, "options": {"profile": session.profile}, "pod": True})
        if status != 200:
            self.refusals[answer["code"]] += 1
            return False
        session.reservation = answer["reservation_id"]
        manifest = {
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": session.pod, "annotations": {"hub.jupyter.org/username": session.user}},
            "spec": {"containers": [{"name": "notebook", "image": "registry.example.org/base:1"}]},
        }  # fmt: skip
        _, answer = self.ask("pod", {**person, "reservation_id": session.reservation, "pod": manifest})
        self.cluster.create(PODS, answer["pod"])
        session.created = time.monotonic()
        self.pending[session.pod] = session
        self.granted.append(session)
        return True

    def kubelets(self) -> None:
        """Runs what the scheduler has placed."""
        for pod in self.cluster.items(PODS) if self.pending else []:
            session, node = self.pending.get(pod["metadata"]["name"]), pod["spec"].get("nodeName")
            if session is None or node is None or node in self.silent:
                continue
            since = {"startedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
            told = {"name": "notebook", "image": "x", "imageID": "x", "ready": True, "restartCount": 0}
            status = {"phase": "Running", "containerStatuses": [{**told, "state": {"running": since}}]}
            self.cluster.patch(f"{PODS}/{session.pod}/status", {"status": status})
            now = time.monotonic()
            session.node, session.ends = node, now + session.seconds
            self.slowest = max(self.slowest, now - session.created)
            self.running[session.pod] = self.pending.pop(session.pod)

    def stop_those_who_leave(self) -> None:
        for session in [one for one in self.running.values() if one.ends <= time.monotonic()]:
            if session.node not in self.silent:
                self.stop(session)

    def stop(self, session: Session) -> None:
        self.ask("post-stop", self.person(session))
        self.cluster.delete(f"{PODS}/{session.pod}", 0)
        del self.running[session.pod]

    def lose(self, node: str) -> None:
        """Its object goes, and what ran there with it, as a controller manager collects it."""
        self.cluster.delete(f"/api/v1/nodes/{node}")
        for session in [one for one in self.running.values() if one.node == node]:
            self.cluster.delete(f"{PODS}/{session.pod}", 0)
            del self.running[session.pod]


def arrivals(users: int, seconds: float, seed: int) -> list[tuple[float, Session]]:
    """Each comes twice, and what they want depends on what there is."""
    chance = random.Random(seed)
    found = []
    for number in range(2 * users):
        profile = chance.choices(["card", "slice", "share", "large-slice"], [3, 5, 6, 2])[0]
        stay = chance.uniform(5, 14)
        at = chance.uniform(0, seconds / 2 - 16) + (seconds / 2 if number >= users else 0)
        found.append((at, Session(f"user-{number % users}", profile, f"start-{number}", stay)))
    return sorted(found, key=lambda one: one[0])


# Afterwards


@dataclass
class Sums:
    """Thousandths of a card, and MiB, times milliseconds: by user and by pool."""

    card: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    memory: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, session: Session, milliseconds: int) -> None:
        pool, _, _, milli_cards, mib = PROFILES[session.profile]
        for key in (session.user, pool):
            self.card[key] += milli_cards * milliseconds
            self.memory[key] += mib * milliseconds

    def seconds(self, key: str) -> tuple[int, int]:
        return self.card[key] // 1000, self.memory[key] // 1000


class Journal:
    """The ledger's own entries, read as they stand in its file."""

    LIVE = ("held", "bound", "running", "overdue", "releasing", "lost")

    def __init__(self, file: Path) -> None:
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as ledger:
            self.entries = ledger.execute(
                "SELECT reservation_id, to_state, at_unix_ms FROM ledger_entry ORDER BY sequence"
            ).fetchall()
            self.places = defaultdict(list)
            for reservation, *place in ledger.execute(
                "SELECT reservation_id, node, device, mode, units, memory_mib FROM placement"
            ):
                self.places[reservation].append(place)

    def spans(self) -> dict[str, tuple[int, int]]:
        """Reservation to when it first ran and when it ended, in milliseconds."""
        began, ended = {}, {}
        for reservation, state, at in self.entries:
            if state == "running":
                began.setdefault(reservation, at)
            if state not in self.LIVE:
                ended[reservation] = at
        return {reservation: (at, ended[reservation]) for reservation, at in began.items() if reservation in ended}

    def granted_twice(self) -> list[str]:
        """Devices that bore more at some moment than they have."""
        held, live, wrong = defaultdict(int), set(), []
        for reservation, state, _ in self.entries:
            sign = 1 if state in self.LIVE and reservation not in live else -1 if state not in self.LIVE else 0
            (live.add if sign > 0 else live.discard if sign < 0 else live.__contains__)(reservation)
            for node, device, mode, units, _ in self.places[reservation] if sign else []:
                held[device] += sign * (units if mode == "shared" else 1)
                if held[device] > (100 if mode == "shared" else 1):
                    wrong.append(f"{device} of {node} bears {held[device]}")
        return wrong


def audited(log: Path) -> dict[str, list[tuple[str, float]]]:
    """Pod to when it was said to run and when it was deleted, by the API server's own audit log."""
    seen = defaultdict(list)
    for line in log.read_text().splitlines():
        event = json.loads(line)
        of = event.get("objectRef", {})
        if of.get("resource") != "pods" or event.get("responseStatus", {}).get("code", 500) >= 300:
            continue
        what = (event["verb"], of.get("subresource"))
        word = {("patch", "status"): "runs", ("delete", None): "ends"}.get(what)
        if word:
            at = datetime.fromisoformat(event["stageTimestamp"].replace("Z", "+00:00")).timestamp()
            seen[of["name"]].append((word, at))
    return seen


def audit_spans(log: Path) -> dict[str, list[float]]:
    """Pod to how long each of its sessions ran, in seconds and in order."""
    spans = {}
    for pod, events in audited(log).items():
        lengths, began = [], None
        for word, at in sorted(events, key=lambda event: event[1]):
            if word == "runs" and began is None:
                began = at
            elif word == "ends" and began is not None:
                lengths.append(at - began)
                began = None
        spans[pod] = lengths
    return spans

# SPDX-License-Identifier: Apache-2.0
"""What a real API server makes of pods when it asks Berth, one row a pod: `scripts/show webhook`."""

from __future__ import annotations

import copy
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from world import CARD, ELSEWHERE, HUB, World, plain  # first: it says where other modules are

from lab.kube import Refused  # noqa: E402

COLUMNS = (
    "POD:.metadata.name,GPU:.spec.containers[0].resources.limits.nvidia\\.com/gpu,"
    "CONTAINERS:.spec.containers[*].name,NONROOT:.spec.containers[*].securityContext.runAsNonRoot,"
    "RESERVATION:.metadata.labels.berth\\.io/reservation-id"
)


@dataclass
class Row:
    what: str
    #: Gives what went wrong, or nothing.
    judge: Callable[[], str | None]


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="berth-webhook-") as folder, World(Path(folder)) as world:
        return Trial(world).run()


class Trial:
    def __init__(self, world: World):
        self.world = world
        self.times: list[float] = []
        self.rows = [
            Row("KubeSpawner's pod, patched by the hub's hook, is let in unchanged", self.hooked),
            Row("KubeSpawner's pod without the hook comes out patched under its reservation", self.unhooked),
            Row("a dry run of it changes nothing anywhere", self.dry_run),
            Row("a pod that takes a GPU without a reservation is refused, in the hub's namespace", self.unreserved),
            Row("and in any other namespace", self.elsewhere),
            Row("a pod with another one's seal is refused", self.copied),
            Row("a pod whose amount was raised after the hook is refused", self.raised),
            Row("a pod whose name Kubernetes would make up cannot use a reservation", self.nameless),
            Row("a container that another webhook adds gets its parts when Berth is called again", self.reinvoked),
            Row("a webhook that takes back what Berth has set is found out at the end", self.undone),
            Row("pods that want nothing of Berth's are untouched, in both namespaces", self.others),
            Row("a pod of a start that has ended is refused", self.ended),
            Row("with Berth away, nothing starts at the hub, and others' pods do", self.away),
        ]

    def run(self) -> int:
        good = 0
        for number, row in enumerate(self.rows, 1):
            self.said = ""
            try:
                fault = row.judge()
            except (Refused, AssertionError, KeyError) as error:
                fault = f"{type(error).__name__}: {error}"
            good += fault is None
            print(f"{'ok    ' if fault is None else 'NOT OK'} {number:2}  {row.what}")
            for line in filter(None, [fault, self.said]):
                print("          " + line.replace("\n", "\n          "))
            sys.stdout.flush()
        middle = sorted(self.times)[len(self.times) // 2] * 1000
        print(f"{good} of {len(self.rows)} rows as they should be; a pod's creation took {middle:.0f} ms in the middle")
        return 0 if good == len(self.rows) else 1

    # --- Judging

    def create(self, pod: dict, namespace: str = HUB) -> dict:
        began = time.monotonic()
        try:
            return self.world.create(pod, namespace)
        finally:
            self.times.append(time.monotonic() - began)

    def refused(self, pod: dict, code: str, namespace: str = HUB) -> str | None:
        """By kubectl, whose words a person reads."""
        exit_code, words = self.world.kubectl("create", "-n", namespace, "-f", "-", stdin=pod)
        self.said = words
        return None if exit_code and f"[{code}]" in words else f"it should be refused as {code}"

    def count(self, code: str) -> int:
        """How many reviews have ended so, by Berth's own count."""
        _, _, metrics = self.world.berth.ask("GET", "/metrics")
        line = f'berth_decisions_total{{code="{code}",route="/v1/admission/pods"}} '
        found = [text for text in metrics.decode().splitlines() if text.startswith(line)]
        return int(found[0].split()[-1]) if found else 0

    def shown(self, *names: str) -> None:
        _, self.said = self.world.kubectl("get", "pods", "-n", HUB, *names, "-o", f"custom-columns={COLUMNS}")

    # --- The rows

    def hooked(self) -> str | None:
        pod = self.world.spawned("ada", "gpu")
        made = self.create(pod)
        self.ada = pod
        self.shown("jupyter-ada")
        sealed = made["metadata"]["annotations"].get("berth.io/seal") == pod["metadata"]["annotations"]["berth.io/seal"]
        judged = (self.count("complete"), self.count("patched"))
        right = sealed and variables(made) == variables(pod) and limits(made) == {CARD: "1"}
        # Once as it came, once at the end; a patch would be one of the first kind.
        return None if right and judged == (2, 0) else f"it came out otherwise than it went in {judged}"

    def unhooked(self) -> str | None:
        pod = self.world.spawned("ben", "gpu", hook=False)
        if limits(pod):
            return "it had a GPU before the webhook"
        made = self.create(pod)
        self.shown("jupyter-ada", "jupyter-ben")
        security = made["spec"]["containers"][0]["securityContext"]
        right = security["capabilities"] == {"drop": ["ALL"]} and made["spec"]["activeDeadlineSeconds"] > 8 * 3600
        return None if right and limits(made)[CARD] == "1" else f"it is not patched: {made['spec']}"

    def dry_run(self) -> str | None:
        pod = self.world.spawned("cyd", "gpu", hook=False)
        words = ["create", "-n", HUB, "--dry-run=server", "-o", "name", "-f", "-"]
        code, self.said = self.world.kubectl(*words, stdin=pod)
        found = self.world.cluster.get(f"/api/v1/namespaces/{HUB}/pods/jupyter-cyd")
        self.cyd = pod
        return None if code == 0 and found is None else "the dry run is no dry run"

    def unreserved(self) -> str | None:
        return self.refused(plain("free-ride", gpu=2), "gpu-unreserved")

    def elsewhere(self) -> str | None:
        return self.refused(plain("free-ride", gpu=1), "gpu-unreserved", ELSEWHERE)

    def copied(self) -> str | None:
        marks = self.ada["metadata"]["annotations"]
        return self.refused(plain("jupyter-eve", gpu=1, annotations=marks), "seal-wrong")

    def raised(self) -> str | None:
        pod = copy.deepcopy(self.world.spawned("dan", "gpu"))
        for kind in ["limits", "requests"]:
            pod["spec"]["containers"][0]["resources"][kind][CARD] = "2"
        return self.refused(pod, "gpu-amount-differs")

    def nameless(self) -> str | None:
        pod = copy.deepcopy(self.ada)
        del pod["metadata"]["name"]
        pod["metadata"]["generateName"] = "jupyter-ada-"
        return self.refused(pod, "pod-nameless")

    def reinvoked(self) -> str | None:
        pod = self.world.spawned("fay", "gpu")
        pod["metadata"]["labels"]["meddle"] = "sidecar"
        made = self.create(pod)
        self.shown("jupyter-fay")
        first, late = made["spec"]["containers"]
        void = {"name": "NVIDIA_VISIBLE_DEVICES", "value": "void"}
        right = late["securityContext"]["runAsNonRoot"] and void in late["env"] and limits(made) == {CARD: "1"}
        return None if right and first["name"] == "notebook" and variables(made) == variables(pod) else f"{late}"

    def undone(self) -> str | None:
        pod = self.world.spawned("gil", "gpu")
        pod["metadata"]["labels"]["meddle"] = "privileges"
        return self.refused(pod, "pod-changed-since")

    def others(self) -> str | None:
        for namespace in [HUB, ELSEWHERE]:
            made = self.create(plain("worker"), namespace)
            if made["metadata"].get("annotations") or made["spec"]["containers"][0].get("securityContext"):
                return f"it was changed: {made}"
        return None

    def ended(self) -> str | None:
        who = {"user": {"name": "ada", "admin": False, "groups": []}, "server": {"name": ""}}
        status, _, _ = self.world.berth.ask("POST", "/v1/hub/post-stop", encoded(who), self.world.berth.authorization)
        assert status == 200
        self.world.cluster.delete(f"/api/v1/namespaces/{HUB}/pods/jupyter-ada", grace_s=0)
        return self.refused(self.ada, "reservation-ended")

    def away(self) -> str | None:
        pod = self.world.spawned("hal", "cpu")
        self.world.berth.stop()
        code, self.said = self.world.kubectl("create", "-n", HUB, "-f", "-", stdin=pod)
        if code == 0 or "failed calling webhook" not in self.said:
            return "it should be refused"
        self.create(plain("other"), ELSEWHERE)
        return None


def variables(pod: dict) -> dict[str, str]:
    """The server's, by name; the API server leaves empty values out."""
    return {entry["name"]: entry.get("value", "") for entry in pod["spec"]["containers"][0]["env"]}


def limits(pod: dict) -> dict:
    found = pod["spec"]["containers"][0].get("resources", {}).get("limits", {})
    return {name: amount for name, amount in found.items() if name == CARD}


def encoded(body: dict) -> bytes:
    return json.dumps(body).encode()


if __name__ == "__main__":
    sys.exit(main())

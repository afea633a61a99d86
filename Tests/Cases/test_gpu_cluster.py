# SPDX-License-Identifier: Apache-2.0
"""GPUs by what a real API server and scheduler tell of nodes and pods: `inventory: {from: cluster}`."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from berth import Berth, Hub
from namespace import Cluster, Namespace

from lab.kube import NODE  # noqa: E402
from lab.postgres import Postgres  # noqa: E402

CARD = "nvidia.com/gpu"
STAFF = {"groups": ["staff"]}
GPU = {"profile": "gpu"}
MINE = "test.example.org/site"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with Cluster(tmp_path_factory.mktemp("cluster") / "c") as running:
        watching = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "watching"}}
        rules = [{"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["list", "watch"]}]
        running.create("/apis/rbac.authorization.k8s.io/v1/clusterroles", {**watching, "rules": rules})
        yield running


@pytest.fixture
def lab(cluster, tmp_path, hub):
    lab = Lab(cluster, tmp_path, hub)
    yield lab
    lab.tidy()


def write_key(folder: Path) -> None:
    (folder / "secrets").mkdir(exist_ok=True)
    key = folder / "secrets" / "seal.key"
    key.write_text("k" * 32)
    key.chmod(0o600)


class Lab:
    """One test's nodes, namespace and Berth; nodes of other tests are gone by then."""

    def __init__(self, cluster: Cluster, folder: Path, hub) -> None:
        self.cluster, self.folder, self.start_hub = cluster, folder, hub
        self.space = Namespace(cluster, folder)
        self.permit()
        self.kubeconfig = self.space.kubeconfig()
        self.nodes: list[str] = []
        self.hub: Hub

    def permit(self) -> None:
        """What Berth needs for it: a Lease in its own namespace, nodes and pods of all."""
        rbac, who = "/apis/rbac.authorization.k8s.io/v1", self.space.name
        leases = [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "patch"]}]
        self.cluster.patch(f"{rbac}/namespaces/{who}/roles/berth", {"rules": leases})
        subjects = [{"kind": "ServiceAccount", "name": "berth", "namespace": who}]
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "watching"}
        self.cluster.create(
            f"{rbac}/clusterrolebindings", {"metadata": {"name": who}, "roleRef": role, "subjects": subjects}
        )

    def node(self, name: str, cards: int = 1, **labels: str) -> str:
        name = f"{self.space.name}-{name}"
        product = {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-40GB", "nvidia.com/gpu.memory": "40960"}
        self.cluster.node(name, {CARD: str(cards)}, {MINE: self.space.name, **product, **labels})
        self.nodes.append(name)
        return name

    def site(self, **more: Any) -> dict[str, Any]:
        deployment = {"hook_token_file": "secrets/prod.token", "trust": "auth_state", "namespace": self.space.name}
        return {
            "kubernetes": {"kubeconfig": self.kubeconfig},
            "deployments": {"prod": {**deployment, "start_timeout": more.pop("start_timeout", "10m")}},
            "pools": {"whole": {"mode": "whole", "resource": CARD, "node_selector": {MINE: self.space.name}}},
            "inventory": {"from": "cluster", "stale_after": "20s"},
            "profiles": [
                {"slug": "cpu", "display_name": "CPU", "default": True},
                {"slug": "gpu", "display_name": "GPU", "gpu": {"pool": "whole", "cards": 1}, "walltime": "8h"},
            ],
            "seal": {"key_file": "secrets/seal.key"},
            **more,
        }

    def start(self, **more: Any) -> Hub:
        write_key(self.folder)
        self.hub = self.start_hub(self.site(**more))
        return self.hub

    def another(self, name: str, **more: Any) -> Hub:
        """A replica in a folder of its own; the test ends it."""
        folder = self.folder / name
        folder.mkdir()
        write_key(folder)
        return Hub(Berth(folder, self.site(**more)).start())

    @property
    def berth(self) -> Berth:
        return self.hub.berth

    # --- Pods

    def pods(self, name: str = "") -> str:
        return self.space.path("pods", name)

    def manifest(self, user: str) -> dict[str, Any]:
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"jupyter-{user}", "annotations": {"hub.jupyter.org/username": user}},
            "spec": {"containers": [{"name": "notebook", "image": "registry.example.org/base:1"}]},
        }

    def reserve(self, user: str) -> str:
        """Gives the reservation, once the cluster is seen."""
        answer = self.until(lambda: self.hub.pre_spawn(user, GPU, STAFF), lambda answer: answer.status != 503)
        assert answer.status == 200, answer.body
        return answer.body["reservation_id"]

    def spawn(self, user: str) -> str:
        """Gives the reservation of a pod that runs."""
        held = self.reserve(user)
        self.create(self.hub.pod(user, held, self.manifest(user)).body["pod"])
        self.run(f"jupyter-{user}")
        self.wait_for(held, "running")
        return held

    def create(self, pod: dict[str, Any]) -> None:
        self.cluster.create(self.pods(), pod)

    def foreign(self, name: str, annotations: dict[str, str] | None = None) -> dict[str, Any]:
        pod = self.manifest(name)
        pod["metadata"] = {"name": name, "annotations": annotations or {}}
        pod["spec"]["containers"][0]["resources"] = {"limits": {CARD: "1"}}
        pod["spec"]["nodeSelector"] = {MINE: self.space.name}
        return pod

    def run(self, name: str) -> None:
        """As a kubelet would report it, once the scheduler has found a node."""
        self.cluster.wait(self.pods(name), lambda pod: pod["spec"].get("nodeName"))
        since = {"startedAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        told = {"name": "notebook", "image": "x", "imageID": "x", "ready": True, "restartCount": 0}
        status = {"phase": "Running", "containerStatuses": [{**told, "state": {"running": since}}]}
        self.cluster.patch(self.pods(name) + "/status", {"status": status})

    def end(self, name: str, grace_s: int = 0) -> None:
        self.cluster.delete(self.pods(name), grace_s)

    def cordon(self, node: str, is_cordoned: bool = True) -> None:
        self.cluster.patch(f"/api/v1/nodes/{node}", {"spec": {"unschedulable": is_cordoned or None}})

    def ready(self, node: str, status: str) -> None:
        condition = {"type": "Ready", "status": status, "reason": "a test says so"}
        self.cluster.patch(f"/api/v1/nodes/{node}/status", {"status": {"conditions": [condition]}})

    # --- What Berth says

    def state(self, reservation: str) -> str:
        with sqlite3.connect(f"file:{self.folder}/ledger.sqlite?mode=ro", uri=True, timeout=10) as ledger:
            row = ledger.execute("SELECT state FROM reservation WHERE id = ?", [reservation]).fetchone()
        return row[0] if row else "unknown"

    def nodes_of(self, reservation: str) -> list[str]:
        """Where it is counted."""
        with sqlite3.connect(f"file:{self.folder}/ledger.sqlite?mode=ro", uri=True, timeout=10) as ledger:
            rows = ledger.execute("SELECT node FROM placement WHERE reservation_id = ?", [reservation])
            return [node for node, in rows]

    def causes(self, reservation: str) -> dict[str, str]:
        """Each with what was seen."""
        with sqlite3.connect(f"file:{self.folder}/ledger.sqlite?mode=ro", uri=True, timeout=10) as ledger:
            rows = ledger.execute("SELECT cause, evidence FROM ledger_entry WHERE reservation_id = ?", [reservation])
            return dict(rows)

    def evidence(self, reservation: str) -> str:
        with sqlite3.connect(f"file:{self.folder}/ledger.sqlite?mode=ro", uri=True, timeout=10) as ledger:
            rows = ledger.execute(
                "SELECT cause, evidence FROM ledger_entry WHERE reservation_id = ? ORDER BY sequence DESC", [reservation]
            )
            return " ".join(rows.fetchone())

    def wait_for(self, reservation: str, state: str) -> None:
        self.until(lambda: self.state(reservation), lambda found: found == state)

    def free(self) -> int | None:
        return self.hub.free("whole")

    def metric(self, name: str) -> float | None:
        return metric(self.berth, name)

    def readiness(self) -> str:
        return self.berth.ask("/readyz", token=None).body["parts"]["gpus"]

    def until(self, ask, holds, seconds: float = 90):
        deadline = time.monotonic() + seconds
        while not holds(found := ask()):
            assert time.monotonic() < deadline, (found, self.berth.log[-4000:])
            time.sleep(0.1)
        return found

    def tidy(self) -> None:
        for pod in self.cluster.items(self.pods()):
            self.end(pod["metadata"]["name"])
        for node in self.nodes:
            self.cluster.delete(f"/api/v1/nodes/{node}")


def metric(berth: Berth, name: str) -> float | None:
    found = re.search(rf"^{re.escape(name)} (\S+)$", berth.ask("/metrics", token=None).body, re.MULTILINE)
    return float(found[1]) if found else None


def test_e8_a_pod_is_followed_from_its_first_sight_to_its_end(lab):
    lab.node("a")
    hub = lab.start()
    held = lab.reserve("ada")
    lab.create(hub.pod("ada", held, lab.manifest("ada")).body["pod"])
    lab.until(lab.readiness, lambda words: "1 nodes, 1 pods with a GPU; this replica leads" in words)
    assert lab.state(held) == "bound" and lab.free() == 0
    lab.run("jupyter-ada")
    lab.wait_for(held, "running")
    hub.post_stop("ada", f"start-{hub.starts}")
    lab.wait_for(held, "releasing")
    assert lab.free() == 0 and hub.pre_spawn("bob", GPU, STAFF).code == "gpu-unavailable"
    lab.end("jupyter-ada")
    lab.wait_for(held, "released")
    assert "pod absent from a complete snapshot" in lab.evidence(held)
    assert lab.free() == 1
    assert lab.metric("berth_gpu_watch_leads") == 1
    assert lab.metric("berth_gpu_snapshot_age_seconds") < 20


def test_e5_a_hold_whose_pod_never_comes_lapses_after_a_look_at_the_cluster(lab):
    lab.node("a")
    lab.start(start_timeout="2s")
    held = lab.reserve("ada")
    lab.wait_for(held, "expired")
    assert "no pod in a complete snapshot" in lab.evidence(held) and lab.free() == 1


def test_e6_a_pod_that_comes_after_its_reservation_has_lapsed_is_adopted(lab):
    lab.node("a")
    hub = lab.start(start_timeout="2s")
    held = lab.reserve("ada")
    pod = hub.pod("ada", held, lab.manifest("ada")).body["pod"]
    lab.wait_for(held, "expired")
    lab.create(pod)
    lab.until(lambda: lab.metric("berth_gpu_late_adoptions_total"), lambda count: count == 1)
    assert lab.free() == 0 and lab.state(held) == "expired"


def test_e9_a_pod_that_its_kubelet_refuses_frees_its_place_and_makes_its_node_suspect(lab):
    lab.node("a")
    hub = lab.start()
    held = lab.reserve("ada")
    lab.create(hub.pod("ada", held, lab.manifest("ada")).body["pod"])
    lab.cluster.wait(lab.pods("jupyter-ada"), lambda pod: pod["spec"].get("nodeName"))
    refused = {"phase": "Failed", "reason": "UnexpectedAdmissionError", "message": "a test says so"}
    lab.cluster.patch(lab.pods("jupyter-ada") + "/status", {"status": refused})
    lab.wait_for(held, "failed")
    lab.until(lambda: lab.metric('berth_gpu_withheld_nodes{reason="suspect"}'), lambda count: count == 1)
    assert lab.free() == 0


def test_e11_a_node_that_does_not_answer_makes_its_reservations_lost_and_back_again(lab):
    node = lab.node("a", cards=2)
    lab.start()
    held = lab.spawn("ada")
    lab.ready(node, "Unknown")
    lab.wait_for(held, "lost")
    assert lab.free() == 0
    lab.ready(node, "True")
    lab.wait_for(held, "running")
    assert lab.free() == 1


def test_e14_a_pod_that_is_force_deleted_on_a_lost_node_keeps_its_device_until_the_node_answers(lab):
    node = lab.node("a", cards=2)
    lab.start()
    held = lab.spawn("ada")
    lab.ready(node, "Unknown")
    lab.wait_for(held, "lost")
    lab.end("jupyter-ada")
    lab.hub.post_stop("ada")
    lab.until(lab.readiness, lambda words: "0 pods with a GPU" in words)
    assert lab.state(held) == "lost" and lab.free() == 0
    lab.ready(node, "True")
    lab.wait_for(held, "released")
    assert lab.free() == 2


def test_e12_a_node_that_is_gone_ends_what_ran_there(lab):
    node = lab.node("a")
    lab.node("b")
    lab.start()
    held = lab.spawn("ada")
    on = lab.cluster.get(lab.pods("jupyter-ada"))["spec"]["nodeName"]
    assert node and lab.free() == 1
    lab.cluster.delete(f"/api/v1/nodes/{on}")
    lab.wait_for(held, "released")
    assert lab.evidence(held) == f"node-gone node {on} is gone"
    lab.until(lab.free, lambda free: free == 1)


def test_e13_a_cordoned_node_takes_nothing_new_and_its_sessions_go_on(lab):
    node = lab.node("a", cards=2)
    lab.start()
    held = lab.spawn("ada")
    lab.cordon(node)
    lab.until(lab.free, lambda free: free == 0)
    assert lab.state(held) == "running"
    lab.cordon(node, False)
    lab.until(lab.free, lambda free: free == 1)


def test_e13_where_the_scheduler_has_chosen_another_node_the_next_start_goes_by_that_one(lab):
    expected, other = lab.node("a"), lab.node("b")
    hub = lab.start()
    lab.until(lab.free, lambda free: free == 2)
    held = lab.reserve("ada")
    assert lab.nodes_of(held) == [expected]
    busy, pod = lab.manifest("busy"), lab.manifest("ada")
    busy["spec"]["nodeName"] = expected
    busy["spec"]["containers"][0]["resources"] = {"requests": {"cpu": NODE["cpu"]}}
    pod["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "1"}}
    lab.create(busy)
    lab.create(hub.pod("ada", held, pod).body["pod"])
    lab.run("jupyter-ada")
    lab.wait_for(held, "running")
    assert lab.cluster.get(lab.pods("jupyter-ada"))["spec"]["nodeName"] == other
    lab.until(lambda: lab.nodes_of(held), lambda nodes: nodes == [other])
    assert f"on node {other}, expected on {expected}" in lab.causes(held)["placed-anew"]
    lab.cordon(expected)
    lab.until(lab.free, lambda free: free == 0)
    assert hub.pre_spawn("bob", GPU, STAFF).code == "gpu-unavailable"
    lab.cordon(expected, False)
    lab.cordon(other)
    lab.until(lab.free, lambda free: free == 1)
    assert lab.nodes_of(lab.reserve("bob")) == [expected]


def test_e16_until_the_cluster_is_seen_no_gpu_is_granted_and_a_start_without_one_is(lab):
    lab.node("a")
    lab.cluster.order("stop-apiserver")
    try:
        hub = lab.start()
        assert hub.pre_spawn("ada", GPU, STAFF).code == "cluster-unseen"
        assert hub.pre_spawn("bob", {"profile": "cpu"}, STAFF).status == 200
        assert "has not been seen yet: no GPU is granted or freed." in lab.readiness()
    finally:
        lab.cluster.order("start-apiserver")
    lab.reserve("ada")
    assert lab.free() == 0


def test_e17_a_lost_journal_is_made_anew_from_sealed_pods_after_one_hold_time(lab):
    lab.node("a", cards=2)
    lab.start(start_timeout="15s")
    held = lab.spawn("ada")
    assert lab.berth.stop() == 0
    for file in lab.folder.glob("ledger.sqlite*"):
        file.unlink()
    hub = lab.start(start_timeout="15s")
    lab.wait_for(held, "running")
    with sqlite3.connect(f"file:{lab.folder}/ledger.sqlite?mode=ro", uri=True) as ledger:
        row = ledger.execute("SELECT user_name, pool, walltime_ms FROM reservation WHERE id = ?", [held]).fetchone()
    assert row == ("ada", "whole", 8 * 3600 * 1000)
    assert hub.pre_spawn("bob", GPU, STAFF).code == "ledger-rebuilding"
    lab.reserve("bob")


@pytest.mark.parametrize(
    ("annotation", "value"),
    [("hub.jupyter.org/username", "eve"), ("berth.io/walltime-s", "60"), ("berth.io/owner-seal", None)],
)
def test_nobody_is_charged_for_a_pod_whose_annotations_were_edited_when_the_journal_is_lost(lab, annotation, value):
    lab.node("a", cards=2)
    lab.start(start_timeout="2s")
    lost = [lab.spawn("ada"), lab.spawn("bob")]
    lab.cluster.patch(lab.pods("jupyter-ada"), {"metadata": {"annotations": {annotation: value}}})
    # What is known already is known by the pod's uid: an edit takes nothing from the session.
    lab.until(lambda: lab.metric("berth_gpu_snapshot_age_seconds"), lambda age: age < 20)
    assert lab.state(lost[0]) == "running"
    assert lab.berth.stop() == 0
    for file in lab.folder.glob("ledger.sqlite*"):
        file.unlink()
    lab.start(start_timeout="2s")
    lab.wait_for(lost[1], "running")
    lab.until(lambda: lab.metric(f'berth_gpu_foreign_units{{resource="{CARD}"}}'), lambda units: units == 1)
    assert lab.state(lost[0]) == "unknown" and lab.free() == 0


def test_metrics_tell_of_holds_that_lapse_foreign_use_quotas_and_sessions_that_are_overdue(lab):
    lab.node("a", cards=3)
    gpu = {"slug": "gpu", "display_name": "GPU", "gpu": {"pool": "whole", "cards": 1}, "walltime": "1m"}
    lab.start(start_timeout="2s", profiles=[gpu], quotas={"pools": {"whole": {"milli_cards": 3000}}})
    lapsed = lab.reserve("ada")
    lab.wait_for(lapsed, "expired")
    lab.until(lambda: lab.metric("berth_gpu_hold_expired_total"), lambda count: count == 1)
    lab.spawn("bob")
    lab.create(lab.foreign("other"))
    lab.until(lambda: lab.metric(f'berth_gpu_foreign_units{{resource="{CARD}"}}'), lambda units: units == 1)
    assert lab.metric('berth_gpu_quota_used{measure="milli_cards",name="whole",scope="pool"}') == 1000
    lab.until(lambda: lab.metric('berth_gpu_reservations{state="overdue"}'), lambda count: count == 1, 150)
    text = lab.berth.ask("/metrics", token=None).body
    families = re.findall(r"^# TYPE (\S+)", text, re.M)
    assert not [name for name in families if not re.search(rf"^# HELP {name} .+\.$", text, re.M)]
    assert lab.metric("berth_gpu_hold_expired_total") == 1


def test_e22_a_node_whose_mig_layout_is_being_changed_takes_nothing_new(lab):
    node = lab.node("a", **{"nvidia.com/mig.config.state": "success"})
    lab.start()
    lab.until(lab.free, lambda free: free == 1)
    state = lambda word: {"metadata": {"labels": {"nvidia.com/mig.config.state": word}}}  # noqa: E731
    lab.cluster.patch(f"/api/v1/nodes/{node}", state("pending"))
    lab.until(lab.free, lambda free: free == 0)
    lab.cluster.patch(f"/api/v1/nodes/{node}", state("success"))
    lab.until(lab.free, lambda free: free == 1)


def test_e23_a_resource_that_no_pool_names_is_told(lab):
    node = lab.node("a")
    lab.start(pod={"gpu_resource_prefixes": ["nvidia.com/"]})
    lab.until(lab.free, lambda free: free == 1)
    amounts = {"nvidia.com/gpu.shared": "4"}
    lab.cluster.patch(f"/api/v1/nodes/{node}/status", {"status": {"capacity": amounts, "allocatable": amounts}})
    lab.until(lambda: lab.berth.log, lambda log: f"node {node} has nvidia.com/gpu.shared, which no pool names" in log)


def test_e34_while_the_api_server_is_away_nothing_is_freed_and_nothing_granted(lab):
    lab.node("a", cards=2)
    hub = lab.start()
    held = lab.spawn("ada")
    lab.cluster.order("pause-apiserver")
    try:
        hub.post_stop("ada", f"start-{hub.starts}")
        lab.until(lab.readiness, lambda words: "no GPU is granted or freed" in words)
        assert hub.pre_spawn("bob", GPU, STAFF).code == "cluster-unseen"
        assert hub.pre_spawn("eve", {"profile": "cpu"}, STAFF).status == 200
        assert lab.state(held) in ("running", "releasing")
        assert lab.metric("berth_gpu_snapshot_age_seconds") >= 20
    finally:
        lab.cluster.order("resume-apiserver")
    lab.reserve("bob")
    messages = [json.loads(line)["message"] for line in lab.berth.log.splitlines()]
    assert messages.count("GPUs unseen") == 1 and messages.count("GPUs seen again") == 1


def test_a_pod_that_nobody_reserved_counts_and_takes_nobody_elses_reservation(lab):
    lab.node("a", cards=2)
    hub = lab.start()
    held = lab.spawn("ada")
    assert lab.free() == 1
    stolen = lab.cluster.get(lab.pods("jupyter-ada"))["metadata"]["annotations"]
    lab.create(lab.foreign("thief", stolen))
    lab.until(lab.free, lambda free: free == 0)
    assert hub.pre_spawn("bob", GPU, STAFF).code == "gpu-unavailable"
    lab.until(lambda: lab.metric(f'berth_gpu_foreign_units{{resource="{CARD}"}}'), lambda units: units == 1)
    lab.end("jupyter-ada")
    hub.post_stop("ada")
    lab.wait_for(held, "released")
    lab.end("thief")
    lab.until(lab.free, lambda free: free == 2)


def test_a_reload_takes_the_cards_of_the_cluster_for_the_new_pools(lab):
    lab.node("a", cards=2)
    lab.node("b", **{"test.example.org/kind": "other"})
    lab.start()
    lab.until(lab.free, lambda free: free == 3)
    site = lab.site()
    site["pools"]["whole"]["node_selector"]["test.example.org/kind"] = "other"
    lab.berth.site = site
    lab.berth.write_site()
    lab.until(lab.free, lambda free: free == 1)
    lab.berth.site = {**site, "inventory": {"nodes": {}}, "pools": {}, "profiles": site["profiles"][:1]}
    lab.berth.write_site()
    words = "inventory.from: only a restart brings another one into force"
    lab.until(lambda: lab.berth.log, lambda log: words in log)
    assert lab.free() == 1


def test_a_berth_that_was_killed_leaves_the_lead_to_the_next_one(lab):
    lab.node("a")
    lab.start()
    held = lab.spawn("ada")
    lab.berth.kill()
    lab.start()
    lab.end("jupyter-ada")
    lab.hub.post_stop("ada")
    lab.wait_for(held, "released")


def test_e2_of_two_berths_one_tells_the_ledger_and_both_decide_until_the_other_takes_over(lab):
    lab.node("a", cards=3)
    database = Postgres()
    try:
        ledger = {"postgres": {"connection": database.connection}}
        first, second = (lab.another(name, ledger=ledger) for name in ("first", "second"))
        ones = [first, second]
        lab.until(lambda: [leads(one) for one in ones], lambda found: sorted(found) == [0, 1])
        leader, follower = sorted(ones, key=leads, reverse=True)
        lab.hub = follower
        lab.reserve("ada")
        lab.hub = leader
        lab.reserve("bob")
        for one in ones:
            lab.until(lambda one=one: one.free("whole"), lambda free: free == 1)
        leader.berth.kill()
        lab.hub = follower
        lab.until(lambda: leads(follower), lambda found: found == 1)
        lab.create(lab.foreign("other"))
        lab.until(lambda: lab.metric(f'berth_gpu_foreign_units{{resource="{CARD}"}}'), lambda units: units == 1)
        assert follower.free("whole") == 0 and follower.pre_spawn("eve", GPU, STAFF).code == "gpu-unavailable"
        assert follower.berth.stop() == 0
    finally:
        database.stop()


def leads(hub: Hub) -> float:
    return metric(hub.berth, "berth_gpu_watch_leads") or 0

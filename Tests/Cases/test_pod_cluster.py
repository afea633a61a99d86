# SPDX-License-Identifier: Apache-2.0
"""Pods by what a real API server tells of its nodes, its version and its namespaces' limits: cases 10 and 22."""

from __future__ import annotations

import copy
import secrets
import sys
import time
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from lab.kube import Cluster, Refused  # noqa: E402

STAFF = {"groups": ["staff"]}
LABEL = "site.example.org/lxcfs"
SIDECARS = {
    "image": "registry.example.org/berth:0.1",
    "berth_url": "http://berth.jupyter:8080",
    "walltime_command": ["berth", "walltime"],
    "token_command": ["berth", "token"],
    "resources": {"cpu_request": "10m", "memory_request": "32Mi", "cpu_limit": "100m", "memory_limit": "64Mi"},
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with Cluster(tmp_path_factory.mktemp("cluster") / "c", "--without-scheduler") as cluster:
        cluster.node("n1", labels={LABEL: "true"})
        cluster.node("n2")
        yield cluster


@pytest.fixture
def namespace(cluster):
    name = f"n-{secrets.token_hex(4)}"
    cluster.namespace(name)
    return name


def site(cluster: Cluster, namespace: str, **pod: Any) -> dict[str, Any]:
    key = Path(cluster.facts["kubeconfig"]).with_name("seal.key")
    key.touch(mode=0o600)
    key.write_text("k" * 32)
    return {
        "seal": {"key_file": str(key)},
        "kubernetes": {"kubeconfig": str(cluster.facts["kubeconfig"])},
        "deployments": {
            "prod": {"hook_token_file": "secrets/prod.token", "trust": "auth_state", "namespace": namespace}
        },
        "profiles": [
            {
                "slug": "cpu",
                "display_name": "CPU",
                "walltime": "8h",
                "token": {"audience": "https://arc.example.org", "file": "/run/berth/token"},
            }
        ],
        "pod": pod,
    }


def container(name: str = "notebook", limits: dict | None = None, requests: dict | None = None) -> dict:
    resources = {"limits": limits or {}, "requests": requests or {}}
    return {"name": name, "image": "registry.example.org/base:1", "resources": resources}


def manifest(*containers: dict, **spec: Any) -> dict:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "jupyter-user"},
        "spec": {"containers": list(containers), **spec},
    }


class Asking:
    """One server's pod, asked for again until Berth has seen what it should have."""

    def __init__(self, hub, user: str = "user-p1") -> None:
        self.hub, self.user = hub, user
        self.held = hub.pre_spawn(user, {}, STAFF).body["reservation_id"]

    def until(self, holds, pod: dict, query: str = ""):
        deadline = time.monotonic() + 60
        while True:
            answer = self.hub.pod(self.user, self.held, copy.deepcopy(pod), query=query)
            if holds(answer):
                return answer
            assert time.monotonic() < deadline, (answer.status, answer.body)
            time.sleep(0.1)


def lxcfs(answer) -> str:
    return answer.body["pod"]["metadata"]["annotations"]["berth.io/lxcfs"]


def test_a_pod_goes_without_lxcfs_only_where_its_nodes_have_none(hub, cluster, namespace):
    asking = Asking(hub(site(cluster, namespace, lxcfs={"node_label": f"{LABEL}=true"})))
    missing = f"left-out: 1 nodes may take the pod, and these lack label {LABEL}=true: n2"
    pinned = manifest(container(), nodeSelector={"kubernetes.io/hostname": "n2"})
    without = asking.until(lambda answer: lxcfs(answer) == missing, pinned)
    assert "hostPath" not in str(without.body["pod"]["spec"]) and "affinity" not in without.body["pod"]["spec"]
    assert any("LXCFS is left out" in line for line in without.body["warnings"])
    for able in ({}, {"nodeSelector": {"kubernetes.io/hostname": "n1"}}):
        assert lxcfs(asking.until(lambda answer: True, manifest(container(), **able))) == "mounted"


def test_a_site_may_refuse_instead(hub, cluster, namespace):
    terms = {"node_label": f"{LABEL}=true", "otherwise": "refuse"}
    asking = Asking(hub(site(cluster, namespace, lxcfs=terms)))
    pinned = manifest(container(), nodeSelector={"kubernetes.io/hostname": "n2"})
    refused = asking.until(lambda answer: "1 nodes may" in answer.body.get("detail", ""), pinned)
    assert (refused.status, refused.code) == (422, "pod-lxcfs-nowhere")


def test_sidecars_are_ordinary_where_the_cluster_is_too_old_for_others(hub, cluster, namespace):
    """The API server of the tests is a 1.20."""
    asking = Asking(hub(site(cluster, namespace, sidecars=SIDECARS, lxcfs={"node_label": LABEL})))
    pinned = manifest(container(), nodeSelector={"kubernetes.io/hostname": "n2"})
    seen = asking.until(lambda answer: lxcfs(answer).startswith("left-out: 1 nodes"), pinned)
    spec = seen.body["pod"]["spec"]
    assert [each["name"] for each in spec["containers"]] == ["notebook", "berth-token", "berth-walltime"]
    assert all("restartPolicy" not in each for each in spec["containers"]) and "initContainers" not in spec
    del spec["nodeSelector"]
    cluster.create(f"/api/v1/namespaces/{namespace}/pods?dryRun=All", seen.body["pod"])


def quota(cluster: Cluster, namespace: str, hard: dict, used: dict) -> None:
    cluster.quota(namespace, "team", hard)
    there = f"/api/v1/namespaces/{namespace}/resourcequotas/team/status"
    cluster.patch(there, {"status": {"hard": hard, "used": used}})


HARD = {"limits.cpu": "64", "limits.memory": "256Gi", "requests.cpu": "32", "requests.memory": "128Gi"}
USED = {"limits.cpu": "59.95", "limits.memory": "100Gi", "requests.cpu": "10", "requests.memory": "50Gi"}
NOTEBOOK = container(limits={"cpu": "4", "memory": "8Gi"}, requests={"cpu": "2", "memory": "4Gi"})
RANGE = {
    "type": "Container",
    "min": {"cpu": "10m", "memory": "16Mi"},
    "max": {"cpu": "8", "memory": "64Gi"},
    "maxLimitRequestRatio": {"cpu": "10"},
}


def test_case_10_the_sidecars_that_no_longer_fit_the_quota_are_named(hub, cluster, namespace):
    quota(cluster, namespace, HARD, USED)
    asking = Asking(hub(site(cluster, namespace, sidecars=SIDECARS, namespace_limits="refuse")), "user-j1")
    refused = asking.until(lambda answer: answer.status != 200, manifest(NOTEBOOK))
    assert (refused.status, refused.code) == (409, "namespace-quota")
    assert "limits.cpu 4.2 is asked for, and of 64 59.95 are in use" in refused.body["detail"]


def test_case_10_a_site_is_only_told_unless_it_says_otherwise(hub, cluster, namespace):
    quota(cluster, namespace, HARD, USED)
    asking = Asking(hub(site(cluster, namespace, sidecars=SIDECARS)), "user-j1")
    words = "ResourceQuota team: limits.cpu 4.2 is asked for, and of 64 59.95 are in use"
    told = asking.until(lambda answer: words in answer.body["warnings"], manifest(NOTEBOOK), "?with=totals")
    assert told.status == 200 and told.body["totals"]["limits"]["cpu_millicores"] == 4200


def test_case_10_sidecars_pass_the_range_of_the_namespace(hub, cluster, namespace):
    ranges = f"/api/v1/namespaces/{namespace}/limitranges"
    cluster.create(ranges, {"metadata": {"name": "small"}, "spec": {"limits": [RANGE]}})
    asking = Asking(hub(site(cluster, namespace, sidecars=SIDECARS, namespace_limits="refuse")), "user-j1")
    large = manifest(container(limits={"cpu": "9", "memory": "1Gi"}))
    asking.until(lambda answer: answer.status == 422 and answer.code == "namespace-limits", large)
    taken = asking.until(lambda answer: True, manifest(NOTEBOOK))
    assert taken.status == 200, taken.body
    cluster.create(f"/api/v1/namespaces/{namespace}/pods?dryRun=All", taken.body["pod"])


#: Pods around every bound of RANGE and of a quota; some pass and some do not.
PODS = [
    manifest(container(limits=limits, requests=requests), **spec)
    for spec in (
        {},
        {"activeDeadlineSeconds": 60},
        {"initContainers": [container("init", {"cpu": "8", "memory": "2Gi"}, {"cpu": "7"})]},
        {"initContainers": [container("init")]},
    )
    for limits, requests in (
        ({}, {}),
        ({"cpu": "8", "memory": "1Gi"}, {}),
        ({"cpu": "8001m", "memory": "1Gi"}, {}),
        ({"cpu": "1", "memory": "1Gi"}, {"cpu": "100m"}),
        ({"cpu": "1", "memory": "1Gi"}, {"cpu": "99m"}),
        ({"cpu": "1", "memory": "1Gi"}, {"memory": "15Mi"}),
        ({"memory": "1Gi"}, {"cpu": "1"}),
        ({"cpu": "5", "memory": "4Gi"}, {}),
        ({"cpu": "5.001", "memory": "4Gi"}, {}),
        ({"cpu": "1", "memory": "4097Mi"}, {}),
    )
]


@pytest.mark.parametrize(
    ("limits", "hard"),
    [
        ([RANGE], {}),
        ([{**RANGE, "default": {"cpu": "2", "memory": "2Gi"}, "defaultRequest": {"cpu": "1"}}], {}),
        ([{"type": "Pod", "max": {"cpu": "5"}, "min": {"memory": "1Gi"}}], {}),
        ([], {"limits.cpu": "5", "limits.memory": "4Gi"}),
        ([], {"cpu": "5", "requests.memory": "4Gi", "pods": "1"}),
    ],
    ids=["range", "defaults", "pods", "limits", "requests"],
)
def test_berth_counts_as_the_api_server_does(hub, cluster, namespace, limits, hard):
    if limits:
        there = f"/api/v1/namespaces/{namespace}/limitranges"
        cluster.create(there, {"metadata": {"name": "r"}, "spec": {"limits": limits}})
    if hard:
        cluster.quota(namespace, "q", hard)
    asking = Asking(hub(site(cluster, namespace)))
    huge = manifest(container(limits={"cpu": "99", "memory": "99Gi"}))
    asking.until(lambda answer: answer.body["warnings"], huge)
    outcomes = set()
    for pod in PODS:
        patched = asking.until(lambda answer: True, pod).body
        try:
            cluster.create(f"/api/v1/namespaces/{namespace}/pods?dryRun=All", patched["pod"])
            refusal = None
        except Refused as refused:
            refusal = str(refused)
        outcomes.add(refusal is None)
        objections = [line for line in patched["warnings"] if line.startswith(("LimitRange", "ResourceQuota"))]
        assert bool(objections) == (refusal is not None), (pod["spec"], objections, refusal)
    assert outcomes == {True, False}

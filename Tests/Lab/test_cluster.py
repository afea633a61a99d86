# SPDX-License-Identifier: Apache-2.0
"""The cluster of the tests is a real one, as far as they rely on it."""

import secrets
import time

import pytest
from lab.kube import Cluster, Refused

GPU = "nvidia.com/gpu"


@pytest.fixture
def namespace(cluster):
    name = f"n-{secrets.token_hex(4)}"
    cluster.namespace(name)
    return name


def pod(name, **fields):
    return {
        "metadata": {"name": name},
        "spec": {"containers": [{"name": "a", "image": "none", **fields}]},
    }


def test_the_scheduler_binds_a_pod_where_its_extended_resource_is(cluster, namespace):
    pods = f"/api/v1/namespaces/{namespace}/pods"
    cluster.node("with-gpus", {GPU: "2"})
    cluster.create(pods, pod("fits", resources={"limits": {GPU: "2"}}))
    cluster.wait(f"{pods}/fits", lambda pod: pod["spec"].get("nodeName") == "with-gpus")
    cluster.create(pods, pod("does-not", resources={"limits": {GPU: "1"}}))
    waits = cluster.wait(f"{pods}/does-not", lambda pod: pod["status"].get("conditions"))
    assert "Insufficient nvidia.com/gpu" in waits["status"]["conditions"][0]["message"]


def test_a_service_account_may_do_what_its_role_grants_and_nothing_else(cluster, namespace):
    cluster.service_account(namespace, "reader")
    reader = cluster.as_(cluster.token_of(namespace, "reader"))
    maps = f"/api/v1/namespaces/{namespace}/configmaps"
    with pytest.raises(Refused) as refused:
        reader.items(maps)
    assert refused.value.status == 403
    rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}
    cluster.grant(namespace, "reader", [rule])
    assert reader.items(maps) == []
    with pytest.raises(Refused) as refused:
        reader.create(maps, {"metadata": {"name": "m"}})
    assert refused.value.status == 403


def test_a_quota_is_in_force(cluster, namespace):
    cluster.quota(namespace, "q", {"limits.memory": "1Gi"})
    pods = f"/api/v1/namespaces/{namespace}/pods"
    cluster.create(pods, pod("small", resources={"limits": {"memory": "1Gi"}}))
    with pytest.raises(Refused, match="exceeded quota"):
        cluster.create(pods, pod("too-much", resources={"limits": {"memory": "1Mi"}}))


def test_after_a_restart_an_old_watch_is_answered_with_410(cluster, namespace):
    maps = f"/api/v1/namespaces/{namespace}/configmaps"
    cluster.create(maps, {"metadata": {"name": "kept"}})
    version = cluster.ask("GET", maps)["metadata"]["resourceVersion"]
    cluster.patch(f"{maps}/kept", {"data": {"a": "b"}})
    cluster.order("restart-apiserver")
    assert cluster.get(f"{maps}/kept")["data"] == {"a": "b"}
    event = next(cluster.watch(maps, resourceVersion=version))
    assert event["object"]["code"] == 410


def test_after_a_compaction_the_rest_of_a_list_is_answered_with_410(cluster, namespace):
    maps = f"/api/v1/namespaces/{namespace}/configmaps"
    for name in ("one", "two"):
        cluster.create(maps, {"metadata": {"name": name}})
    rest = f"{maps}?limit=1&continue={cluster.ask('GET', f'{maps}?limit=1')['metadata']['continue']}"
    cluster.patch(f"{maps}/two", {"data": {"a": "b"}})
    assert len(cluster.ask("GET", rest)["items"]) == 1
    cluster.order("compact")
    with pytest.raises(Refused) as refused:
        cluster.ask("GET", rest)
    assert refused.value.status == 410


def test_a_stopped_api_server_is_gone_and_comes_back_on_its_port(cluster):
    cluster.order("stop-apiserver")
    with pytest.raises(ConnectionRefusedError):
        cluster.get("/readyz")
    cluster.order("start-apiserver")
    assert cluster.get("/readyz") == {"message": "ok"}


@pytest.mark.parametrize("how", ["end of input", "kill"])
def test_nothing_is_left_of_a_cluster(tmp_path, how):
    cluster = Cluster(tmp_path / "c", "--without-scheduler")
    pids = cluster.facts["pids"].values()
    assert all(is_running(pid) for pid in pids)
    if how == "kill":
        cluster.child.kill()
    cluster.stop()
    deadline = time.monotonic() + 10
    while any(is_running(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_running(pid):
    """A process that has ended may wait for its parent to ask."""
    try:
        return open(f"/proc/{pid}/stat").read().rpartition(") ")[2][0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False

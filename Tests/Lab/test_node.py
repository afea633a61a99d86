# SPDX-License-Identifier: Apache-2.0
"""A node of the tests runs pods as they say, and its containers see it."""

import os
import secrets
import signal
import subprocess
import time

import pytest
from lab.kube import Node

PASSWD = "root:x:0:0::/root:/bin/sh\nana:x:20001:20000:Ana:/home/ana:/bin/bash\n"
LIMITS = {"memory": "512Mi", "cpu": "500m"}


@pytest.fixture(scope="module")
def node(cluster, tmp_path_factory):
    folder = tmp_path_factory.mktemp("node") / "n"
    with Node(folder, cluster, "gpu-1", "--resource", "nvidia.com/gpu=2", "--lxcfs") as node:
        yield node


@pytest.fixture
def pods(cluster, node):
    """The path of a new namespace's pods."""
    name = f"n-{secrets.token_hex(4)}"
    cluster.namespace(name)
    path = f"/api/v1/namespaces/{name}/pods"
    yield path
    for pod in cluster.items(path):
        cluster.delete(f"{path}/{pod['metadata']['name']}", grace_s=1)
        cluster.wait(f"{path}/{pod['metadata']['name']}", lambda pod: pod is None)


def pod(script, *, container=None, **spec):
    main = {"name": "main", "image": "any", "command": ["bash", "-c", script], **(container or {})}
    return {
        "metadata": {"name": "p", "labels": {"who": "ana"}},
        "spec": {"restartPolicy": "Never", "nodeName": "gpu-1", "containers": [main], **spec},
    }


def ended(cluster, node, pods, manifest):
    """The pod after its end, and what its main container wrote."""
    cluster.create(pods, manifest)
    done = ("Succeeded", "Failed")
    found = cluster.wait(f"{pods}/p", lambda pod: pod["status"]["phase"] in done)
    return found, node.log_of(found, "main")


def running(cluster, node, pods, manifest):
    """The pod once its main container has written a line."""
    cluster.create(pods, manifest)
    wanted = "Running"
    found = cluster.wait(f"{pods}/p", lambda pod: pod["status"]["phase"] == wanted)
    deadline = time.monotonic() + 60
    while not node.log_of(found, "main"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


def waiting(cluster, pods, words):
    """The pod waits, and an event says why."""
    events = pods.removesuffix("pods") + "events"
    deadline = time.monotonic() + 60
    while not any(words in event["message"] for event in cluster.items(events)):
        assert time.monotonic() < deadline, cluster.items(events)
        time.sleep(0.05)
    assert cluster.get(f"{pods}/p")["status"]["phase"] == "Pending"


def test_a_container_is_the_user_that_its_pod_names(cluster, node, pods):
    context = {"runAsUser": 20001, "runAsGroup": 20000, "supplementalGroups": [30001, 30002]}
    strict = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    script = "id -u; id -G; grep -E 'CapBnd|NoNewPrivs' /proc/self/status; getent passwd 20001; echo ~"
    cluster.create(
        pods.replace("pods", "configmaps"), {"metadata": {"name": "o"}, "data": {"passwd": PASSWD}}
    )
    mount = {"name": "o", "mountPath": "/etc/passwd", "subPath": "passwd"}
    container = {"securityContext": strict, "volumeMounts": [mount]}
    volumes = [{"name": "o", "configMap": {"name": "o"}}]
    manifest = pod(script, container=container, securityContext=context, volumes=volumes)
    _, log = ended(cluster, node, pods, manifest)
    assert log.splitlines() == [
        "20001",
        "20000 30001 30002",
        "CapBnd:\t0000000000000000",
        "NoNewPrivs:\t1",
        "ana:x:20001:20000:Ana:/home/ana:/bin/bash",
        "/home/ana",
    ]


def test_lxcfs_shows_a_container_its_own_limits(cluster, node, pods):
    files = ("meminfo", "cpuinfo")
    there = "/var/lib/lxcfs/proc"
    volumes = [{"name": f, "hostPath": {"path": f"{there}/{f}", "type": "File"}} for f in files]
    mounts = [{"name": f, "mountPath": f"/proc/{f}", "readOnly": True} for f in files]
    container = {"volumeMounts": mounts, "resources": {"limits": LIMITS}}
    script = "head -1 /proc/meminfo; grep -c ^processor /proc/cpuinfo"
    _, log = ended(cluster, node, pods, pod(script, container=container, volumes=volumes))
    assert log.split() == ["MemTotal:", "524288", "kB", "1"]


def test_init_containers_run_in_order_and_share_volumes(cluster, node, pods):
    mount = [{"name": "v", "mountPath": "/v"}]
    inits = [
        {
            "name": name,
            "image": "any",
            "command": ["sh", "-c", f"echo {name} $WHO >> /v/f"],
            "volumeMounts": mount,
            "env": [
                {"name": "WHO", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['who']"}}}
            ],
        }
        for name in ("one", "two")
    ]
    volumes = [{"name": "v", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}}]
    manifest = pod(
        "cat /v/f; df /v | tail -1 | cut -d' ' -f1; exit 3",
        container={"volumeMounts": mount},
        initContainers=inits,
        volumes=volumes,
    )
    found, log = ended(cluster, node, pods, manifest)
    assert log.splitlines() == ["one ana", "two ana", "tmpfs"]
    assert found["status"]["phase"] == "Failed"
    assert found["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 3


def test_a_pod_waits_for_a_file_of_its_node_and_starts_when_it_is_there(cluster, node, pods):
    volume = {"name": "f", "hostPath": {"path": "/srv/file", "type": "File"}}
    mount = {"name": "f", "mountPath": "/file"}
    cluster.create(pods, pod("cat /file", container={"volumeMounts": [mount]}, volumes=[volume]))
    waiting(cluster, pods, "hostPath type check failed: /srv/file is not a file")
    os.makedirs(f"{node.facts['host']}/srv")
    with open(f"{node.facts['host']}/srv/file", "w") as file:
        file.write("it is there")
    found = cluster.wait(f"{pods}/p", lambda pod: pod["status"]["phase"] == "Succeeded")
    assert node.log_of(found, "main") == "it is there"


def test_a_pod_waits_for_a_config_map_that_is_not_there(cluster, node, pods):
    env = [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "late", "key": "a"}}}]
    cluster.create(pods, pod("echo $A", container={"env": env}))
    waiting(cluster, pods, 'configmap "late" not found')
    maps = pods.replace("pods", "configmaps")
    cluster.create(maps, {"metadata": {"name": "late"}, "data": {"a": "b"}})
    found = cluster.wait(f"{pods}/p", lambda pod: pod["status"]["phase"] == "Succeeded")
    assert node.log_of(found, "main") == "b\n"


def test_root_is_not_run_where_the_pod_forbids_it(cluster, node, pods):
    cluster.create(pods, pod("id", securityContext={"runAsNonRoot": True}))
    waiting(cluster, pods, "runAsNonRoot")


def test_a_deleted_pod_is_asked_to_end_and_then_gone(cluster, node, pods):
    script = "trap 'echo bye; sleep 0.2; exit' TERM; echo up; sleep 1000 & wait"
    found = running(cluster, node, pods, pod(script))
    log = f"{node.facts['pods']}/{found['metadata']['uid']}/main.log"
    with open(log) as lines:
        cluster.delete(f"{pods}/p")
        cluster.wait(f"{pods}/p", lambda pod: pod is None)
        assert lines.read() == "up\nbye\n"
    assert not os.path.exists(log)


def test_a_pod_outlives_a_restart_of_the_api_server(cluster, node, pods):
    found = running(cluster, node, pods, pod("echo up; sleep 1000"))
    cluster.order("restart-apiserver")
    assert cluster.get(f"{pods}/p")["status"] == found["status"]
    cluster.delete(f"{pods}/p", grace_s=1)
    cluster.wait(f"{pods}/p", lambda pod: pod is None)


def test_a_pod_past_its_deadline_fails(cluster, node, pods):
    found, _ = ended(
        cluster,
        node,
        pods,
        pod("sleep 1000", activeDeadlineSeconds=1, terminationGracePeriodSeconds=0),
    )
    assert found["status"]["reason"] == "DeadlineExceeded"


def test_nothing_is_left_of_a_node_that_is_killed(cluster, tmp_path):
    mark = f"sleep 99{secrets.randbelow(10**9)}"
    node = Node(tmp_path / "n", cluster, "short-lived", "--lxcfs")
    try:
        path = "/api/v1/namespaces/default/pods"
        volumes = [{"name": "v", "emptyDir": {"medium": "Memory"}}]
        manifest = pod(f"echo up; {mark}", nodeName="short-lived", volumes=volumes)
        running(cluster, node, path, manifest)
        assert mark in processes() and str(tmp_path) in mounts()
    finally:
        node.child.send_signal(signal.SIGKILL)
        node.child.wait()
    deadline = time.monotonic() + 60
    while mark in processes() or str(tmp_path) in mounts():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    cluster.delete(f"{path}/p", grace_s=0)


def test_nothing_is_started_on_a_node_that_ends(cluster, tmp_path):
    """So many that the first is due again before the last has been ended."""
    mark = f"sleep 99{secrets.randbelow(10**9)}"
    one = {"image": "any", "command": ["bash", "-c", f"echo up; {mark}"]}
    manifest = pod("", nodeName="ends", restartPolicy="Always")
    manifest["spec"]["containers"] = [{"name": "main", **one}, *({"name": f"c{number}", **one} for number in range(10))]
    path = "/api/v1/namespaces/default/pods"
    with Node(tmp_path / "n", cluster, "ends") as node:
        running(cluster, node, path, manifest)
    assert mark not in processes()
    cluster.delete(f"{path}/p", grace_s=0)


def test_a_pod_waits_while_lxcfs_is_dead(cluster, tmp_path):
    with Node(tmp_path / "n", cluster, "lame", "--lxcfs") as node:
        os.kill(node.facts["lxcfs_pid"], signal.SIGKILL)
        path = "/var/lib/lxcfs/proc/meminfo"
        while os.path.exists(node.facts["host"] + path):  # as the kernel remembers it for a second
            time.sleep(0.05)
        volumes = [{"name": "v", "hostPath": {"path": path, "type": "File"}}]
        pods = "/api/v1/namespaces/default/pods"
        cluster.create(pods, pod("true", nodeName="lame", volumes=volumes))
        waiting(cluster, pods, "Transport endpoint is not connected")
        cluster.delete(f"{pods}/p")
        cluster.wait(f"{pods}/p", lambda pod: pod is None)


def test_a_shared_file_is_in_every_image_and_stays_as_it_is(cluster, tmp_path):
    shared = tmp_path / "shared.txt"
    shared.write_text("from the machine\n")
    with Node(tmp_path / "n", cluster, "sharing", "--share", shared) as node:
        pods = "/api/v1/namespaces/default/pods"
        # By one pipe: what comes by two is in no order in the log.
        script = f"exec 2>&1; cat {shared}; echo more >> {shared} || ls {tmp_path}"
        asked = pod(script, nodeName="sharing")
        _, said = ended(cluster, node, pods, asked)
        cluster.delete(f"{pods}/p")
        cluster.wait(f"{pods}/p", lambda pod: pod is None)
    assert said.startswith("from the machine\n") and "Read-only file system" in said
    assert said.endswith("\nshared.txt\n") and shared.read_text() == "from the machine\n"


def processes():
    return subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout


def mounts():
    with open("/proc/self/mountinfo") as table:
        return table.read()

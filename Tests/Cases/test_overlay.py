# SPDX-License-Identifier: Apache-2.0
"""Pods that know their user's name: passwd and group files of one snapshot with the ids, as objects of a real cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from berth import Hub
from namespace import VERBS, Namespace
from slapd import Directory

POD = {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
    "spec": {
        "securityContext": {"fsGroup": 4711},
        "containers": [{"name": "notebook", "image": "i", "env": [{"name": "HOME", "value": "/home/jovyan"}]},
                       {"name": "side", "image": "i"}],
        "initContainers": [{"name": "first", "image": "i"}],
    },
}


@pytest.fixture
def berth(hub: Callable[[dict[str, Any]], Hub], namespace: Namespace, directory: Directory) -> Callable[..., Hub]:
    def start(**overlay: Any) -> Hub:
        return hub({
            "kubernetes": {"kubeconfig": namespace.kubeconfig()},
            "deployments": {"prod": {"hook_token_file": "secrets/prod.token", "namespace": namespace.name}},
            "directory": directory.section(overlay=overlay),
            "pod": {"fs_group": "keep"},
            "profiles": [{"slug": "cpu", "display_name": "CPU", "default": True}],
        })

    return start


def started(hub: Hub, user: str, start: str = "one", **pod: Any) -> Any:
    allowed = hub.pre_spawn(user, {}, start=start)
    assert allowed.status == 200, allowed.body
    return hub.pod(user, allowed.body["reservation_id"], POD | pod)


def overlay_of(pod: dict[str, Any]) -> str:
    return next(v["configMap"]["name"] for v in pod["spec"]["volumes"] if v["name"] == "berth-overlay")


def test_every_container_of_a_pod_knows_its_user_and_groups(berth, namespace, directory, tmp_path):
    hub = berth(variables=["HOME", "USER"], nsswitch=True)
    answer = started(hub, "u00003")
    assert answer.status == 200, answer.body
    pod = answer.body["pod"]
    for container in [*pod["spec"]["containers"], *pod["spec"]["initContainers"]]:
        mounts = {m["mountPath"]: m for m in container["volumeMounts"]}
        assert set(mounts) == {"/etc/passwd", "/etc/group", "/etc/nsswitch.conf"}
        for path, mount in mounts.items():
            assert mount["readOnly"] and mount["subPath"] == path.removeprefix("/etc/")
    files = namespace.cluster.get(namespace.path("configmaps", overlay_of(pod)))
    assert files["immutable"] and files["metadata"]["labels"]["berth.io/user"] == "u00003"
    context = pod["spec"]["securityContext"]
    line = next(line for line in files["data"]["passwd"].splitlines() if line.startswith("u00003:")).split(":")
    assert (int(line[2]), int(line[3])) == (context["runAsUser"], context["runAsGroup"])
    named = {int(line.split(":")[2]) for line in files["data"]["group"].splitlines()}
    assert {context["runAsGroup"], 4711, *context["supplementalGroups"]} <= named
    env = {v["name"]: v.get("value") for v in pod["spec"]["containers"][0]["env"]}
    assert (env["HOME"], env["USER"]) == (line[5], "u00003")
    assert "HOME" not in {v["name"] for v in pod["spec"]["containers"][1].get("env", [])}


def test_the_pods_route_asks_nobody_twice_and_patching_again_changes_nothing(berth, namespace, directory):
    hub = berth()
    allowed = hub.pre_spawn("u00003", {}, start="one")
    directory.kill()
    first = hub.pod("u00003", allowed.body["reservation_id"], POD).body["pod"]
    again = hub.pod("u00003", allowed.body["reservation_id"], first).body["pod"]
    assert again == first
    assert namespace.names("configmaps") == [overlay_of(first)]


def test_what_the_directory_says_later_is_a_later_starts(berth, namespace, directory):
    hub = berth()
    first = started(hub, "u00003").body["pod"]
    assert overlay_of(started(hub, "u00003", "two").body["pod"]) == overlay_of(first)
    assert overlay_of(started(hub, "u00004", "one").body["pod"]) != overlay_of(first)


def test_an_object_that_is_gone_is_made_again_and_one_of_others_is_not_mounted(berth, namespace):
    hub = berth()
    allowed = hub.pre_spawn("u00003", {}, start="one")
    name = overlay_of(hub.pod("u00003", allowed.body["reservation_id"], POD).body["pod"])
    there = namespace.path("configmaps", name)
    before = namespace.cluster.get(there)
    namespace.cluster.delete(there)
    assert hub.pod("u00003", allowed.body["reservation_id"], POD).status == 200
    assert namespace.cluster.get(there)["data"] == before["data"]
    namespace.cluster.delete(there)
    root = {"metadata": {"name": name}, "immutable": True, "data": {"passwd": "u00003:x:0:0::/:/bin/sh\n", "group": ""}}
    theirs = namespace.cluster.create(namespace.path("configmaps"), root)
    answer = hub.pod("u00003", allowed.body["reservation_id"], POD)
    assert (answer.status, answer.code) == (409, "object-name-taken")
    assert namespace.cluster.get(there) == theirs


@pytest.mark.parametrize("labels", [{}, {"app.kubernetes.io/managed-by": "berth"}])
def test_an_object_that_somebody_has_changed_is_mended_before_the_pod(berth, namespace, labels):
    hub = berth()
    allowed = hub.pre_spawn("u00003", {}, start="one")
    name = overlay_of(hub.pod("u00003", allowed.body["reservation_id"], POD).body["pod"])
    there = namespace.path("configmaps", name)
    before = namespace.cluster.get(there)
    namespace.cluster.delete(there)
    # Without its labels and open to changes; or Berth's by its label, and with other contents.
    data = {"passwd": "root:x:0:0::/:/bin/sh\n", "group": ""} if labels else before["data"]
    namespace.cluster.create(namespace.path("configmaps"), {"metadata": {"name": name, "labels": labels}, "data": data})
    assert hub.pod("u00003", allowed.body["reservation_id"], POD).status == 200
    after = namespace.cluster.get(there)
    assert (after["data"], after["immutable"]) == (before["data"], True)
    assert after["metadata"]["labels"] == before["metadata"]["labels"]


def test_an_old_object_is_marked_as_needed_so_that_nobody_tidies_it_up_under_a_pod_that_comes(berth, namespace):
    hub = berth()
    allowed = hub.pre_spawn("u00003", {}, start="one")
    name = overlay_of(hub.pod("u00003", allowed.body["reservation_id"], POD).body["pod"])
    there = namespace.path("configmaps", name)

    def marks() -> list[Any]:
        assert hub.pod("u00003", allowed.body["reservation_id"], POD).status == 200
        found = namespace.cluster.get(there)["metadata"]
        return [found["uid"], found["annotations"].get("berth.io/needed-at"), found["resourceVersion"]]

    assert marks()[1] is None, "one that was just made needs no mark"
    namespace.backdate("configmaps", name)
    old = marks()
    assert old[1] is not None
    assert marks() == old, "a mark is not renewed at each question"


def test_without_the_cluster_no_pod_comes_without_names(berth, namespace):
    hub = berth()
    allowed = hub.pre_spawn("u00003", {}, start="one")
    namespace.cluster.order("stop-apiserver")
    try:
        answer = hub.pod("u00003", allowed.body["reservation_id"], POD)
        assert (answer.status, answer.code) == (503, "cluster-no-answer")
    finally:
        namespace.cluster.order("start-apiserver")
    assert hub.pod("u00003", allowed.body["reservation_id"], POD).status == 200


def test_a_shared_object_is_mounted_once_it_has_the_person(berth, namespace, directory):
    namespace.allow({"configmaps": [*VERBS, "list"]})
    hub = berth(objects="shared")
    answer = started(hub, "u00003")
    assert (answer.status, answer.code) == (503, "overlay-behind")
    labels = {"berth.io/object": "overlay-shared", "berth.io/shard": "", "app.kubernetes.io/managed-by": "berth"}
    namespace.cluster.create(namespace.path("configmaps"), {
        "metadata": {"name": "everybody", "labels": labels},
        "data": {"passwd": "u00002:x:20002:20000:::/bin/sh\nu00003:x:20003:20000:::/bin/sh\n", "group": "x:x:1:\n"},
    })
    answer = started(hub, "u00003")
    assert answer.status == 200, answer.body
    assert overlay_of(answer.body["pod"]) == "everybody"

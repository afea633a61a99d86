# SPDX-License-Identifier: Apache-2.0
"""Pods as Zero to JupyterHub configures KubeSpawner to make them (jupyterhub/files/hub/jupyterhub_config.py of the chart),
through a Berth that asks for all that it can; held against every schema of Kubernetes that there is.
"""

from __future__ import annotations

import asyncio
import copy
import json

import kubernetes_validate
import pytest
from conftest import berth_binary
from kube import Start, container
from processes import free_port, start_berth, write_configuration
from tornado import web
from traitlets.config import Config

VERSIONS = ["1.29", "1.31", "1.33", "1.35", kubernetes_validate.latest_version()]

#: Of a person whom the directory knows.
ADA = {"roles": ["staff"], "uid": 20001, "gid": 20000, "gids": [30002, 30001]}

SITE = {
    "identity": {
        "issuers": [
            {
                "issuer": "https://idp.example.org",
                "roles": ["roles"],
                "uid": "uid",
                "gid": "gid",
                "supplemental_groups": "gids",
            }
        ]
    },
    "profiles": [
        {"slug": "free", "display_name": "Free", "default": True, "walltime": "8h"},
        {
            "slug": "strict",
            "display_name": "Strict",
            "walltime": "8h",
            "security": "restricted",
            "token": {"audience": "https://arc.example.org", "file": "/run/berth/token"},
        },
    ],
    "pod": {
        "strict_supplemental_groups": True,
        "lxcfs": {"node_label": "example.org/lxcfs=true", "host_paths_allowed": True},
        "sidecars": {
            "image": "registry.example.org/berth:1",
            "berth_url": "http://berth.jupyter:8090",
            "native": True,
            "walltime_command": ["berth", "walltime"],
            "token_command": ["berth", "token"],
        },
    },
}


def zero_to_jupyterhub(c: Config) -> Config:
    """What the chart sets of its own, and what its `singleuser` can."""
    k = c.KubeSpawner
    k.namespace = "jupyter"
    k.image = "quay.io/jupyterhub/k8s-singleuser-sample:4.2.0"
    k.image_pull_secrets = ["image-pull-secret"]
    k.common_labels = {"app": "jupyterhub", "chart": "jupyterhub-4.2.0", "release": "hub"}
    k.extra_labels = {"hub.jupyter.org/network-access-hub": "true"}
    k.extra_annotations = {"example.org/cost": "42"}
    k.uid, k.fs_gid = 1000, 100
    k.allow_privilege_escalation = False
    k.cpu_guarantee, k.cpu_limit, k.mem_guarantee, k.mem_limit = 0.5, 2, "1G", "2G"
    k.storage_pvc_ensure = True
    k.volumes = [
        {"name": "home", "persistentVolumeClaim": {"claimName": "home-{username}"}},
        {"name": "shm", "emptyDir": {"medium": "Memory"}},
        {"name": "files", "secret": {"secretName": "singleuser", "items": []}},
    ]
    k.volume_mounts = [
        {"name": "home", "mountPath": "/home/jovyan"},
        {"name": "shm", "mountPath": "/dev/shm"},
        {"name": "files", "mountPath": "/etc/jupyter/x.json", "subPath": "x.json"},
    ]
    k.extra_containers = [
        {"name": "proxy", "image": "registry.example.org/proxy:1", "ports": [{"containerPort": 3128}]}
    ]
    k.init_containers = [
        {"name": "first", "image": "registry.example.org/tools:1"},
        {"name": "second", "image": "registry.example.org/tools:1", "command": ["sh", "-c", "true"]},
    ]
    k.tolerations = [
        {"key": "hub.jupyter.org/dedicated", "operator": "Equal", "value": "user", "effect": "NoSchedule"},
        {"key": "hub.jupyter.org_dedicated", "operator": "Equal", "value": "user", "effect": "NoSchedule"},
    ]
    k.node_affinity_preferred = [
        {
            "weight": 100,
            "preference": {
                "matchExpressions": [
                    {"key": "hub.jupyter.org/node-purpose", "operator": "In", "values": ["user"]}
                ]
            },
        }
    ]
    k.scheduler_name = "hub-user-scheduler"
    k.priority_class_name = "hub-default-priority"
    k.extra_pod_config = {"dnsPolicy": "ClusterFirst", "terminationGracePeriodSeconds": 60}
    k.extra_container_config = {"terminationMessagePolicy": "FallbackToLogsOnError"}
    k.lifecycle_hooks = {"preStop": {"exec": {"command": ["true"]}}}
    k.services_enabled = False
    return c


#: `singleuser.cloudMetadata.blockWithIptables: true`, as the chart adds it.
BLOCK_METADATA = {
    "name": "block-cloud-metadata",
    "image": "quay.io/jupyterhub/k8s-network-tools:4.2.0",
    "command": ["iptables", "--append", "OUTPUT", "--protocol", "tcp", "--destination", "169.254.169.254", "--jump", "DROP"],
    "securityContext": {"privileged": True, "runAsUser": 0, "capabilities": {"add": ["NET_ADMIN"]}},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("z2jh")
    (folder / "site.yaml").write_text(json.dumps(SITE))
    port = free_port()
    process = start_berth(
        berth_binary(),
        write_configuration(folder, folder / "site.yaml", port, "z2jh"),
        port,
        folder / "berth.log",
    )
    yield f"http://127.0.0.1:{port}", folder / "z2jh.token"
    process.stop()


@pytest.fixture
def c(site):
    import berth_hub

    c = zero_to_jupyterhub(Config())
    berth_hub.install(c, url=site[0], token_file=str(site[1]))
    return c


def pod_of(c: Config, name: str = "ada", claims: dict = ADA, **options) -> dict:
    async def work():
        start = Start(c, name, claims)
        try:
            return await start.pod(options)
        finally:
            await start.end()
            await start.close()

    return asyncio.run(asyncio.wait_for(work(), 60))


def names(entries: list[dict]) -> list[str]:
    return [entry["name"] for entry in entries]


@pytest.mark.parametrize("profile", ["free", "strict"])
def test_every_schema_takes_the_pod(c, profile):
    pod = pod_of(c, profile=profile)
    for version in VERSIONS:
        # Strict schemas know no field that is newer than they are.
        is_new_enough = version not in ("1.29",)
        kubernetes_validate.validate(copy.deepcopy(pod), version, strict=is_new_enough)


def test_the_hubs_own_parts_stay_in_their_order_and_berths_come_behind(c):
    spec = pod_of(c, profile="strict")["spec"]
    assert names(spec["initContainers"]) == ["first", "second", "berth-token", "berth-walltime"]
    assert names(spec["containers"]) == ["notebook", "proxy"]
    assert names(spec["volumes"])[:3] == ["home", "shm", "files"]
    assert spec["schedulerName"] == "hub-user-scheduler" and spec["dnsPolicy"] == "ClusterFirst"
    assert spec["terminationGracePeriodSeconds"] == 60 and len(spec["tolerations"]) == 2
    assert spec["affinity"]["nodeAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"][0]["weight"] == 100
    assert container({"spec": spec}, "proxy")["ports"] == [{"containerPort": 3128}]


def test_a_known_person_runs_as_themselves_and_nothing_changes_the_group_of_their_home(c):
    pod = pod_of(c, profile="strict")
    security = pod["spec"]["securityContext"]
    assert "fsGroup" not in security and security["supplementalGroupsPolicy"] == "Strict"
    assert (security["runAsUser"], security["runAsGroup"]) == (20001, 20000)
    assert security["supplementalGroups"] == [30001, 30002]
    notebook = container(pod)["securityContext"]
    assert (notebook["runAsUser"], notebook["runAsGroup"]) == (20001, 20000)


def test_somebody_without_ids_keeps_the_charts(c):
    pod = pod_of(c, "ben", {"roles": ["staff"]}, profile="free")
    assert pod["spec"]["securityContext"]["fsGroup"] == 100
    assert container(pod)["securityContext"]["runAsUser"] == 1000


def test_a_restricted_profile_has_every_container_restricted(c):
    spec = pod_of(c, profile="strict")["spec"]
    for each in spec["initContainers"] + spec["containers"]:
        security = each["securityContext"]
        assert security["allowPrivilegeEscalation"] is False and security["runAsNonRoot"] is True, each["name"]
        assert security["capabilities"] == {"drop": ["ALL"]} and "privileged" not in security
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}


def test_blocking_metadata_with_iptables_works_unless_the_profile_is_restricted(c):
    c.KubeSpawner.init_containers = [*c.KubeSpawner.init_containers, BLOCK_METADATA]
    spec = pod_of(c, profile="free")["spec"]
    assert names(spec["initContainers"])[:3] == ["first", "second", "block-cloud-metadata"]
    security = spec["initContainers"][2]["securityContext"]
    assert security == BLOCK_METADATA["securityContext"]
    with pytest.raises(web.HTTPError):
        pod_of(c, profile="strict")


def test_the_charts_pod_says_what_became_of_lxcfs(c):
    pod = pod_of(c, profile="free")
    assert pod["metadata"]["annotations"]["berth.io/lxcfs"] == "mounted"
    c.KubeSpawner.node_selector = {"kubernetes.io/hostname": "n2"}
    pinned = pod_of(c, profile="free")
    assert pinned["metadata"]["annotations"]["berth.io/lxcfs"].startswith("left-out: the pod is pinned to node n2")
    assert "/proc/meminfo" not in json.dumps(pinned["spec"])


@pytest.mark.parametrize("name", ["ada", "Ada Lovelace", "ada@example.org", "é" * 40, "a" * 80, "-", "xn--a", "a--b"])
def test_a_user_of_any_name_gets_a_pod_that_kubernetes_takes(c, name):
    pod = pod_of(c, name, profile="strict")
    kubernetes_validate.validate(pod, kubernetes_validate.latest_version(), strict=True)

# SPDX-License-Identifier: Apache-2.0
"""Cases 09, 10, 13, 19, 20, 21 and 22: what comes back as the pod.

Of these, the admission webhook (09) is in test_admission.py, the namespace's quota (10) and the node that a pod is pinned to
(22c) are in test_pod_cluster.py. Extending a walltime (20) and the token's refresh (21) belong to parts that Berth does not
have yet; what the hub's route shows of each case is tested here.
"""

from __future__ import annotations

import copy
import json

STAFF = {"groups": ["staff"]}


def pod(*containers: dict, **spec: object) -> dict:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "jupyter-user"},
        "spec": {"containers": list(containers), **spec},
    }


def container(name: str = "notebook", **members: object) -> dict:
    return {"name": name, "image": "registry.example.org/cuda:12", **members}


def patch(berth, user: str, manifest: dict, options: dict | None = None, claims: dict | None = None, server: str = ""):
    held = berth.pre_spawn(user, options or {}, claims or STAFF, server=server)
    assert held.status == 200, held.body
    answer = berth.pod(user, held.body["reservation_id"], manifest, server=server)
    assert answer.status == 200, answer.body
    return answer.body


def names(items: list[dict]) -> list[str]:
    return [item["name"] for item in items]


def env(container: dict) -> dict[str, str]:
    variables = container.get("env", [])
    assert len(names(variables)) == len(set(names(variables))), "a variable stands twice"
    return {variable["name"]: variable.get("value") for variable in variables}


SIDECARS = {
    "image": "registry.example.org/berth:0.1",
    "berth_url": "http://berth.jupyter:8080",
    "resources": {"cpu_request": "10m", "memory_request": "32Mi", "cpu_limit": "100m", "memory_limit": "64Mi"},
}
LXCFS = {
    "host_dir": "/var/lib/lxcfs",
    "files": ["proc/cpuinfo", "proc/meminfo", "proc/stat", "proc/uptime", "sys/devices/system/cpu/online"],
    "node_label": "site.example.org/lxcfs",
}


class Case09PatchTwice:
    site = {
        "profiles": [
            {
                "slug": "cpu",
                "display_name": "CPU",
                "walltime": "8h",
                "token": {"audience": "https://arc.example.org", "file": "/run/berth/token"},
            }
        ],
        "pod": {"lxcfs": LXCFS, "sidecars": SIDECARS},
    }
    manifest = pod(container(securityContext={"runAsUser": 10010}))


def test_patching_a_patched_pod_changes_nothing(hub):
    berth = hub(Case09PatchTwice.site)
    held = berth.pre_spawn("user-i1", {}, STAFF).body["reservation_id"]
    once = berth.pod("user-i1", held, Case09PatchTwice.manifest).body["pod"]
    again = berth.pod("user-i1", held, once, query="?as=json-patch").body
    assert again["patch"] == []


def test_a_container_added_later_gets_its_parts_and_nothing_is_repeated(hub):
    berth = hub(Case09PatchTwice.site)
    held = berth.pre_spawn("user-i1", {}, STAFF).body["reservation_id"]
    once = berth.pod("user-i1", held, Case09PatchTwice.manifest).body["pod"]
    grown = copy.deepcopy(once)
    grown["spec"]["containers"].append({"name": "mesh-proxy", "image": "registry.example.org/mesh:1"})
    spec = berth.pod("user-i1", held, grown).body["pod"]["spec"]
    assert spec["containers"][0] == once["spec"]["containers"][0]
    late = spec["containers"][-1]
    assert env(late)["NVIDIA_VISIBLE_DEVICES"] == "void"
    assert "/proc/meminfo" in [mount["mountPath"] for mount in late["volumeMounts"]]


def test_a_marker_from_outside_does_not_make_it_skip_the_pod(hub):
    marked = copy.deepcopy(Case09PatchTwice.manifest)
    marked["metadata"]["annotations"] = {"patched-by-this-service": "true", "berth.io/profile": "cpu"}
    answer = patch(hub(Case09PatchTwice.site), "user-i2", marked)
    assert env(answer["pod"]["spec"]["containers"][0])["NVIDIA_VISIBLE_DEVICES"] == "void"


def test_every_container_that_is_added_carries_requests_and_limits(hub):
    answer = patch(hub(Case09PatchTwice.site), "user-j1", Case09PatchTwice.manifest)
    spec = answer["pod"]["spec"]
    added = [c for c in spec.get("initContainers", []) + spec["containers"] if c["name"] != "notebook"]
    assert len(added) == 2
    for sidecar in added:
        assert sidecar["resources"] == {
            "requests": {"cpu": "10m", "memory": "32Mi"},
            "limits": {"cpu": "100m", "memory": "64Mi"},
        }
    assert "resources" not in spec["containers"][0]


def test_the_totals_count_berths_own_sidecars_as_the_api_server_does(hub):
    berth = hub(Case09PatchTwice.site)
    notebook = container(
        resources={"limits": {"cpu": "4", "memory": "8Gi"}, "requests": {"cpu": "2", "memory": "4Gi"}}
    )
    held = berth.pre_spawn("user-j1", {}, STAFF).body["reservation_id"]
    answer = berth.pod("user-j1", held, pod(notebook), query="?with=totals").body
    assert answer["totals"]["limits"] == {"cpu_millicores": 4200, "memory_bytes": (8192 + 128) << 20}
    assert answer["totals"]["requests"] == {"cpu_millicores": 2020, "memory_bytes": (4096 + 64) << 20}
    assert answer["totals"]["without_limits"] == []
    assert answer["pod"]["spec"]["containers"][0]["resources"] == notebook["resources"]
    assert berth.pod("user-j1", held, pod(notebook), query="?with=total").status == 422


class Case13ZeroGpuSeesNoGpu:
    site = {
        "pools": {"slice": {"mode": "mig", "mig_profile": "1g.10gb", "resource": "nvidia.com/mig-1g.10gb"}},
        "inventory": {
            "nodes": {
                "n1": {
                    "cards": [
                        {
                            "uuid": "GPU-1",
                            "product": "A100",
                            "memory": "80Gi",
                            "mig": [{"ids": ["MIG-1"], "profile": "1g.10gb", "memory": "9728Mi", "pools": ["slice"]}],
                        }
                    ]
                }
            }
        },
        "profiles": [
            {"slug": "cpu", "display_name": "CPU", "default": True},
            {"slug": "slice", "display_name": "Slice", "gpu": {"pool": "slice", "mig_instances": 1}},
        ],
    }


def test_a_cpu_pod_sees_no_gpu_in_any_container(hub):
    manifest = pod(
        container(
            env=[{"name": "NVIDIA_VISIBLE_DEVICES", "value": "all"}, {"name": "A", "value": "1"}],
            resources={
                "limits": {"nvidia.com/gpu": "0", "memory": "4Gi"},
                "requests": {"nvidia.com/gpu": "0"},
            },
        ),
        container("viewer"),
        initContainers=[container("setup")],
    )
    spec = patch(hub(Case13ZeroGpuSeesNoGpu.site), "user-m1", manifest)["pod"]["spec"]
    for each in spec["containers"] + spec["initContainers"]:
        assert env(each)["NVIDIA_VISIBLE_DEVICES"] == "void", each["name"]
    assert env(spec["containers"][0])["A"] == "1"
    resources = spec["containers"][0]["resources"]
    assert resources["limits"] == {"memory": "4Gi"} and "nvidia.com/gpu" not in resources.get("requests", {})


def test_the_gpu_goes_to_exactly_one_container(hub):
    answer = patch(hub(Case13ZeroGpuSeesNoGpu.site), "user-m2", pod(container(), container("viewer")), {"profile": "slice"})
    notebook, viewer = answer["pod"]["spec"]["containers"]
    key = "nvidia.com/mig-1g.10gb"
    assert str(notebook["resources"]["limits"][key]) == str(notebook["resources"]["requests"][key]) == "1"
    assert "NVIDIA_VISIBLE_DEVICES" not in env(notebook)
    assert env(viewer)["NVIDIA_VISIBLE_DEVICES"] == "void" and "resources" not in viewer


class Case19Groups:
    site = {
        "identity": {
            "issuers": [
                {
                    "issuer": "https://idp.example.org",
                    "groups": ["groups"],
                    "uid": "uidNumber",
                    "gid": "gidNumber",
                    "supplemental_groups": "gidNumbers",
                }
            ]
        },
        "profiles": [{"slug": "cpu", "display_name": "CPU"}],
        "pod": {"strict_supplemental_groups": True},
    }
    claims = {"groups": ["staff"], "uidNumber": 10010, "gidNumber": 20000, "gidNumbers": [30002, 20000, 30001, 30002, 30003]}


def test_the_pod_runs_as_the_user_and_their_groups(hub):
    manifest = pod(
        container(),
        securityContext={"fsGroup": 100, "supplementalGroups": [100]},
        initContainers=[container("as-root", securityContext={"runAsUser": 0})],
    )
    spec = patch(hub(Case19Groups.site), "user-s1", manifest, claims=Case19Groups.claims)["pod"]["spec"]
    notebook = spec["containers"][0]["securityContext"]
    assert (notebook["runAsUser"], notebook["runAsGroup"]) == (10010, 20000)
    assert spec["securityContext"]["supplementalGroups"] == [30001, 30002, 30003]
    assert spec["securityContext"]["supplementalGroupsPolicy"] == "Strict"
    assert "fsGroup" not in spec["securityContext"]
    assert spec["initContainers"][0]["securityContext"]["runAsUser"] == 0


def test_a_user_id_of_root_or_out_of_range_is_refused_and_not_run_as_somebody_else(hub):
    berth = hub(Case19Groups.site)
    for uid in (0, -1, 2**31, "root", 4294967295):
        answer = berth.pre_spawn("user-s1", {}, Case19Groups.claims | {"uidNumber": uid})
        assert (answer.status, answer.code) == (422, "claims-invalid"), (uid, answer.body)


class Case20WalltimePerResource:
    site = {
        "pools": {"whole": {"mode": "whole", "resource": "nvidia.com/gpu"}},
        "inventory": {
            "nodes": {
                "n1": {
                    "cards": [
                        {"uuid": f"GPU-{n}", "product": "A100", "memory": "80Gi", "pools": ["whole"]} for n in range(3)
                    ]
                }
            }
        },
        "rules": [{"when": {"group": "workshop"}, "set": {"walltime": {"$min": "4h"}}}],
        "profiles": [
            {"slug": "gpu", "display_name": "GPU", "gpu": {"pool": "whole", "cards": 1}, "walltime": "8h"},
            {"slug": "cpu", "display_name": "CPU", "walltime": "7d"},
        ],
        "pod": {"sidecars": SIDECARS},
    }
    manifest = pod(container(), restartPolicy="OnFailure", terminationGracePeriodSeconds=600)


def test_the_walltime_is_the_shortest_that_applies_to_this_server(hub):
    berth = hub(Case20WalltimePerResource.site)
    asked = [
        ("user-t1", "", "gpu", ["staff"], 8 * 3600),
        ("user-t1", "second", "cpu", ["staff"], 7 * 86_400),
        ("user-t2", "", "gpu", ["staff", "workshop"], 4 * 3600),
    ]
    for user, server, profile, groups, seconds in asked:
        answer = berth.pre_spawn(user, {"profile": profile}, {"groups": groups}, server=server)
        assert answer.body["walltime_s"] == seconds
        assert answer.body["environment"]["BERTH_WALLTIME_S"] == str(seconds)


def test_the_deadline_of_the_pod_comes_after_the_polite_end(hub):
    answer = patch(hub(Case20WalltimePerResource.site), "user-t1", Case20WalltimePerResource.manifest, {"profile": "gpu"})
    spec = answer["pod"]["spec"]
    assert spec["activeDeadlineSeconds"] > 8 * 3600
    assert spec["terminationGracePeriodSeconds"] == 600 and spec["restartPolicy"] == "OnFailure"
    assert answer["pod"]["metadata"]["annotations"]["berth.io/walltime-s"] == str(8 * 3600)


def test_no_token_stands_in_the_manifest_and_only_the_server_shares_its_volume(hub):
    answer = patch(hub(Case09PatchTwice.site), "user-u2", pod(container(), container("viewer")))
    spec = answer["pod"]["spec"]
    notebook, viewer = spec["containers"][:2]
    assert env(notebook)["BEARER_TOKEN_FILE"] == "/run/berth/token"
    volumes = {v["name"] for v in spec["volumes"] if v.get("emptyDir", {}).get("medium") == "Memory"}
    assert volumes == {"berth-token", "berth-walltime"}
    assert volumes <= set(names(notebook["volumeMounts"]))
    assert not volumes & set(names(viewer["volumeMounts"]))


def test_tokens_of_the_user_reach_no_log_and_no_answer(hub):
    berth = hub(Case09PatchTwice.site)
    secrets = {name: f"SYNTHETIC-{name}" for name in ("access_token", "refresh_token", "id_token")}
    body = berth.person("user-u1", "", STAFF, False) | {"options": {}}
    body["server"]["start"] = "s1"
    body["auth_state"] |= secrets
    answer = berth.berth.ask("/v1/hub/pre-spawn", body)
    assert answer.status == 200
    assert "SYNTHETIC-" not in json.dumps(answer.body) and "SYNTHETIC-" not in berth.berth.log


class Case22Lxcfs:
    site = {"profiles": [{"slug": "cpu", "display_name": "CPU"}], "pod": {"lxcfs": LXCFS}}
    manifest = pod(
        container(volumeMounts=[{"name": "own", "mountPath": "/proc/meminfo"}]),
        initContainers=[container("setup")],
        volumes=[{"name": "own", "emptyDir": {}}],
    )


def test_lxcfs_files_are_mounted_once_in_every_container_and_never_made_on_the_host(hub):
    answer = patch(hub(Case22Lxcfs.site), "user-v1", Case22Lxcfs.manifest)
    spec = answer["pod"]["spec"]
    hosts = [v["hostPath"] for v in spec["volumes"] if "hostPath" in v]
    assert len(hosts) == len(LXCFS["files"]) and all(host["type"] == "File" for host in hosts)
    assert len(names(spec["volumes"])) == len(set(names(spec["volumes"])))
    for each in spec["containers"] + spec["initContainers"]:
        mounts = {mount["mountPath"]: mount for mount in each["volumeMounts"]}
        assert len(mounts) == len(each["volumeMounts"]) == len(LXCFS["files"])
        for path, mount in mounts.items():
            if mount["name"] != "own":
                assert mount["readOnly"] is True and mount["mountPropagation"] == "HostToContainer", path
    assert spec["containers"][0]["volumeMounts"][0] == {"name": "own", "mountPath": "/proc/meminfo"}
    terms = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert all("site.example.org/lxcfs" in [e["key"] for e in term["matchExpressions"]] for term in terms)
    assert any("/proc/meminfo" in line for line in answer["corrected"] + answer["warnings"])

# SPDX-License-Identifier: Apache-2.0
"""Cases 07, 15 and 16: what a reservation holds, for how long, and what it leaves behind."""

from __future__ import annotations

import time

STAFF = {"groups": ["staff"]}


def cards(count: int, *pools: str, memory: str = "81559Mi") -> dict:
    card = {"product": "A100", "memory": memory, "pools": list(pools)}
    return {"nodes": {"n1": {"cards": [card | {"uuid": f"GPU-{n}"} for n in range(count)]}}}


class Case07StateBleedsGpuToCpu:
    toleration = {"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}
    site = {
        "pools": {
            "whole": {
                "mode": "whole",
                "resource": "nvidia.com/gpu",
                "node_selector": {"pool": "gpu"},
                "tolerations": [toleration],
            }
        },
        "inventory": cards(2, "whole"),
        "base": {"node_selector": {"pool": "user"}, "tolerations": [], "environment": {}, "mem_limit": None},
        "pod": {"node_selector": {"pool": "user"}, "gpu_environment": ["CUDA_CACHE"]},
        "profiles": [
            {
                "slug": "gpu",
                "display_name": "GPU",
                "gpu": {"pool": "whole", "cards": 1},
                "kubespawner_override": {
                    "node_selector": {"pool": "gpu"},
                    "tolerations": [toleration],
                    "environment": {"CUDA_CACHE": "/scratch/cuda"},
                    "mem_limit": None,
                    "image": "registry.example.org/cuda:3",
                },
            },
            {
                "slug": "cpu",
                "display_name": "CPU",
                "default": True,
                "kubespawner_override": {"mem_limit": "4G", "image": "registry.example.org/base:3"},
            },
        ],
    }
    leftovers = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "jupyter-user-g1"},
        "spec": {
            "nodeSelector": {"pool": "gpu"},
            "tolerations": [toleration],
            "containers": [
                {
                    "name": "notebook",
                    "image": "registry.example.org/base:3",
                    "env": [{"name": "CUDA_CACHE", "value": "/scratch/cuda"}],
                    "resources": {
                        "limits": {"nvidia.com/gpu": "1", "memory": "4G"},
                        "requests": {"nvidia.com/gpu": "1", "memory": "2G"},
                    },
                }
            ],
        },
    }


def test_a_cpu_start_after_a_gpu_start_is_clean(hub):
    berth = hub(Case07StateBleedsGpuToCpu.site)
    assert berth.pre_spawn("user-g1", {"profile": "gpu"}, STAFF, start="first").status == 200
    assert berth.free("whole") == 1
    assert berth.post_stop("user-g1", "first").body["outcome"] == "released"
    assert berth.free("whole") == 2

    cpu = berth.pre_spawn("user-g1", {"profile": "cpu"}, STAFF).body
    assert cpu["overrides"] == {
        "node_selector": {"pool": "user"},
        "tolerations": [],
        "environment": {},
        "mem_limit": "4G",
        "image": "registry.example.org/base:3",
    }
    assert cpu["reservation"]["gpu"] is None and berth.free("whole") == 2

    answer = berth.pod("user-g1", cpu["reservation_id"], Case07StateBleedsGpuToCpu.leftovers).body
    spec = answer["pod"]["spec"]
    notebook = spec["containers"][0]
    assert notebook["resources"] == {"limits": {"memory": "4G"}, "requests": {"memory": "2G"}}
    assert spec["nodeSelector"] == {"pool": "user"} and not spec.get("tolerations")
    assert "CUDA_CACHE" not in [variable["name"] for variable in notebook["env"]]
    assert any("nvidia.com/gpu" in line for line in answer["corrected"])


def test_one_users_choice_does_not_change_the_next_users_answer(hub):
    berth = hub(Case07StateBleedsGpuToCpu.site)
    before = berth.pre_spawn("user-g2", {"profile": "cpu"}, STAFF).body["overrides"]
    berth.pre_spawn("user-g1", {"profile": "gpu"}, STAFF)
    assert berth.pre_spawn("user-g3", {"profile": "cpu"}, STAFF).body["overrides"] == before


class Case15MemoryShareWithoutSize:
    """Two cards of 81559 MiB; 40960 MiB of one and 61440 MiB of the other are taken by two fillers."""

    shares = [
        {"id": "own", "display_name": "Share", "pool": "share", "size": {"unit": "GiB", "min": 2, "max": 40, "step": 2}}
    ]
    fillers = [
        {"id": f"fill-{mib}", "display_name": f"{mib}", "pool": "share", "request": f"{mib}Mi", "limit": f"{mib}Mi"}
        for mib in (40960, 61440)
    ]
    site = {
        "pools": {
            "share": {
                "mode": "shared",
                "resource": "gpu.example.org/memory-mib",
                "unit": "1Mi",
                "overcommit_percent": 100,
                "sharers_max": 16,
            }
        },
        "inventory": cards(2, "share"),
        "profiles": [
            {"slug": "share", "display_name": "Share", "gpu": {"choices": shares}},
            {"slug": "filler", "display_name": "Filler", "gpu": {"choices": fillers}},
        ],
    }

    @classmethod
    def filled(cls, hub):
        """61440 first: it needs a card of its own, so that 40960 lands on the other."""
        berth = hub(cls.site)
        for mib in (61440, 40960):
            filler = berth.pre_spawn(f"filler-{mib}", {"profile": "filler", "gpu": f"fill-{mib}"}, STAFF)
            assert filler.status == 200, filler.body
        return berth


def test_a_share_without_a_size_never_means_the_whole_card(hub):
    berth = Case15MemoryShareWithoutSize.filled(hub)
    for size, code in ((None, "size-missing"), ("0", "size-out-of-range"), ("20GB", "size-format"), ("1e1", "size-format")):
        options = {"profile": "share"} | ({} if size is None else {"gpu-size": size})
        answer = berth.pre_spawn("user-o1", options, STAFF)
        assert (answer.status, answer.code) == (422, code), answer.body


def test_a_share_lives_on_one_card_and_is_counted_in_mib(hub):
    berth = Case15MemoryShareWithoutSize.filled(hub)
    fits = berth.pre_spawn("user-o1", {"profile": "share", "gpu-size": "20"}, STAFF)
    assert fits.status == 200
    assert fits.body["reservation"]["gpu"]["request_mib"] == 20480
    filler = berth.pre_spawn("filler-40960", {"profile": "filler", "gpu": "fill-40960"}, STAFF, start="start-2")
    assert fits.body["reservation"]["placement"][0]["device"] == filler.body["reservation"]["placement"][0]["device"]

    for user, size in (("user-o2", "38"), ("user-o3", "20")):
        answer = berth.pre_spawn(user, {"profile": "share", "gpu-size": size}, STAFF)
        assert (answer.status, answer.code) == (409, "gpu-unavailable")
        assert "18 GiB" in answer.body["user_message"] or "19 GiB" in answer.body["user_message"]
    assert berth.pre_spawn("user-o4", {"profile": "share", "gpu-size": "18"}, STAFF).status == 200


class Case16MissedPostStop:
    site = {
        "pools": {"whole": {"mode": "whole", "resource": "nvidia.com/gpu"}},
        "inventory": cards(5, "whole"),
        "deployments": {
            "prod": {"hook_token_file": "secrets/prod.token", "trust": "auth_state", "start_timeout": "2s"}
        },
        "profiles": [{"slug": "gpu", "display_name": "GPU", "gpu": {"pool": "whole", "cards": 1}}],
    }
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "notebook", "image": "registry.example.org/base:1"}]},
    }


def _wait_for_free(berth, pool: str, count: int) -> None:
    for _ in range(100):
        if berth.free(pool) == count:
            return
        time.sleep(0.1)
    raise AssertionError(f"{berth.free(pool)} free, not {count}")


def test_a_hold_that_no_pod_uses_lapses_and_a_used_one_stays(hub):
    berth = hub(Case16MissedPostStop.site)
    berth.pre_spawn("user-p1", {"profile": "gpu"}, STAFF)
    used = berth.pre_spawn("user-p4", {"profile": "gpu"}, STAFF).body
    assert berth.pod("user-p4", used["reservation_id"], Case16MissedPostStop.pod).status == 200
    assert berth.free("whole") == 3
    _wait_for_free(berth, "whole", 4)


def test_one_server_asked_for_twice_holds_one_card(hub):
    berth = hub(Case16MissedPostStop.site)
    first = berth.pre_spawn("user-p5", {"profile": "gpu"}, STAFF, start="generation-1")
    again = berth.pre_spawn("user-p5", {"profile": "gpu"}, STAFF, start="generation-1")
    assert again.body["reservation_id"] == first.body["reservation_id"] and berth.free("whole") == 4
    berth.pre_spawn("user-p5", {"profile": "gpu"}, STAFF, start="generation-2")
    assert berth.free("whole") == 4


def test_a_stop_told_twice_or_of_an_unknown_server_is_no_error(hub):
    berth = hub(Case16MissedPostStop.site)
    berth.pre_spawn("user-p2", {"profile": "gpu"}, STAFF, start="s")
    outcomes = [berth.post_stop("user-p2", "s"), berth.post_stop("user-p2", "s"), berth.post_stop("user-p9", "x")]
    assert [answer.status for answer in outcomes] == [200, 200, 200]
    assert [answer.body["outcome"] for answer in outcomes] == ["released", "already-ended", "nothing-held"]
    assert berth.free("whole") == 5


def test_a_late_stop_of_an_earlier_start_does_not_free_the_running_one(hub):
    berth = hub(Case16MissedPostStop.site)
    berth.pre_spawn("user-p5", {"profile": "gpu"}, STAFF, start="generation-1")
    berth.pre_spawn("user-p5", {"profile": "gpu"}, STAFF, start="generation-2")
    assert berth.post_stop("user-p5", "generation-1").body["outcome"] == "already-ended"
    assert berth.free("whole") == 4


def test_a_restart_of_the_service_keeps_what_is_held(hub):
    berth = hub(Case16MissedPostStop.site)
    for user in ("user-p3", "user-p4"):
        held = berth.pre_spawn(user, {"profile": "gpu"}, STAFF).body
        berth.pod(user, held["reservation_id"], Case16MissedPostStop.pod)
    assert berth.berth.stop() == 0
    berth.berth.start()
    assert berth.free("whole") == 3

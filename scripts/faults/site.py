# SPDX-License-Identifier: Apache-2.0
"""What is asked for: a little of every kind of capacity, less than the hubs want at once, and an object in the cluster."""

import json

NAMESPACE = "jupyter"
PROFILES = ["cpu", "card", "slice", "share", "object"]
CARDS, SPLIT_CARDS, SHARED_CARDS = 12, 2, 2
CARD_MIB, SHARE_MIB = 81_920, 10 * 1024


def configuration(ledger: dict, kubeconfig: str) -> str:
    settings = {
        "listen": "127.0.0.1:PORT",
        "ledger": ledger,
        "deployments": {
            "lab": {"hook_token_file": "FOLDER/hub.token", "start_timeout": "10m", "namespace": NAMESPACE}
        },
        "kubernetes": {"kubeconfig": kubeconfig},
        "pools": {
            "whole": {"mode": "whole", "resource": "nvidia.com/gpu"},
            "slices": {"mode": "mig", "mig_profile": "1g.10gb"},
            "shared": {"mode": "shared", "resource": "mortalgpu/a100", "unit": "1Gi", "overcommit_percent": 100},
        },
        "inventory": {"nodes": {f"gpu-{node}": {"cards": cards()[node::4]} for node in range(4)}},
        "profiles": [{"slug": slug, "display_name": slug} | offer(slug) for slug in PROFILES],
        "rules": [{"name": "settings", "when": {"profile": "object"}, "set": {"objects": {"settings": SETTINGS}}}],
    }
    return json.dumps(settings, indent=2)  # JSON is YAML


SETTINGS = {"manifest": {"apiVersion": "v1", "kind": "ConfigMap", "data": {"for": "this session"}}}


def offer(slug: str) -> dict:
    gpu = {
        "card": {"pool": "whole", "cards": 1},
        "slice": {"pool": "slices", "mig_instances": 1},
        "share": {"pool": "shared", "request": f"{SHARE_MIB}Mi"},
    }
    return {"gpu": gpu[slug]} if slug in gpu else {}


def cards() -> list[dict]:
    slices = [{"profile": "1g.10gb", "memory": "9728Mi", "pools": ["slices"], "count": 7}]
    whole = [card(f"GPU-whole-{number:02}", pools=["whole"]) for number in range(CARDS)]
    split = [card(f"GPU-split-{number:02}", mig=slices) for number in range(SPLIT_CARDS)]
    shared = [card(f"GPU-shared-{number:02}", pools=["shared"]) for number in range(SHARED_CARDS)]
    return whole + split + shared


def card(uuid: str, **use) -> dict:
    return {"uuid": uuid, "product": "NVIDIA A100 80GB PCIe", "memory": f"{CARD_MIB}Mi", **use}


def fits(profile: str, holders: int) -> bool:
    """Whether so many sessions of the profile may be on one device."""
    return holders <= (CARD_MIB // SHARE_MIB if profile == "share" else 1)

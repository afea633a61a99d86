# SPDX-License-Identifier: Apache-2.0
"""The same patches as Berth makes under `benches/http-append.yaml` and `benches/http-full.yaml`, written for FastAPI by
hand: the raw body, orjson in, orjson out, no models.

The benchmark stops when the pod that comes back is not the one that Berth gives. It still does less: it checks no
token, no limit, no conflict and no policy, keeps no reservation and writes no log, and its amounts stand in the code.

The environment variable SEAL_KEY_FILE names the file with the key that Berth seals pods with.
"""

import hmac
import os
from pathlib import Path

import orjson
from fastapi import FastAPI, Request, Response

app = FastAPI()

VOID = {"name": "NVIDIA_VISIBLE_DEVICES", "value": "void"}
FILES = [f"proc/{name}" for name in "cpuinfo diskstats loadavg meminfo slabinfo stat swaps uptime".split()]
FILES.append("sys/devices/system/cpu/online")
LXCFS_VOLUMES = [
    {
        "name": "berth-lxcfs-" + path.replace("/", "-"),
        "hostPath": {"path": f"/var/lib/lxcfs/{path}", "type": "File"},
    }
    for path in FILES
]
LXCFS_MOUNTS = [
    {
        "name": "berth-lxcfs-" + path.replace("/", "-"),
        "mountPath": f"/{path}",
        "readOnly": True,
        "mountPropagation": "HostToContainer",
    }
    for path in FILES
]
SECCOMP = {"type": "RuntimeDefault"}
NO_CAPABILITIES = {"drop": ["ALL"]}
SIDECAR_SECURITY = {
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "seccompProfile": SECCOMP,
    "allowPrivilegeEscalation": False,
    "capabilities": NO_CAPABILITIES,
}
GPU = ("a100-shared", "mortalgpu/a100", "10", "20480")
AMOUNT = "request=10240Mi,limit=20480Mi"
WALLTIME = {"name": "BERTH_WALLTIME_S", "value": "28800"}
NOTICES = "/run/berth-walltime"
NOTICE_VARIABLES = [
    {"name": "JUPYTER_PATH", "value": f"{NOTICES}/jupyter"},
    {"name": "MAILPATH", "value": f"{NOTICES}/notice.txt?`cat {NOTICES}/notice.txt`"},
    {"name": "MAILCHECK", "value": "10"},
    {"name": "BERTH_WALLTIME_SOCKET", "value": f"{NOTICES}/socket"},
]
NOTICE_VOLUME = {"name": "berth-walltime", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}}
SEAL_KEY = Path(os.environ["SEAL_KEY_FILE"]).read_text().strip().encode()
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@app.post("/append")
async def append(request: Request) -> Response:
    asked = orjson.loads(await request.body())
    append_sidecar(asked["pod"], asked["reservation_id"])
    return answer(asked["pod"])


@app.post("/full")
async def full(request: Request) -> Response:
    asked = orjson.loads(await request.body())
    patch_fully(asked["pod"], asked["reservation_id"], asked["user"]["name"], asked["server"]["name"])
    return answer(asked["pod"])


def answer(pod: dict) -> Response:
    return Response(orjson.dumps({"pod": pod, "corrected": [], "warnings": []}), media_type="application/json")


def append_sidecar(pod: dict, reservation_id: str) -> None:
    spec = pod["spec"]
    label(pod["metadata"], reservation_id, "cpu")
    spec["containers"].append(sidecar(reservation_id))
    show_notices(spec["containers"][0])
    for container in spec["containers"]:
        hide_gpus(container)
    spec["containers"][0]["env"].append(WALLTIME)
    spec.setdefault("volumes", []).extend([credential(reservation_id), NOTICE_VOLUME])
    spec["activeDeadlineSeconds"] = 29100


def patch_fully(pod: dict, reservation_id: str, user: str, server: str) -> None:
    spec = pod["spec"]
    metadata = pod["metadata"]
    label(metadata, reservation_id, "gpu")
    metadata["labels"]["example.org/site"] = "bench"
    metadata["annotations"].update(
        {
            "berth.io/gpu-pool": "a100-shared",
            "berth.io/gpu-amount": AMOUNT,
            "berth.io/gpu-placement": "gpu-1/GPU-5f0c7a1e-0f6a-4a43-9f42-7d6a3d1b0001=10",
            "berth.io/seal": seal("berth.io/seal 1", reservation_id, metadata["name"], *GPU),
            "berth.io/owner-seal": seal(
                "berth.io/owner-seal 1", reservation_id, metadata["name"], user, server, GPU[0], AMOUNT, WALLTIME["value"]
            ),
            "berth.io/lxcfs": "mounted",
        }
    )
    server, *others = spec["containers"]
    show_notices(server)
    serve(server)
    for container in spec["containers"]:
        restrict(container)
    spec["containers"].append(sidecar(reservation_id))
    for container in [*others, spec["containers"][-1]]:
        hide_gpus(container)
    for container in spec["containers"]:
        container.setdefault("volumeMounts", []).extend(LXCFS_MOUNTS)
    place(spec, reservation_id)


def label(metadata: dict, reservation_id: str, profile: str) -> None:
    metadata.setdefault("annotations", {}).update(
        {
            "berth.io/reservation-id": reservation_id,
            "berth.io/profile": profile,
            "berth.io/walltime-s": "28800",
        }
    )
    metadata.setdefault("labels", {}).update({"berth.io/reservation-id": reservation_id, "berth.io/profile": profile})


def seal(kind: str, reservation_id: str, pod: str, *more: str) -> str:
    """HMAC-SHA256 over what the pod is and holds, each text behind its length in eight bytes."""
    texts = [text.encode() for text in (kind, reservation_id, "bench", "jupyter", pod, *more)]
    facts = b"".join([len(text).to_bytes(8, "big") + text for text in texts])
    return hmac.digest(SEAL_KEY, facts, "sha256").hex()


def serve(server: dict) -> None:
    """The container that the server runs in: GPU, variables, scratch."""
    resources = server.setdefault("resources", {})
    for kind in ("limits", "requests"):
        resources.setdefault(kind, {})["mortalgpu/a100"] = "10"
    env = server.setdefault("env", [])
    threads = str(max(1, int(float(resources["limits"]["cpu"]))))
    added = {"JUPYTER_SITE": "bench", WALLTIME["name"]: WALLTIME["value"]} | {name: threads for name in THREADS}
    there = {variable["name"] for variable in env}
    env.extend({"name": name, "value": value} for name, value in added.items() if name not in there)
    server.setdefault("volumeMounts", []).append({"name": "scratch", "mountPath": "/scratch"})


def show_notices(server: dict) -> None:
    """Where the server's user finds what the sidecar says of the walltime."""
    server.setdefault("env", []).extend(NOTICE_VARIABLES)
    mount = {"name": NOTICE_VOLUME["name"], "mountPath": NOTICES, "readOnly": True}
    server.setdefault("volumeMounts", []).append(mount)


def hide_gpus(container: dict) -> None:
    env = [variable for variable in container.get("env", []) if variable["name"] != VOID["name"]]
    container["env"] = [*env, VOID]


def restrict(container: dict) -> None:
    context = container.setdefault("securityContext", {})
    context.update({"runAsNonRoot": True, "allowPrivilegeEscalation": False, "capabilities": NO_CAPABILITIES})
    context.setdefault("seccompProfile", SECCOMP)


def sidecar(reservation_id: str) -> dict:
    return {
        "name": "berth-walltime",
        "image": "registry.example.org/berth:1",
        "command": ["berth", "walltime"],
        "resources": {
            "requests": {"cpu": "10m", "memory": "32Mi"},
            "limits": {"cpu": "100m", "memory": "64Mi"},
        },
        "securityContext": SIDECAR_SECURITY,
        "env": [
            {"name": "BERTH_URL", "value": "http://berth.jupyter:8080"},
            {"name": "BERTH_RESERVATION_ID", "value": reservation_id},
            {"name": "BERTH_CREDENTIAL_FILE", "value": "/etc/berth/credential/token"},
            WALLTIME,
            {"name": "BERTH_NOTICE_DIR", "value": NOTICES},
        ],
        "volumeMounts": [
            {"name": "berth-credential", "mountPath": "/etc/berth/credential", "readOnly": True},
            {"name": NOTICE_VOLUME["name"], "mountPath": NOTICES},
        ],
    }


def credential(reservation_id: str) -> dict:
    """The volume with what the sidecar shows to Berth."""
    secret = {"secretName": f"berth-{reservation_id}", "items": [{"key": "token", "path": "token"}]}
    return {"name": "berth-credential", "secret": secret}


def place(spec: dict, reservation_id: str) -> None:
    """What concerns the pod as a whole."""
    spec.setdefault("volumes", []).extend(
        [
            credential(reservation_id),
            NOTICE_VOLUME,
            {"name": "scratch", "emptyDir": {"sizeLimit": "10Gi"}},
            *LXCFS_VOLUMES,
        ]
    )
    spec.setdefault("securityContext", {}).update({"runAsNonRoot": True, "seccompProfile": SECCOMP})
    spec.setdefault("nodeSelector", {})["gpu"] = "a100"
    spec.setdefault("tolerations", []).append({"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"})
    spec["runtimeClassName"] = "nvidia"
    spec["activeDeadlineSeconds"] = 29100

# SPDX-License-Identifier: Apache-2.0
"""The same patch as Berth makes under `benches/http.yaml`, written for FastAPI by hand: the raw body, orjson in, orjson
out, no models.

The benchmark stops when the pod that comes back is not the one that Berth gives. It still does less: it checks no
token, no limit, no conflict and no policy, keeps no reservation and writes no log, and its amounts stand in the code.
"""

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
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@app.post("/v1/hub/pod")
async def pod(request: Request) -> Response:
    asked = orjson.loads(await request.body())
    pod = asked["pod"]
    patch(pod, asked["reservation_id"])
    answer = {"pod": pod, "corrected": [], "warnings": []}
    return Response(orjson.dumps(answer), media_type="application/json")


def patch(pod: dict, reservation_id: str) -> None:
    spec = pod["spec"]
    label(pod["metadata"], reservation_id)
    spec["containers"].append(sidecar(reservation_id))
    server, *others = spec["containers"]
    serve(server)
    for container in others:
        hide_gpus(container)
    for container in spec["containers"]:
        restrict(container)
        container.setdefault("volumeMounts", []).extend(LXCFS_MOUNTS)
    place(spec, reservation_id)


def label(metadata: dict, reservation_id: str) -> None:
    metadata.setdefault("annotations", {}).update(
        {
            "berth.io/reservation-id": reservation_id,
            "berth.io/profile": "gpu",
            "berth.io/walltime-s": "28800",
            "berth.io/gpu-pool": "a100-shared",
            "berth.io/gpu-amount": "request=10240Mi,limit=20480Mi",
            "berth.io/gpu-placement": "gpu-1/GPU-5f0c7a1e-0f6a-4a43-9f42-7d6a3d1b0001=10",
        }
    )
    metadata.setdefault("labels", {}).update(
        {"example.org/site": "bench", "berth.io/reservation-id": reservation_id, "berth.io/profile": "gpu"}
    )


def serve(server: dict) -> None:
    """The container that the server runs in: GPU, variables, scratch."""
    resources = server.setdefault("resources", {})
    for kind in ("limits", "requests"):
        resources.setdefault(kind, {})["mortalgpu/a100"] = "10"
    env = server.setdefault("env", [])
    threads = str(max(1, int(float(resources["limits"]["cpu"]))))
    added = {"JUPYTER_SITE": "bench", "BERTH_WALLTIME_S": "28800"} | {name: threads for name in THREADS}
    there = {variable["name"] for variable in env}
    env.extend({"name": name, "value": value} for name, value in added.items() if name not in there)
    server.setdefault("volumeMounts", []).append({"name": "scratch", "mountPath": "/scratch"})


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
        "securityContext": {"readOnlyRootFilesystem": True},
        "env": [
            {"name": "BERTH_URL", "value": "http://berth.jupyter:8080"},
            {"name": "BERTH_RESERVATION_ID", "value": reservation_id},
            {"name": "BERTH_CREDENTIAL_FILE", "value": "/etc/berth/credential/token"},
            {"name": "BERTH_WALLTIME_S", "value": "28800"},
        ],
        "volumeMounts": [{"name": "berth-credential", "mountPath": "/etc/berth/credential", "readOnly": True}],
    }


def place(spec: dict, reservation_id: str) -> None:
    """What concerns the pod as a whole."""
    credential = {
        "secretName": f"berth-{reservation_id}",
        "items": [{"key": "token", "path": "token"}],
    }
    spec.setdefault("volumes", []).extend(
        [
            {"name": "berth-credential", "secret": credential},
            {"name": "scratch", "emptyDir": {"sizeLimit": "10Gi"}},
            *LXCFS_VOLUMES,
        ]
    )
    spec.setdefault("securityContext", {}).update({"runAsNonRoot": True, "seccompProfile": SECCOMP})
    spec.setdefault("nodeSelector", {})["gpu"] = "a100"
    spec.setdefault("tolerations", []).append({"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"})
    spec["runtimeClassName"] = "nvidia"
    spec["activeDeadlineSeconds"] = 29100

# SPDX-License-Identifier: Apache-2.0
"""A container of a pod as runc takes it: a folder with config.json, by the OCI runtime specification.

The pod's security context is taken at its word: ids, supplemental groups, privilege escalation, capabilities. Two
things are not as on a node: the network is the machine's own, and `RuntimeDefault` seccomp filters nothing.
"""

import json

from node import image
from node.quantity import quantity

#: What a container runtime leaves to root where nothing is dropped.
CAPABILITIES = [
    "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
    "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
]
MASKED = ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/sched_debug",
          "/proc/scsi", "/sys/firmware"]
READ_ONLY = ["/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
PERIOD_US = 100_000


class Misfit(Exception):
    """The container cannot be made as the pod asks for it, now or ever."""


def write(folder, pod, container, environment, mounts, node):
    """`mounts` are the container's own, of its volumes; `environment` is a list of `NAME=value`."""
    root = folder / "rootfs"
    shared = image.shared(node.python, node.shares)
    image.unpack(root)
    (folder / "config.json").write_text(json.dumps({
        "ociVersion": "1.0.2",
        "hostname": pod["spec"].get("hostname") or pod["metadata"]["name"][:63],
        "root": {"path": "rootfs", "readonly": bool(security(container).get("readOnlyRootFilesystem"))},
        "process": process(pod, container, environment),
        "mounts": [*SYSTEM, *shared, *sorted(mounts, key=lambda mount: mount["destination"].count("/"))],
        "linux": {
            "namespaces": [{"type": name} for name in ("pid", "ipc", "uts", "mount")],
            "resources": resources(container), "cgroupsPath": f"/{folder.name}",
            "maskedPaths": MASKED, "readonlyPaths": READ_ONLY,
        },
    }))


SYSTEM = [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=64m"]},
    {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
     "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
    {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "mode=1777"]},
    {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid", "noexec", "nodev"]},
    {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]},
]


def process(pod, container, environment):
    words = [*(container.get("command") or []), *(container.get("args") or [])]
    if not words:
        raise Misfit("the tests' image has no command of its own: give the container one")
    own = security(container)
    capabilities = kept_capabilities(own)
    return {
        "args": words, "env": environment, "cwd": container.get("workingDir") or "/", "user": user(pod, container),
        "noNewPrivileges": own.get("allowPrivilegeEscalation") is False,
        "capabilities": {kind: capabilities for kind in ("bounding", "permitted", "effective")},
    }


def security(container):
    return container.get("securityContext") or {}


def user(pod, container):
    context = {**(pod["spec"].get("securityContext") or {}), **security(container)}
    uid = context.get("runAsUser") or 0
    if context.get("runAsNonRoot") and uid == 0:
        raise Misfit("container has runAsNonRoot and image will run as root")
    groups = [*(context.get("supplementalGroups") or [])]
    if "fsGroup" in context:
        groups.append(context["fsGroup"])
    return {"uid": uid, "gid": context.get("runAsGroup") or 0, "additionalGids": groups}


def kept_capabilities(context):
    if context.get("privileged"):
        raise Misfit("the tests' node runs no privileged containers")
    asked = context.get("capabilities") or {}
    dropped = set(asked.get("drop") or [])
    kept = [] if "ALL" in dropped else [name for name in CAPABILITIES if name not in dropped]
    return [f"CAP_{name}" for name in dict.fromkeys([*kept, *(asked.get("add") or [])])]


def resources(container):
    """Limits as a kubelet computes them. Requests become no shares: beside a busy build, a test would starve by them."""
    limits = (container.get("resources") or {}).get("limits") or {}
    found = {"devices": [{"allow": False, "access": "rwm"}]}
    if "cpu" in limits:
        found["cpu"] = {"period": PERIOD_US, "quota": max(1000, int(quantity(limits["cpu"]) * PERIOD_US))}
    if "memory" in limits:
        found["memory"] = {"limit": int(quantity(limits["memory"]))}
    return found

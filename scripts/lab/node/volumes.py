# SPDX-License-Identifier: Apache-2.0
"""A pod's volumes as folders of the node, and a container's mounts of them."""

import os
import stat
import subprocess
from pathlib import Path

from node import image
from node.fields import NotYet, field, resource, stored
from node.quantity import quantity


def prepare(kube, pod, folder, host_root):
    """Each volume's place by its name; raises NotYet where one cannot be had. May be called again."""
    group = (pod["spec"].get("securityContext") or {}).get("fsGroup")
    places = {}
    for volume in pod["spec"].get("volumes") or []:
        try:
            places[volume["name"]] = place(kube, pod, volume, folder / volume["name"], host_root, group)
        except NotYet as why:
            raise NotYet(f'MountVolume.SetUp failed for volume "{volume["name"]}" : {why}') from None
    return places


def place(kube, pod, volume, folder, host_root, group):
    if "hostPath" in volume:
        return host_path(volume["hostPath"], host_root)
    if "emptyDir" in volume:
        return empty(volume["emptyDir"], folder, group)
    for kind in ("configMap", "secret", "downwardAPI", "projected"):
        if kind in volume:
            return written(files(kube, pod, kind, volume[kind]), folder, group)
    kinds = ", ".join(name for name in volume if name != "name")
    raise NotYet(f"the tests' node has no volumes of the kind {kinds}")


# --- What is on the node


def host_path(volume, host_root):
    """As a kubelet checks the type. The tests' nodes are folders, so each has its own files."""
    path, kind = volume["path"], volume.get("type") or ""
    there = host_root / path.lstrip("/")
    try:
        mode = os.stat(there).st_mode
    except FileNotFoundError:
        mode = 0
    except OSError as failure:  # a FUSE file system whose server has died
        raise NotYet(f"hostPath type check failed: {path}: {failure.strerror}") from None
    if not mode and kind in ("", "DirectoryOrCreate"):
        there.mkdir(parents=True)
        return there
    if not mode and kind == "FileOrCreate":
        there.touch()
        return there
    wanted = {"File": stat.S_ISREG, "FileOrCreate": stat.S_ISREG, "Directory": stat.S_ISDIR,
              "DirectoryOrCreate": stat.S_ISDIR, "Socket": stat.S_ISSOCK, "CharDevice": stat.S_ISCHR}
    if kind and not wanted[kind](mode):
        raise NotYet(f"hostPath type check failed: {path} is not a {kind.removesuffix('OrCreate').lower()}")
    return there


def empty(volume, folder, group):
    if not folder.exists():
        folder.mkdir(parents=True)
        if volume.get("medium") == "Memory":
            size = [f"size={int(quantity(volume['sizeLimit']))}"] if "sizeLimit" in volume else []
            options = ",".join(["mode=0777", *size])
            subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
        folder.chmod(0o777)
        if group is not None:
            os.chown(folder, 0, group)
            folder.chmod(0o2777)
    return folder


# --- What the API server holds


def files(kube, pod, kind, volume):
    """Content and mode by path."""
    default = volume.get("defaultMode", 0o644)
    if kind == "projected":
        sources = [(name, one) for source in volume["sources"] for name, one in source.items()]
        parts = [files(kube, pod, name, {"defaultMode": default, **one}) for name, one in sources]
        return {path: what for part in parts for path, what in part.items()}
    if kind == "serviceAccountToken":
        account = pod["spec"].get("serviceAccountName") or "default"
        token = kube.token_of(pod["metadata"]["namespace"], account, volume.get("expirationSeconds", 3600))
        return {volume["path"]: (token.encode(), default)}
    if kind == "downwardAPI":
        return {item["path"]: (told(pod, item).encode(), item.get("mode", default)) for item in volume["items"]}
    found = stored(kube, pod, {"configMap": "configmaps", "secret": "secrets"}[kind], volume)
    if "items" not in volume:
        return {key: (text, default) for key, text in found.items()}
    missing = [item["key"] for item in volume["items"] if item["key"] not in found]
    if missing and not volume.get("optional"):
        raise NotYet(f"references non-existent config key: {missing[0]}")
    chosen = [item for item in volume["items"] if item["key"] in found]
    return {item["path"]: (found[item["key"]], item.get("mode", default)) for item in chosen}


def told(pod, item):
    if "fieldRef" in item:
        return field(pod, item["fieldRef"]["fieldPath"])
    reference = item["resourceFieldRef"]
    named = [one for one in pod["spec"]["containers"] if one["name"] == reference["containerName"]]
    return resource(named[0], reference)


def written(contents, folder, group):
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    for path, (text, mode) in contents.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)
        os.chown(file, 0, group or 0)
        file.chmod(mode if group is None else mode | 0o040)
    return folder


# --- In the container


#: Nobody writes to these from a container, whatever the mount says.
FIXED = {"configMap", "secret", "downwardAPI", "projected"}
PROPAGATION = {"HostToContainer": "rslave", "Bidirectional": "rshared"}


def mounts(pod, container, places):
    fixed = {volume["name"] for volume in pod["spec"].get("volumes") or [] if FIXED & volume.keys()}
    return [mount(one, places[one["name"]], one["name"] in fixed) for one in container.get("volumeMounts") or []]


def mount(wanted, source, fixed):
    if sub := wanted.get("subPath"):
        source = sub_path(source, sub)
    propagation = PROPAGATION.get(wanted.get("mountPropagation"), "rprivate")
    return image.bind(source, wanted["mountPath"], "ro" if fixed or wanted.get("readOnly") else "rw", propagation)


def sub_path(source, sub):
    """Made where it is missing, as a kubelet does: a folder of root's."""
    there = Path(os.path.realpath(source / sub))
    if not there.is_relative_to(os.path.realpath(source)):
        raise NotYet(f'subPath "{sub}" leads out of its volume')
    if not there.exists():
        there.mkdir(parents=True, mode=0o750)
    return there

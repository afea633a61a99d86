# SPDX-License-Identifier: Apache-2.0
"""All that a pod can see, and all that is written down about it, place by place."""

from __future__ import annotations

import base64
import errno
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

#: Bytes of one mapping of memory; more is not read, and an error.
MOST = 1 << 30
ATTEMPTS = 5


@dataclass
class Place:
    #: Such as `memory`.
    kind: str
    name: str
    content: bytes


def of_object(kind: str, found: dict) -> Iterator[Place]:
    """As the API server keeps it, and what base64 hides in it."""
    name = f"{kind} {found['metadata']['name']}"
    yield Place(kind, name, json.dumps(found, ensure_ascii=False).encode())
    hidden = found.get("data" if kind == "secrets" else "binaryData") or {}
    for key, value in hidden.items():
        yield Place(kind, f"{name}, {key}", base64.b64decode(value))


def of_files(kind: str, folder: Path, without: set[str] = frozenset()) -> Iterator[Place]:
    """Each file below `folder`, by its path, but for those in the folders that `without` names; and in each folder, as
    `*`, the names of what is there.
    """
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in without]
        names = "\n".join(folders + files + [os.readlink(path) for path in links(root, folders + files)])
        yield Place(kind, f"{root}/*", names.encode())
        for name in files:
            path = Path(root, name)
            if path.is_file() and not path.is_symlink():
                with suppress(FileNotFoundError):  # by now it has another name, or none
                    yield Place(kind, str(path), path.read_bytes())


def links(root: str, names: list[str]) -> list[str]:
    return [path for path in (os.path.join(root, name) for name in names) if os.path.islink(path)]


def of_containers(of_pod: Path) -> Iterator[Place]:
    """The pod's volumes, what its containers write, their processes. `of_pod` is what the node has of the pod."""
    yield from of_files("volumes", of_pod / "volumes")
    for file in of_pod.glob("*.log"):
        yield Place("containers' logs", file.name, file.read_bytes())
    for folder in sorted(path.parent for path in of_pod.glob("*/pid")):
        container = folder.name.partition(f"{of_pod.name}-")[2]
        # Seen from the node, it has nothing of what is mounted in the container.
        yield from of_files("containers' own files", folder / "rootfs")
        first = int((folder / "pid").read_text())
        yield from of_files("containers' own files", Path(f"/proc/{first}/root/dev/shm"))
        for pid in processes_beside(first):
            yield from of_process(container, pid)


def processes_beside(pid: int) -> list[int]:
    """Those of its container that have not ended."""
    own = namespace(pid)
    return [one for one in map(int, filter(str.isdigit, os.listdir("/proc"))) if namespace(one) == own]


def namespace(pid: int) -> str | None:
    """None of one that has ended, also where nobody has asked for its end yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return None if state == "Z" else os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return None


def of_process(container: str, pid: int) -> Iterator[Place]:
    """Its words, its environment, and what a core dump of it would hold; nothing of one that has just ended."""
    name = f"{container}, process {pid}"
    with suppress(FileNotFoundError, ProcessLookupError):
        yield Place("command lines", name, Path(f"/proc/{pid}/cmdline").read_bytes())
        yield Place("environments", name, Path(f"/proc/{pid}/environ").read_bytes())
        yield Place("memory", name, memory(pid))


def memory(pid: int) -> bytes:
    """What it may write to, and what is of no file; read anew where it gives memory back meanwhile."""
    for _ in range(ATTEMPTS - 1):
        try:
            return memory_now(pid)
        except OSError as failure:
            if failure.errno != errno.EIO:
                raise
    return memory_now(pid)


def memory_now(pid: int) -> bytes:
    found = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as content:
        for line in maps:
            addresses, rights, _, _, inode, *path = line.split()
            start, end = (int(number, 16) for number in addresses.split("-"))
            is_the_kernels = path and path[0].startswith("[v")
            if "r" in rights and ("w" in rights or inode == "0") and not is_the_kernels:
                if end - start > MOST:
                    raise MemoryError(f"process {pid} maps {end - start:,} bytes at {addresses}")
                content.seek(start)
                found.append(content.read(end - start))
    return b"".join(found)

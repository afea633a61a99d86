# SPDX-License-Identifier: Apache-2.0
"""Peers to measure Berth against, built once into a cache and found there until their source changes.

The cache is `${BERTH_CACHE:-~/.cache/berth}/bench`; deleting it costs only the time to build again.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "scripts" / "bench-peers"
CACHE = Path(os.environ.get("BERTH_CACHE") or Path.home() / ".cache" / "berth") / "bench"


def c_hello() -> Path:
    """The C epoll floor, an executable."""
    source = SOURCES / "c-hello" / "hello.c"

    def build(folder: Path) -> None:
        run(["gcc", "-O2", "-o", folder / "hello", source])

    return built("c-hello", [source], ["gcc", "--version"], build) / "hello"


def slow_flush() -> Path:
    """A library that makes flushes to the disk take longer, to be preloaded."""
    source = SOURCES / "slow-flush" / "flush.c"

    def build(folder: Path) -> None:
        run(["gcc", "-O2", "-shared", "-fPIC", "-o", folder / "flush.so", source, "-ldl"])

    return built("slow-flush", [source], ["gcc", "--version"], build) / "flush.so"


def hummingbird_hello() -> Path:
    """The Hummingbird hello, an executable; the first build takes minutes."""
    package = SOURCES / "hummingbird-hello"
    sources = [package / "Package.swift", package / "Package.resolved", *(package / "Sources").rglob("*.swift")]

    def build(folder: Path) -> None:
        scratch = folder / "scratch"
        # Linked as Hummingbird's own template does.
        run(
            ["nice", "-n", "10", "swift", "build", "-c", "release", "--static-swift-stdlib", "--package-path", package]
            + ["--scratch-path", scratch, "--force-resolved-versions"]
        )
        shutil.copy(scratch / "release" / "hello", folder / "hello")
        shutil.rmtree(scratch)

    return built("hummingbird-hello", sources, ["swift", "--version"], build) / "hello"


def fastapi_pod() -> tuple[Path, Path]:
    """A Python with uvicorn, FastAPI and orjson in it, and the folder of the application `app:app`."""
    requirements = SOURCES / "fastapi-pod" / "requirements.txt"

    def build(folder: Path) -> None:
        run([sys.executable, "-m", "venv", folder / "venv"])
        run([folder / "venv/bin/python", "-m", "pip", "install", "-q", "--no-deps", "-r", requirements])

    venv = built("fastapi-pod", [requirements], [sys.executable, "-VV"], build) / "venv"
    return venv / "bin" / "python", SOURCES / "fastapi-pod"


def built(name: str, sources: Iterable[Path], tool: list, build: Callable[[Path], None]) -> Path:
    """The folder that `build` filled for exactly these sources and this tool's version."""
    digest = hashlib.sha256(subprocess.run(tool, capture_output=True, check=True).stdout)
    for source in sorted(sources):
        digest.update(source.read_bytes())
    folder = CACHE / f"{name}-{digest.hexdigest()[:12]}"
    # Built in place, since a venv cannot be moved; the mark comes last, so half a build is never taken for a whole.
    mark = folder / "complete"
    if not mark.exists():
        print(f"building the peer {name}, once ...", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        build(folder)
        mark.touch()
    return folder


@contextmanager
def alone():
    """Holds the lock that lets one measurement run at a time; waits for it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another benchmark to end ...", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(command: list) -> None:
    """Runs a build step; its output is shown only when it fails."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout[-4000:]}")

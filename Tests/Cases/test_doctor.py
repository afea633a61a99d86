# SPDX-License-Identifier: Apache-2.0
"""`berth doctor` on this machine, as on a node: the real LXCFS, well and in each of its broken states."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import berth

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("lxcfs"), reason="LXCFS and root are needed: scripts/setup installs it"
)


class LXCFS:
    """A real LXCFS on a mount point of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.directory = folder / "lxcfs"
        self.directory.mkdir()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> LXCFS:
        log = (self.folder / "lxcfs.log").open("ab")
        before = self.mounts
        command = ["lxcfs", "-f", "-p", str(self.folder / f"pid-{before}"), *options, str(self.directory)]
        self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while self.mounts == before:
            assert self.process.poll() is None and time.monotonic() < deadline, log.name
            time.sleep(0.02)
        return self

    @property
    def mounts(self) -> int:
        """How many stand on the directory, one over the other."""
        return Path("/proc/self/mountinfo").read_text().count(f" {self.directory} ")

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait(timeout=10)

    def unmount(self) -> None:
        subprocess.run(["umount", "-l", str(self.directory)], check=True)

    def end(self) -> None:
        if self.process and self.process.poll() is None:
            self.kill()
        while self.mounts:
            self.unmount()


@pytest.fixture
def lxcfs(tmp_path: Path) -> Iterator[LXCFS]:
    lxcfs = LXCFS(tmp_path)
    yield lxcfs
    lxcfs.end()


def doctor(lxcfs: LXCFS, *options: str) -> tuple[int, dict[str, str]]:
    """The exit code and, by what was looked at, `ok` or `fault` with the words. Several lines of one kind are joined."""
    command = [berth.binary(), "doctor", "--lxcfs", str(lxcfs.directory), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    findings: dict[str, str] = {}
    for line in done.stdout.splitlines():
        verdict, _, rest = line.partition(" ")
        assert verdict in ("ok", "fault"), line
        subject, _, words = rest.strip().partition(": ")
        findings[subject] = "\n".join(filter(None, [findings.get(subject), f"{verdict} {words}"]))
    assert done.returncode == any(found.startswith("fault") for found in findings.values()), done.stdout
    return done.returncode, findings


def test_a_working_lxcfs_has_no_fault(lxcfs):
    lxcfs.start("--enable-cfs")
    code, findings = doctor(lxcfs)
    assert code == 0, findings
    assert list(findings) == [
        "lxcfs mount", "lxcfs process", "lxcfs cpu view", "lxcfs files", "lxcfs containers"
    ]  # fmt: skip
    version = subprocess.run(["lxcfs", "--version"], capture_output=True, text=True).stderr.strip().strip('"')
    assert findings["lxcfs process"] == f"ok process {lxcfs.process.pid}, version {version}"
    assert findings["lxcfs files"] == "ok 9 files can be read"


def test_without_cfs_every_container_would_see_all_cpus(lxcfs):
    lxcfs.start()
    code, findings = doctor(lxcfs)
    assert code == 1 and "--enable-cfs" in findings.pop("lxcfs cpu view")
    assert all(found.startswith("ok") for found in findings.values()), findings


def test_a_killed_lxcfs_is_told_with_what_brings_it_back(lxcfs):
    lxcfs.start("--enable-cfs").kill()
    code, findings = doctor(lxcfs)
    assert code == 1
    assert "Transport endpoint is not connected" in findings["lxcfs mount"]
    assert f"umount -l {lxcfs.directory}" in findings["lxcfs mount"]
    assert findings["lxcfs process"].startswith("fault no process serves")
    lxcfs.unmount()
    lxcfs.start("--enable-cfs")
    assert doctor(lxcfs)[0] == 0


def test_a_container_that_had_the_dead_one_is_found(lxcfs):
    lxcfs.start("--enable-cfs")
    mount = f"mount --bind {lxcfs.directory}/proc/meminfo /proc/meminfo && echo mounted && exec sleep 600"
    container = subprocess.Popen(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", mount], stdout=subprocess.PIPE
    )
    try:
        assert container.stdout.readline() == b"mounted\n"
        assert doctor(lxcfs)[1]["lxcfs containers"].startswith("ok")
        lxcfs.kill()
        lxcfs.unmount()
        lxcfs.start("--enable-cfs")
        code, findings = doctor(lxcfs)
        broken = findings.pop("lxcfs containers")
        assert code == 1 and broken.startswith("fault 1 containers") and str(container.pid) in broken
        assert all(found.startswith("ok") for found in findings.values()), findings
    finally:
        container.kill()
        container.wait(timeout=10)


def test_a_node_without_lxcfs_is_told_what_to_do(lxcfs):
    code, findings = doctor(lxcfs)
    assert code == 1 and findings["lxcfs mount"].startswith("fault LXCFS is not mounted")
    assert set(findings) == {"lxcfs mount", "lxcfs process"}


def test_directories_that_a_pod_left_in_place_of_files_are_named(lxcfs):
    (lxcfs.directory / "proc" / "meminfo").mkdir(parents=True)
    code, findings = doctor(lxcfs)
    assert code == 1 and f"{lxcfs.directory}/proc/meminfo is a directory" in findings["lxcfs files"]


def test_one_that_does_not_answer_is_not_waited_for(lxcfs):
    lxcfs.start("--enable-cfs")
    lxcfs.process.send_signal(signal.SIGSTOP)
    try:
        code, findings = doctor(lxcfs, "--patience", "1")
    finally:
        lxcfs.process.send_signal(signal.SIGCONT)
    assert code == 1 and findings["lxcfs files"].startswith("fault LXCFS does not answer")


def test_two_of_them_on_one_directory_are_a_fault(lxcfs):
    first = lxcfs.start("--enable-cfs").process
    lxcfs.start("--enable-cfs")
    try:
        code, findings = doctor(lxcfs)
        assert code == 1 and findings["lxcfs process"].startswith("fault several processes serve")
    finally:
        first.kill()
        first.wait(timeout=10)

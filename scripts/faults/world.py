# SPDX-License-Identifier: Apache-2.0
"""Berth amid its peers: a ledger on a small disk or in a PostgreSQL server, an API server, and a clock to set."""

import contextlib
import subprocess
import time
from pathlib import Path

from lab.berth import Berth
from lab.kube import Cluster
from lab.postgres import Postgres

from . import journal
from .site import NAMESPACE, configuration

DISK = "size=64m"


class World:
    """Use it in a `with` block; Berth runs in it."""

    def __init__(self, store: str, folder: Path, library: Path) -> None:
        self.store, self.folder, self.library = store, folder, library
        self.ends = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as ends:
            self.disk = self.folder / "disk"
            self.disk.mkdir()
            self.server = None
            if self.store == "sqlite":
                subprocess.run(["mount", "-t", "tmpfs", "-o", DISK, "tmpfs", self.disk], check=True)
                ends.callback(subprocess.run, ["umount", "--lazy", self.disk], check=True)
            else:
                self.server = Postgres()
                ends.callback(self.server.stop)
            self.cluster = ends.enter_context(Cluster(self.folder / "cluster", "--without-scheduler"))
            self.berth = self.made_berth()
            ends.callback(self.berth.stop)
            self.berth.start()
            self.ends = ends.pop_all()
        return self

    def __exit__(self, *_):
        self.ends.close()

    def made_berth(self) -> Berth:
        kubeconfig = self.folder / "berth.kubeconfig"
        # A day, since the clock is set.
        self.cluster.install_role(kubeconfig, 86_400)
        ledger = {"postgres": {"connection": self.server.connection}} if self.server else {"path": str(self.ledger)}
        berth = Berth(self.folder / "berth", configuration(ledger, str(kubeconfig)))
        self.set_clock(0)
        berth.env |= {"LD_PRELOAD": str(self.library), "BERTH_CLOCK": str(self.clock)}
        return berth

    @property
    def ledger(self) -> Path:
        return self.disk / "ledger.sqlite"

    def journal(self) -> journal.Journal:
        return journal.of_server(self.server) if self.server else journal.of_file(self.ledger)

    def objects(self) -> set[str]:
        """The reservations whose object stands in the cluster."""
        found = self.cluster.items(f"/api/v1/namespaces/{NAMESPACE}/configmaps")
        labels = [one["metadata"].get("labels") or {} for one in found]
        return {of["berth.io/reservation"] for of in labels if "berth.io/reservation" in of}

    def sweeps(self) -> int:
        """How often all objects of starts were held against the ledger, since Berth began."""
        _, _, metrics = self.berth.ask("GET", "/metrics")
        lines = [line for line in metrics.decode().splitlines() if line.startswith("berth_sweep_rounds_total{")]
        return sum(int(line.split()[1]) for line in lines if 'outcome="done"' in line)

    @property
    def clock(self) -> Path:
        return self.folder / "clock"

    def set_clock(self, seconds: int) -> None:
        """Berth's wall clock is so far ahead of the others'. It reads the file's page, so that is changed in place."""
        self.clock.touch()
        with open(self.clock, "r+b") as file:
            file.write(seconds.to_bytes(8, "little", signed=True))

    def is_ahead_by(self) -> float:
        """What Berth's own answers tell of its clock, in seconds."""
        _, headers, _ = self.berth.ask("GET", "/healthz")
        return time.mktime(time.strptime(headers["Date"], "%a, %d %b %Y %H:%M:%S GMT")) - time.mktime(time.gmtime())


def built_clock(folder: Path) -> Path:
    library = folder / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-Wall", "-Wextra", "-o", library, source], check=True)
    return library

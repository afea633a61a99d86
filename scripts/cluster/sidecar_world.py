# SPDX-License-Identifier: Apache-2.0
"""A site whose pods have Berth's containers."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from lab.kube import Node
from world import World


class SidecarWorld(World):
    def start_nodes(self) -> None:
        shares = [word for path in self.in_every_image() for word in ("--share", path)]
        label = ("--label", "example.org/pool=cpu")
        self.cpu_node = self.enter_context(Node(self.scratch / "cpu-1", self.cluster, "cpu-1", *label, *shares))

    def in_every_image(self) -> list[Path]:
        return [self.binary, *libraries(self.binary)]

    def marks(self, tls_port: int) -> dict[str, str]:
        return {"BERTH_URL": self.berth_url, "BINARY": str(self.binary), **super().marks(tls_port)}


def libraries(binary: Path) -> set[Path]:
    """The folders of libraries that a build for development needs, and no image has."""
    told = subprocess.run(["ldd", binary], capture_output=True, text=True).stdout
    folders = {Path(path).parent for path in re.findall(r"=> (/\S+)", told)}
    return {folder for folder in folders if not re.match("/(usr|lib)", str(folder))}

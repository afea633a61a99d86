# SPDX-License-Identifier: Apache-2.0
"""A real LDAP directory for tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from berth import ROOT


class Directory:
    """slapd from scripts/lab/directory.py; `process` ends with its standard input."""

    def __init__(self, folder: Path, *options: str):
        command = [sys.executable, str(ROOT / "scripts/lab/directory.py"), str(folder), "--until-eof", *options]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.facts = json.loads(self.process.stdout.readline())

    def kill(self) -> None:
        os.kill(self.facts["pid"], signal.SIGKILL)
        self.stop()

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=10)

    def section(self, **more: Any) -> dict[str, Any]:
        return {
            "urls": self.facts["ldap"],
            "ca_file": self.facts["ca"],
            "people": {"base": "ou=People,dc=example,dc=org", "attributes": ["mail"]},
            "groups": {"base": "ou=Groups,dc=example,dc=org"},
        } | more

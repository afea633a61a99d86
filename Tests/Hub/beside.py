# SPDX-License-Identifier: Apache-2.0
"""The program that counts down beside a server, where there is no pod to put it in."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from credential import credential


@contextmanager
def walltime_sidecar(berth, binary: Path, folder: Path, user: str, reservation: str) -> Iterator[Path]:
    """Gives the file in which the user is told."""
    notices = folder / "notices"
    notices.mkdir()
    claims = {"sub": reservation, "deployment": "tests", "namespace": "none", "pod": f"jupyter-{user}"}
    (folder / "credential").write_text(credential(berth.seal_key, **claims))
    environment = {
        "PATH": os.environ["PATH"],
        "BERTH_URL": f"http://127.0.0.1:{berth.port}",
        "BERTH_RESERVATION_ID": reservation,
        "BERTH_CREDENTIAL_FILE": str(folder / "credential"),
        "BERTH_NOTICE_DIR": str(notices),
    }
    with (folder / "walltime.log").open("wb") as log:
        program = subprocess.Popen([binary, "walltime"], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield notices / "notice.txt"
    finally:
        program.kill()
        program.wait()

# SPDX-License-Identifier: Apache-2.0
"""A real PostgreSQL server with data of its own, reached by a socket in its folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

PROGRAMS = Path("/usr/lib/postgresql/15/bin")


class Postgres:
    """Runs until `stop`. Its disk is `folder`'s."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="berth-pg-", dir=folder))
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.run("initdb", "-D", self.data, "-U", "berth", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        self.start()
        self.run("createdb", "-h", self.folder, "-U", "berth", "berth")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def connection(self) -> str:
        return f"host={self.folder} user=berth dbname=berth"

    def run(self, program: str, *words: object) -> str:
        """As its own user: PostgreSQL does not run as root."""
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        command = [*user, str(PROGRAMS / program), *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise SystemExit(f"{program} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self) -> None:
        """Returns once it lets sessions in."""
        options = f"-k {self.folder} -c listen_addresses='' -c max_connections=200"
        self.run("pg_ctl", "-D", self.data, "-o", options, "-l", self.folder / "log", "-w", "-s", "start")

    def halt(self, mode: str = "fast") -> None:
        """`fast` rolls back what is open and writes all down; `immediate` is as a crash. The data stays."""
        self.run("pg_ctl", "-D", self.data, "-m", mode, "-w", "-s", "stop")

    def stop(self) -> None:
        self.halt()
        shutil.rmtree(self.folder)

# SPDX-License-Identifier: Apache-2.0
"""Berth and a real JupyterHub on loopback, from a scratch folder: `scripts/demo` runs this in the
hub's environment.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import shutil
import signal
import sys
import time
from pathlib import Path

import jupyterhub
from processes import ROOT, Failed, Process, free_port, start_berth, write_secret
from provider import Provider

SCRATCH = ROOT / ".build-demo"
sys.path.insert(0, str(ROOT / "config" / "jupyterhub"))


class Demo:
    """Both processes, and what one needs to talk to them."""

    def __init__(self, binary: Path, scratch: Path = SCRATCH, *, has_provider: bool = False):
        """`has_provider`: users log in at a provider; without it the hub believes every name."""
        self.scratch = scratch
        shutil.rmtree(scratch, ignore_errors=True)
        (scratch / "secrets").mkdir(parents=True)
        self.berth_port, self.port = free_port(), free_port()
        self.berth_url = f"http://127.0.0.1:{self.berth_port}"
        self.url = f"http://127.0.0.1:{self.port}"
        self.api_token = secrets.token_hex(32)
        self.processes: list[Process] = []
        self.provider = Provider(scratch / "provider", self.url) if has_provider else None
        try:
            self._start_berth(binary)
            self._start_hub()
        except BaseException:
            self.stop()
            raise

    examples = ROOT / "config" / "examples" / "claims"

    def token_file(self, deployment: str) -> Path:
        return self.scratch / "secrets" / f"{deployment}.token"

    def _start_berth(self, binary: Path) -> None:
        if self.provider:
            self.provider.start()  # first, so that Berth has its keys before anybody comes
        for deployment in ("production", "next"):
            write_secret(self.token_file(deployment))
        configuration = self.scratch / "berth.yaml"
        example = example_at(f"127.0.0.1:{self.berth_port}")
        if self.provider:
            example = json.dumps(self.provider.proven(example))  # JSON is YAML
        configuration.write_text(example)
        self.processes.append(
            start_berth(binary, configuration, self.berth_port, self.scratch / "berth.log")
        )

    def _start_hub(self) -> None:
        environment = {
            "DEMO_SCRATCH": str(self.scratch),
            "DEMO_PORT": str(self.port),
            "DEMO_HUB_PORT": str(free_port()),
            "DEMO_PROXY_API_PORT": str(free_port()),
            "DEMO_PROXY_PASSWORD": secrets.token_hex(16),
            "DEMO_API_TOKEN": self.api_token,
            "DEMO_BERTH_URL": self.berth_url,
            "DEMO_BERTH_TOKEN_FILE": str(self.token_file("production")),
            "JUPYTERHUB_CRYPT_KEY": secrets.token_hex(32),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            **(self.provider.hub_environment if self.provider else {}),
        }
        command = [
            sys.executable,
            "-m",
            "jupyterhub",
            "-f",
            str(ROOT / "config/jupyterhub/jupyterhub_config.py"),
        ]
        hub = Process(command, self.scratch / "hub.log", env=environment, cwd=self.scratch)
        self.processes.append(hub)
        hub.wait_for(f"{self.url}/hub/health")
        hub.wait_for_text("JupyterHub is now running")  # from here on it ends in order

    def stop(self) -> None:
        """The hub first: it ends its users' servers and tells Berth of each."""
        while self.processes:
            self.processes.pop().stop()
        if self.provider:
            self.provider.stop()

    @property
    def ended(self) -> Process | None:
        return next((process for process in self.processes if not process.is_running), None)


def example_at(address: str) -> str:
    """The example configuration as it stands, listening at `address`."""
    text = (ROOT / "config" / "berth.yaml").read_text()
    changed, count = re.subn(r"(?m)^listen: .*$", f"listen: {address}", text)
    if count != 1:
        raise Failed("config/berth.yaml has no line `listen: …`")
    return changed


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    demo = None
    try:
        demo = Demo(options.binary)
        if options.check:
            import check

            return check.run(check.Check(demo))
        welcome(demo)
        return wait(demo)
    except Failed as failure:
        print(f"demo: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print()
        return 0
    finally:
        if demo:
            demo.stop()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__.split(":")[0])
    parser.add_argument("--binary", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument(
        "--check", action="store_true", help="drive it by itself, one line a step, and stop"
    )
    return parser.parse_args()


def welcome(demo: Demo) -> None:
    berth, hub = demo.processes
    scratch = demo.scratch.relative_to(Path.cwd())
    print(
        f"""
Open     {demo.url}
Log in   as ada (staff, GPU user), bo (here for a workshop) or any other name; any password.
         Their claims: config/examples/claims. The policy: config/berth.yaml.

Ask      curl -s -H "Authorization: Bearer $(cat {scratch}/secrets/production.token)" \\
              {demo.berth_url}/v1/availability
Logs     {scratch}/berth.log and hub.log

JupyterHub {jupyterhub.__version__} is process {hub.child.pid}, Berth is process {berth.child.pid}.
Stop     Ctrl-C ends both.
""",
        flush=True,
    )


def wait(demo: Demo) -> int:
    while not demo.ended:
        time.sleep(0.5)
    print(f"demo: {demo.ended.log.name} ends with:\n{demo.ended.last_lines()}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

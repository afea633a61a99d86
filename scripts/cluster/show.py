# SPDX-License-Identifier: Apache-2.0
"""From login to an empty node in a real cluster, one line a step: `scripts/show cluster`."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from world import ROOT, World  # first: it says where other modules are

from processes import Failed  # noqa: E402
from steps import Steps  # noqa: E402



def main(name: str, about: str | None, world_type: type[World], steps_type: type[Steps]) -> int:
    """Its files are in `.build-<name>`."""
    parser = argparse.ArgumentParser(prog=f"scripts/show {name}", description=about)
    parser.add_argument("--binary", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--keep", action="store_true", help="leave all running until Ctrl-C")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with world_type(options.binary, ROOT / f".build-{name}") as world:
            code = run(steps_type(world))
            if options.keep:
                print(f"\nKUBECONFIG={world.cluster.facts['kubeconfig']}  hub {world.url}  Ctrl-C ends all")
                signal.pause()
            return code
    except Failed as failure:
        print(f"{name}: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def run(steps: Steps) -> int:
    """The exit code: 0 when every step holds; the first that does not ends it."""
    count = len(steps.all)
    for number, step in enumerate(steps.all, 1):
        began = time.monotonic()
        try:
            said = step()
        except Exception as failure:
            print(f"NOT OK {number}  {step.__name__.replace('_', ' ')}: {failure}", flush=True)
            print(f"{number - 1} of {count} steps hold; logs in {steps.world.scratch.name}")
            return 1
        print(f"ok {number:>2}  {said}  ({time.monotonic() - began:.1f} s)", flush=True)
    print(f"{count} of {count} steps hold{steps.figures}")
    return 0


if __name__ == "__main__":
    sys.exit(main("cluster", __doc__, World, Steps))

# SPDX-License-Identifier: Apache-2.0
"""Sends tokens to a running Berth, and tells what it answers to each."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from result import Result
from traps_claims import ClaimTraps
from traps_issuers import BadIssuers, OpaqueTraps
from traps_keys import BadKeys, KeyTraps
from traps_signature import SignatureTraps
from world import World

GROUPS = (SignatureTraps, KeyTraps, BadKeys, ClaimTraps, OpaqueTraps, BadIssuers)


def results() -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        # Each names the issuers it needs, since a configuration is whole before Berth starts.
        groups = [group(world) for group in GROUPS]
        with world:
            for group in groups:
                # A case is made right before it is sent: times count, and some change what an issuer publishes.
                yield from map(world.result, group.cases())

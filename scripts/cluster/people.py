# SPDX-License-Identifier: Apache-2.0
"""What the directory holds of a person, read from the entries that it was made of."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Person:
    name: str
    uid: int
    gid: int
    shown: str
    home: str
    shell: str
    #: gid by name of each group that lists them.
    groups: dict[str, int] = field(default_factory=dict)

    @property
    def passwd_line(self) -> str:
        """As getent prints it. A comma would end the name's field, so there is a blank in its place."""
        shown = " ".join(self.shown.replace(",", " ").split())
        return f"{self.name}:x:{self.uid}:{self.gid}:{shown}:{self.home}:{self.shell}"


def person(ldif: Path, name: str) -> Person:
    entries = [entry(block) for block in ldif.read_text().split("\n\n")]
    mine = next(one for one in entries if one.get("uid") == [name])
    groups = {
        one["cn"][0]: int(one["gidNumber"][0])
        for one in entries
        if name in one.get("memberUid", [])
    }
    first = {attribute: values[0] for attribute, values in mine.items()}
    return Person(
        name,
        int(first["uidNumber"]),
        int(first["gidNumber"]),
        first["cn"],
        first["homeDirectory"],
        first["loginShell"],
        groups,
    )


def entry(block: str) -> dict[str, list[str]]:
    """Values by attribute; those after `::` are base64."""
    values: dict[str, list[str]] = {}
    for line in block.splitlines():
        attribute, _, value = line.partition(":")
        text = base64.b64decode(value[1:]).decode() if value.startswith(":") else value
        values.setdefault(attribute, []).append(text.strip())
    return values

# SPDX-License-Identifier: Apache-2.0
"""A line of the table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """An input, what is special about it, and what came of it."""

    input: str
    trap: str
    found: str
    wanted: str
    is_right: bool

    @property
    def row(self) -> list[str]:
        return [self.input, self.trap, self.found, "yes" if self.is_right else "NO"]

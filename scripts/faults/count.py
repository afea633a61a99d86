# SPDX-License-Identifier: Apache-2.0
"""What hubs were answered, by their own count."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from .site import PROFILES, fits


@dataclass(frozen=True)
class Spawn:
    """One start of one user's server."""

    number: int

    @property
    def user(self) -> str:
        return f"user-{self.number:05}"

    @property
    def start(self) -> str:
        return f"start-{self.number}"

    @property
    def profile(self) -> str:
        return PROFILES[self.number % len(PROFILES)]


@dataclass
class Count:
    """What was answered; for one hub at a time, under the trial's lock."""

    granted: dict[Spawn, str] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)
    stop_asked: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    untidy: dict[Spawn, str] = field(default_factory=dict)
    refused: int = 0
    cut_off: int = 0
    problems: Counter = field(default_factory=Counter)
    #: When a call ended well that changed the ledger, and of which profile.
    successes: list[tuple[float, str]] = field(default_factory=list)
    holders: defaultdict = field(default_factory=lambda: defaultdict(set))
    granted_twice: set[str] = field(default_factory=set)

    @property
    def answered(self) -> int:
        return len(self.granted) + self.refused

    def grant(self, spawn: Spawn, id: str, devices: list[str]) -> bool:
        """False where the start has another reservation already."""
        for device in devices:
            self.holders[device].add(id)
            if not fits(spawn.profile, len(self.holders[device])):
                self.granted_twice.add(device)
        return self.granted.setdefault(spawn, id) == id

    def ask_stop(self, id: str) -> None:
        """Before it is asked, so that a device counts for no longer than the hub wants it."""
        self.stop_asked.add(id)
        for holders in self.holders.values():
            holders.discard(id)

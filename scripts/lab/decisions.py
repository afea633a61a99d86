# SPDX-License-Identifier: Apache-2.0
"""How long decisions take in a large site, and how that grows with the site."""

import json
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import table
from .large_site import LargeSite

SITE = LargeSite(groups=200, profiles=500, images=300, rules=50)
SIZES = (0.5, 1, 2)  # of that site, its user's groups among it
WAYS = {
    "form": "all that a user is offered who may have three profiles in four",
    "start": "a start that names its profile and three choices",
    "default start": "a start without options by somebody who may have the last profile only",
}
MOST_MS = 1.0  # of one core, at size 1
GROWTH = 2.6  # the most by which twice the size may cost more: two is in proportion, four a square


@dataclass
class Decisions:
    """Milliseconds by way and size, one value a round."""

    samples: dict[str, dict[float, list[float]]] = field(
        default_factory=lambda: {way: {size: [] for size in SIZES} for way in WAYS}
    )

    def median(self, way: str, size: float = 1) -> float:
        return statistics.median(self.samples[way][size])

    def growth(self, way: str) -> float:
        """The greatest of both doublings, each within its round."""
        pairs = [(self.samples[way][less], self.samples[way][more]) for less, more in zip(SIZES, SIZES[1:])]
        return max(statistics.median(b / a for a, b in zip(less, more)) for less, more in pairs)

    @property
    def slowest(self) -> float:
        return max(map(self.median, WAYS))

    @property
    def steepest(self) -> float:
        return max(map(self.growth, WAYS))

    @property
    def hold(self) -> bool:
        return self.slowest < MOST_MS and self.steepest < GROWTH


def measure(pace: Callable[[list[str]], str], rounds: int, seconds: int, before: Callable[[str], None]) -> Decisions:
    """`pace` runs Tests/DecisionPace with these arguments; `before` comes before each way and round."""
    decisions = Decisions()
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(rounds):
            for way in WAYS:
                before(f"round {turn + 1} of {rounds}: {way}")
                for size in SIZES:
                    sample = json.loads(pace(arguments(Path(folder), way, size) + [str(seconds)]))
                    decisions.samples[way][size].append(1000 * sample["cpu_s"] / sample["count"])
    return decisions


def arguments(folder: Path, way: str, size: float) -> list[str]:
    site = SITE.times(size)
    file = folder / f"{size}.yaml"
    if not file.exists():
        file.write_text(site.configuration())
    if way == "default start":
        return ["start", str(file), site.guest_claims(), "null"]
    return [way, str(file), site.claims(), site.options()]


def text(decisions: Decisions) -> str:
    sizes = [SITE.times(size) for size in SIZES]
    heads = ["ms a decision", *(f"{site.groups} groups" for site in sizes), "a doubling", "a second, 200 groups"]
    rows = [
        [
            way,
            *(f"{decisions.median(way, size):.3f}" for size in SIZES),
            f"x {decisions.growth(way):.2f}",
            f"{1000 / decisions.median(way):,.0f}",
        ]
        for way in WAYS
    ]
    words = [f"  {way}: {words}" for way, words in WAYS.items()]
    whole = (
        f"  {SITE.groups} groups of the user, {SITE.profiles} profiles, {SITE.choices:,} choices beside four images a "
        f"profile of {SITE.images}, {SITE.rules} rules; half of all that, and twice"
    )
    return "\n".join([table.text(heads, rows), "", *words, whole])


def verdict(decisions: Decisions) -> str:
    return (
        f"  the slowest decision: {decisions.slowest:.3f} ms, needed < {MOST_MS}; twice the size costs at most "
        f"{decisions.steepest:.2f} times as much, needed < {GROWTH}: {'holds' if decisions.hold else 'MISSED'}"
    )


def report(decisions: Decisions) -> dict:
    """What `--json` writes of them."""
    return {
        "ms": {way: {str(size): round(decisions.median(way, size), 4) for size in SIZES} for way in WAYS},
        "growth": {way: round(decisions.growth(way), 3) for way in WAYS},
        "thresholds": {
            "slowest, ms": {"limit": MOST_MS, "at_most": True, "holds": decisions.slowest < MOST_MS},
            "growth of a doubling": {"limit": GROWTH, "at_most": True, "holds": decisions.steepest < GROWTH},
        },
        "samples": {
            way: {str(size): taken for size, taken in sizes.items()} for way, sizes in decisions.samples.items()
        },
    }

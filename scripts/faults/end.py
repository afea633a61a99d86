# SPDX-License-Identifier: Apache-2.0
"""The last look: every server was stopped, so nothing may be held, and nothing may stand in the cluster."""

import time
from dataclasses import dataclass

from .hub import Hub
from .trouble import Story, differences


@dataclass(frozen=True)
class Result:
    spawns: int
    faults: int
    answers: int
    recoveries: list[float]
    wrong: list[str]


def ended(story: Story, faults: int, seconds: float) -> Result:
    count = story.trial.count
    tidied = len(count.untidy)
    # What could not be deleted is told with the stop, and the hub tells the stop again.
    for spawn, id in list(count.untidy.items()):
        Hub(story.trial).post_stop(spawn, id, is_told_again=True)
    wrong = [*story.wrong, *differences(story.world, story.trial), *left_over(story), *unswept(story)]
    code = story.world.berth.stop()
    if code != 0:
        wrong.append(f"Berth ends with {code}")
    answers = len(count.granted) + len(count.bound) + len(count.stopped)
    print(
        f"  {count.answered:,} spawns in {seconds:.0f} s: {len(count.granted):,} granted, {len(count.bound):,} pods, "
        f"{len(count.stopped):,} stops, {count.refused:,} refused for want of capacity; {count.cut_off} calls cut off, "
        f"{sum(count.problems.values())} told to come again ({told(count.problems)}); {tidied} stops told again for objects"
    )
    for sentence in wrong:
        print(f"  WRONG: {sentence}")
    return Result(count.answered, faults, answers, story.recoveries, wrong)


def told(problems) -> str:
    return ", ".join(f"{code} {number}" for code, number in problems.most_common()) or "none"


def unswept(story: Story) -> list[str]:
    """The Lease of a killed leader is left alone for some seconds."""
    deadline = time.monotonic() + 60
    while not story.world.sweeps():
        if time.monotonic() > deadline:
            return ["no sweep of the cluster was done"]
        time.sleep(0.2)
    return []


def left_over(story: Story) -> list[str]:
    journal, count = story.world.journal(), story.trial.count
    found = {
        "reservations are held": journal.live,
        "reservations are nobody's": journal.reservations.keys() - set(count.granted.values()),
        "objects stand in the cluster": story.world.objects(),
    }
    return [f"{len(those)} {what}, as {next(iter(those))}" for what, those in found.items() if those]

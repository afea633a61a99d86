# SPDX-License-Identifier: Apache-2.0
"""The faults, one after another. Each is felt, is over, and is then held against the hubs' own count."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .count import Spawn
from .hub import Hub
from .trial import Trial
from .world import World

HOUR_S = 3600
#: Refusals that a fault has to cause before it ends.
FELT = 20


@dataclass
class Story:
    """What has come of the faults so far."""

    world: World
    trial: Trial
    wrong: list[str] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)

    def tell(self, what: str, since: float | None, problems: int, *, profile: str | None = None) -> None:
        """Once calls succeed again after `since`, compares; one line about all of it."""
        seconds = ""
        if since is not None:
            self.recoveries.append(self.recovery(since, profile))
            seconds = f", first success {self.recoveries[-1]:.2f} s after the peer is back"
        told = sum(self.trial.count.problems.values()) - problems
        wrong = self.compare()
        self.wrong += [f"{what}: {sentence}" for sentence in wrong]
        after = f"after {self.trial.count.answered:,} spawns"
        print(f"  {what} {after}: {told} calls told to come again{seconds}; {self.said(wrong)}", flush=True)

    def said(self, wrong: list[str]) -> str:
        count = self.trial.count
        facts = len(count.granted) + len(count.bound) + len(count.stopped)
        return "; ".join(wrong) or f"{facts:,} answers in the ledger"

    def recovery(self, since: float, profile: str | None) -> float:
        successes = self.trial.count.successes
        first: list[float] = []

        def has_succeeded() -> bool:
            fit = (at for at, of in successes[-500:] if at >= since and profile in (None, of))
            first.extend([] if first else list(fit)[:1])
            return bool(first)

        self.trial.wait_until(has_succeeded, "a success after the fault")
        return first[0] - since

    def compare(self) -> list[str]:
        """Every answer against the ledger and the cluster, while no call is under way."""
        self.trial.park()
        wrong = differences(self.world, self.trial)
        self.trial.go_on()
        return wrong


def differences(world: World, trial: Trial) -> list[str]:
    count, journal = trial.count, world.journal()
    running = {spawn: id for spawn, id in count.granted.items() if id not in count.stop_asked}
    objects = world.objects()
    lost = {
        "grants": [s for s, id in count.granted.items() if journal.reservations.get(id, ())[:2] != (s.user, s.start)],
        "grants without a line": [id for id in count.granted.values() if (id, "held") not in journal.reached],
        "pods": [id for id in count.bound if (id, "bound") not in journal.reached],
        "stops": [id for id in count.stopped if not journal.has_ended(id)],
        "running servers": [id for id in running.values() if id not in journal.live],
        "objects": [id for spawn, id in running.items() if spawn.profile == "object" and id not in objects],
    }
    wrong = [f"{len(found)} {what} lost, as {found[0]}" for what, found in lost.items() if found]
    twice = sorted(set(journal.granted_twice()) | count.granted_twice)
    return wrong + ([f"granted twice: {', '.join(twice)}"] if twice else [])


# --- The faults


def killed(story: Story) -> None:
    trial, berth = story.trial, story.world.berth
    cut_off, problems = trial.count.cut_off, sum(trial.count.problems.values())
    trial.is_up = False
    berth.stop(signal.SIGKILL)
    trial.wait_for_all("the hubs to notice the kill")
    since = time.monotonic()
    berth.start()
    trial.go_on(after_kill=True)
    story.tell(f"kill -9, {trial.count.cut_off - cut_off} calls cut off,", since, problems)
    if trial.count.cut_off == cut_off:
        story.wrong.append("the kill has cut nothing off")


def disk_full(story: Story) -> None:
    refused = Refusals(story, "ledger-unavailable")
    filler = story.world.disk / "filler"
    # As another program on the disk would, as long as the fault lasts: what a checkpoint gives back is taken too.
    with open(filler, "wb", buffering=0) as file:
        refused.wait(lambda: fill(file))
    since = time.monotonic()
    filler.unlink()
    story.tell("the disk is full", since, refused.before)


def fill(file) -> None:
    with contextlib.suppress(OSError):
        while os.write(file.fileno(), bytes(1 << 16)):
            pass
    with contextlib.suppress(OSError):
        while os.write(file.fileno(), bytes(512)):
            pass


def postgres_restarted(mode: str) -> Callable[[Story], None]:
    def restart(story: Story) -> None:
        problems = sum(story.trial.count.problems.values())
        story.world.server.halt(mode)
        story.world.server.start()
        story.tell(f"PostgreSQL is restarted ({mode})", time.monotonic(), problems)

    return restart


def postgres_away(story: Story) -> None:
    refused = Refusals(story, "ledger-unavailable")
    story.world.server.halt("immediate")
    refused.wait()
    story.world.server.start()
    story.tell("PostgreSQL is away", time.monotonic(), refused.before)


def api_server_away(story: Story) -> None:
    refused = Refusals(story, "cluster-")
    successes = len(story.trial.count.successes)
    story.world.cluster.order("stop-apiserver")
    refused.wait()
    others = sum(profile != "object" for _, profile in story.trial.count.successes[successes:])
    story.world.cluster.order("start-apiserver")
    since = time.monotonic()
    story.tell(f"the API server is away, {others} calls of others went on,", since, refused.before, profile="object")
    if not others:
        story.wrong.append("without the API server nobody could start anything")


def clock_set(story: Story) -> None:
    """Forward by far more than a start is waited for, and back: nobody's time is up by it."""
    world, trial = story.world, story.trial
    hub = Hub(trial)
    waiting = [(spawn, hub.pre_spawn(spawn)) for spawn in (Spawn(-5 * n) for n in range(1, 4))]
    for hours, words in [(2, "the clock is set forward by 2 h"), (0, "the clock is set back by 2 h")]:
        problems = sum(trial.count.problems.values())
        world.set_clock(hours * HOUR_S)
        ahead = world.is_ahead_by()
        if abs(ahead - hours * HOUR_S) > 60:
            raise SystemExit(f"Berth's clock is {ahead} s ahead: it was not set")
        trial.wait_for_spawns(trial.count.answered + 50)
        # Berth looks each second for those whose time is up.
        time.sleep(2)
        story.tell(words, None, problems)
    hub.hang_up()
    for spawn, id in waiting:
        hub.pod(spawn, id)
        hub.post_stop(spawn, id)


class Refusals:
    """Counts the problems of a kind since a fault began."""

    def __init__(self, story: Story, code: str) -> None:
        self.story, self.code = story, code
        self.before, self.of_kind = sum(story.trial.count.problems.values()), self.count()

    def count(self) -> int:
        problems = dict(self.story.trial.count.problems)
        return sum(number for code, number in problems.items() if code.startswith(self.code))

    def wait(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        def is_felt() -> bool:
            meanwhile()
            return self.count() >= self.of_kind + FELT

        self.story.trial.wait_until(is_felt, f"the fault to be felt as {self.code}")


FAULTS = {
    "sqlite": [killed, disk_full, killed, api_server_away, clock_set, killed],
    "postgres": [
        killed, postgres_restarted("fast"), postgres_restarted("immediate"), postgres_away, killed, api_server_away,
        clock_set, killed,
    ],
}  # fmt: skip

# SPDX-License-Identifier: Apache-2.0
"""The hubs together: begun, parked so that nothing is under way, and ended."""

import threading

from lab.berth import Berth

from .count import Count, Spawn

HUBS = 16
WAIT_S = 120


class Trial:
    def __init__(self, berth: Berth, spawns: int) -> None:
        self.berth, self.spawns = berth, spawns
        self.count = Count()
        self.changed = threading.Condition(threading.RLock())
        self.fault: str | None = None
        self.is_up, self.is_parked, self.is_over = True, False, False
        self.killed = 0
        self.waiting = 0
        self.numbers = iter(range(10**9))
        self.hubs: list[threading.Thread] = []

    def begin(self, work) -> None:
        self.hubs = [threading.Thread(target=work, args=(self,), daemon=True) for _ in range(HUBS)]
        for hub in self.hubs:
            hub.start()

    def give_up(self, fault: str) -> None:
        with self.changed:
            self.fault = self.fault or fault
            self.changed.notify_all()

    def next_spawn(self) -> Spawn | None:
        """Nil once there were enough, and every fault is through."""
        with self.changed:
            return None if self.is_over and self.count.answered >= self.spawns else Spawn(next(self.numbers))

    def wait_until(self, holds, what: str) -> None:
        with self.changed:
            if not self.changed.wait_for(lambda: self.fault or holds(), WAIT_S):
                self.fault = f"waited {WAIT_S} s in vain for {what}; {dict(self.count.problems)}"
        if self.fault:
            raise SystemExit(self.fault)

    def wait_for_spawns(self, number: int) -> None:
        """As long as it takes, if only there are some all the time."""
        for some in [*range(self.count.answered, number, 50), number]:
            self.wait_until(lambda some=some: self.count.answered >= some, f"{some} spawns")

    def is_going_on(self) -> bool:
        return self.is_up and not self.is_parked

    def pass_gate(self) -> bool:
        """Whether there was anything to wait for."""
        with self.changed:
            if self.is_going_on() or self.fault:
                return False
            self.waiting += 1
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.is_going_on() or self.fault, WAIT_S)
            self.waiting -= 1
            return True

    def park(self) -> None:
        """No hub has a call under way when this returns."""
        self.is_parked = True
        self.wait_for_all("the hubs to pause")

    def wait_for_all(self, what: str) -> None:
        self.wait_until(lambda: self.waiting == sum(hub.is_alive() for hub in self.hubs), what)

    def go_on(self, *, after_kill: bool = False) -> None:
        with self.changed:
            self.killed += after_kill
            self.is_up, self.is_parked = True, False
            self.changed.notify_all()

    def join(self) -> None:
        self.wait_for_spawns(self.spawns)
        self.is_over = True
        for hub in self.hubs:
            hub.join(WAIT_S)
        if self.fault or any(hub.is_alive() for hub in self.hubs):
            raise SystemExit(self.fault or "the hubs did not come to an end")

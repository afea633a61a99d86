# SPDX-License-Identifier: Apache-2.0
"""The machine under a measurement: how busy it is, and what a process has used of it."""

import os
import time

TICKS = os.sysconf("SC_CLK_TCK")


def cores() -> list[int]:
    """The cores this process may use, lowest first."""
    return sorted(os.sched_getaffinity(0))


def busy_s() -> float:
    """CPU seconds that all cores have been busy since boot, stolen time included."""
    with open("/proc/stat") as file:
        user, nice, system, _idle, _wait, irq, softirq, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS


def cpu_s(pid: int) -> float:
    """CPU seconds, user and system, that the process has used with all its threads."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid: int) -> tuple[float, float]:
    """Resident and proportional set size in MB (10^6 bytes)."""
    sizes = {}
    with open(f"/proc/{pid}/status") as status, open(f"/proc/{pid}/smaps_rollup") as rollup:
        for line in [*status, *rollup]:
            key, _, rest = line.partition(":")
            if key in ("VmRSS", "Pss"):
                sizes[key] = int(rest.split()[0]) * 1024 / 1e6
    return sizes["VmRSS"], sizes["Pss"]


def wait_until_quiet(limit_s: float, share: float, span_s: float = 0.5) -> float:
    """Waits, `limit_s` at most, for a span in which everything running used less than `share` of one core.

    Gives the share that the last span saw, so that the caller can tell whether quiet came.
    """
    deadline = time.monotonic() + limit_s
    while True:
        before, start = busy_s(), time.monotonic()
        time.sleep(span_s)
        seen = (busy_s() - before) / (time.monotonic() - start)
        if seen < share or time.monotonic() >= deadline:
            return seen

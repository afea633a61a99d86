# SPDX-License-Identifier: Apache-2.0
"""A whole course starts its servers at one moment: more than may wait for the ledger."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections import Counter

import contract
from berth import TOKEN

from test_gpu import STAFF, cards

#: More than wait in the ledger's queue (1024) and are taken from it at once (128).
STUDENTS = 1400
CARDS = 6
ROUTE = "/v1/hub/pre-spawn"


def test_e35_a_course_that_starts_at_once_is_told_when_to_come_again_and_nothing_is_granted_twice(hub):
    asked = hub({
        "pools": {"whole": {"mode": "whole", "resource": "nvidia.com/gpu"}},
        "inventory": cards(CARDS, "whole"),
        "profiles": [{"slug": "gpu", "display_name": "GPU", "gpu": {"pool": "whole", "cards": 1}}],
    })  # fmt: skip
    course = Course(asked)
    asyncio.run(course.start())
    assert course.refused["ledger-overloaded"] > 0 and set(course.refused) <= {"ledger-overloaded", "ledger-unavailable"}
    assert Counter(course.answers.values()) == {(200, None): CARDS, (409, "gpu-unavailable"): STUDENTS - CARDS}
    with sqlite3.connect(course.ledger) as ledger:
        granted = ledger.execute("SELECT id FROM reservation").fetchall()
        devices = ledger.execute("SELECT DISTINCT device FROM placement").fetchall()
    assert {id for (id,) in granted} == course.granted and len(granted) == len(devices) == CARDS


class Course:
    """Each student's hub asks again, with the same start, until it has an answer to keep."""

    def __init__(self, asked) -> None:
        self.asked = asked
        self.ledger = asked.berth.folder / "ledger.sqlite"
        self.refused: Counter[str] = Counter()
        self.answers: dict[int, tuple[int, str | None]] = {}
        self.granted: set[str] = set()

    async def start(self) -> None:
        # The disk is slow: nothing is decided while somebody else writes.
        slow = sqlite3.connect(self.ledger, isolation_level=None)
        slow.execute("BEGIN IMMEDIATE")
        students = [asyncio.create_task(self.student(number)) for number in range(STUDENTS)]
        deadline = time.monotonic() + 120
        while self.refused["ledger-overloaded"] < 20:
            assert time.monotonic() < deadline, (self.refused, self.asked.berth.log[-2000:])
            await asyncio.sleep(0.05)
        slow.execute("ROLLBACK")
        slow.close()
        await asyncio.wait_for(asyncio.gather(*students), 240)

    async def student(self, number: int) -> None:
        who = self.asked.person(f"student-{number}", "", STAFF, False) | {"options": {"profile": "gpu"}}
        who["server"]["start"] = "1"
        reader, writer = await asyncio.open_connection("127.0.0.1", self.asked.berth.port)
        while number not in self.answers:
            status, headers, body = await asking(reader, writer, json.dumps(who).encode())
            if status in (429, 503):
                assert int(headers["retry-after"]) >= 1 and body["user_message"]
                contract.check("POST", ROUTE, status, headers["content-type"], body)
                self.refused[body["code"]] += 1
                await asyncio.sleep(0.1)
            else:
                self.answers[number] = (status, body.get("code"))
                self.granted |= {body["reservation_id"]} if status == 200 else set()
        writer.close()


async def asking(reader, writer, body: bytes) -> tuple[int, dict[str, str], dict]:
    head = f"POST {ROUTE} HTTP/1.1\r\nHost: berth\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    await writer.drain()
    line, *fields = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    answer = json.loads(await reader.readexactly(int(headers["content-length"])))
    return int(line.split()[1]), headers, answer

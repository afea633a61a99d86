# SPDX-License-Identifier: Apache-2.0
"""The hub's side, for as many users as are wanted: the one route by which Berth gets their access tokens.

A double on purpose. What a hub and a provider do to a token is `scripts/show/token`'s line; here it is the number of
those who ask at once that matters, and that many logins would measure the provider.
"""

import asyncio
import base64
import json
import re
import threading
import time

from lab.children import free_port


class Hub:
    """Answers on a thread of its own, each question after `takes_s`; what it was asked is kept to be counted."""

    def __init__(self, audience: str, life_s: int) -> None:
        self.audience, self.life_s, self.takes_s = audience, life_s, 0.1
        self.port = free_port()
        #: When which user was asked for.
        self.asked: list[tuple[float, str]] = []
        #: Those for whom an answer is under way, and the most that were at one time since `most` was set.
        self.under_way: list[str] = []
        self.most = 0
        #: Users who were asked for while an answer for them was under way.
        self.twice: set[str] = set()

    def __enter__(self) -> "Hub":
        self.loop = asyncio.new_event_loop()
        serving = asyncio.start_server(self.serve, "127.0.0.1", self.port, backlog=1024)
        self.loop.run_until_complete(serving)
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.run_until_complete(self.end_lines())
        self.loop.close()

    async def end_lines(self) -> None:
        lines = asyncio.all_tasks() - {asyncio.current_task()}
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(re.search(rb"(?i)content-length: *(\d+)", head)[1])
                body = await self.answer(json.loads(await reader.readexactly(length))["user"])
                lines = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(lines.encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def answer(self, user: str) -> bytes:
        self.asked.append((time.monotonic(), user))
        if user in self.under_way:
            self.twice.add(user)
        self.under_way.append(user)
        self.most = max(self.most, len(self.under_way))
        await asyncio.sleep(self.takes_s)
        self.under_way.remove(user)
        answer = {"access_token": self.token(user), "expires_in_s": self.life_s, "narrowed_by": "nothing"}
        return json.dumps(answer).encode()

    def token(self, user: str) -> str:
        """Unsigned, and as long as those of a provider."""
        claims = {"preferred_username": user, "aud": self.audience, "exp": int(time.time()) + self.life_s}
        return ".".join([part({"alg": "none"}), part(claims | {"groups": "g" * 600}), "signature"])

    def asked_since(self, start: float) -> list[tuple[float, str]]:
        return [(when, user) for when, user in self.asked if when >= start]


def part(value: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

# SPDX-License-Identifier: Apache-2.0
"""A Berth that says what a test wants to the sidecars: for faults that the real one cannot be made to show, and for ends that
come within seconds.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable
from urllib.parse import unquote

CREDENTIAL = "credential.of.the-pod"

Reply = tuple[int, Any]


def problem(status: int, code: str, words: str = "", **more: Any) -> Reply:
    return status, {"code": code, "user_message": words, "detail": "", "request_id": "r", **more}


ENDED = problem(410, "session-ended")


@dataclass
class StandIn:
    """`session`, `walltime`, `event` and `token` answer each call; a test puts others in their place."""

    left_s: float | None = 3600
    warn_before_s: tuple[int, ...] = (900, 300)
    extension: dict[str, int] | None = None
    page: str | None = None
    idle: dict[str, Any] | None = None
    life_s: int = 600
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ends = None if self.left_s is None else time.monotonic() + self.left_s
        self.tokens = 0
        self.sessions = 0
        self.session: Callable[[], Reply] = self.new_session
        self.walltime: Callable[[], Reply] = self.standing
        self.event: Callable[[Any], Reply] = self.heard
        self.token: Callable[[str], Reply] = self.new_token
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def events(self, kind: str) -> list[Any]:
        return [body for what, body in self.asked if what == "event" and body["event"] == kind]

    def new_session(self) -> Reply:
        self.sessions += 1
        return 200, {"token": f"session.{self.sessions}", "expires_in_s": self.life_s, "reservation_id": "r-1"}

    def standing(self) -> Reply:
        left = None if self.ends is None else max(0, int(self.ends - time.monotonic()))
        return 200, {
            "reservation_id": "r-1",
            "user": "ada",
            "server": "",
            "left_s": left,
            "warn_before_s": list(self.warn_before_s),
            "extension": self.extension,
            "page": self.page,
            "idle": self.idle,
        }

    def heard(self, body: Any) -> Reply:
        match body["event"]:
            case "extend":
                if self.extension is None:
                    return problem(409, "extension-refused", "No more time can be added today.")
                self.ends += self.extension["by_s"]
                return self.standing()
            case "end":
                left = self.ends - time.monotonic()
                return 200, {"outcome": "stopping", "left_s": None} if left < 1 else {"outcome": "not-due", "left_s": int(left)}
            case _:
                return 200, {}

    def new_token(self, audience: str) -> Reply:
        self.tokens += 1
        return 200, {
            "access_token": f"token.{self.tokens}.of",
            "audience": audience,
            "expires_in_s": self.life_s,
            "narrowed_by": "exchange",
            "warning": None,
        }


def handler_of(berth: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if not self.has_session():
                return self.reply(problem(401, "sidecar-token-invalid"))
            if path == "/v1/sidecar/walltime":
                berth.asked.append(("walltime", None))
                return self.reply(berth.walltime())
            berth.asked.append(("token", query))
            self.reply(berth.token(unquote(query.removeprefix("audience="))))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path == "/v1/sidecar/session":
                berth.asked.append(("session", None))
                known = self.headers["Authorization"] == f"Bearer {CREDENTIAL}"
                return self.reply(berth.session() if known else problem(401, "sidecar-token-invalid"))
            if not self.has_session():
                return self.reply(problem(401, "sidecar-token-invalid"))
            berth.asked.append(("event", body))
            self.reply(berth.event(body))

        def has_session(self) -> bool:
            return self.headers["Authorization"] == f"Bearer session.{berth.sessions}"

        def reply(self, reply: Reply) -> None:
            status, body = reply
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json" if status < 400 else "application/problem+json")
            self.send_header("Content-Length", str(len(raw)))
            if not isinstance(body, bytes) and "retry_after_s" in body:
                self.send_header("Retry-After", str(body["retry_after_s"]))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler

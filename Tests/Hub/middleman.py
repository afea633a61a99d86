# SPDX-License-Identifier: Apache-2.0
"""Stands between the hub and Berth: passes everything on, notes it, and breaks the next answers
where a test says so.
"""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Call:
    """One request of the hub and what it got."""

    question: str
    body: dict
    text: str
    authorization: str
    status: int = 0
    answer: Any = None
    headers: dict = field(default_factory=dict)


class Middleman:
    """An HTTP server on a port of its own.

    `faults` lists, for a question, what happens to its next calls; `fault` happens to all that have
    none there.

    A fault is `hang`, `slow:SECONDS`, `cut` (the connection ends without an answer), `half` (in the
    middle of one), `status:CODE`, `problem:CODE:RETRY_AFTER` or `body:TEXT` (status 200 with that
    text).
    """

    def __init__(self, berth_port: int):
        self.berth_port = berth_port
        self.calls: list[Call] = []
        self.faults: dict[str, list[str]] = {}
        self.fault: str | None = None
        self.released = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.open()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        middleman = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                middleman._serve(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Nobody listens from here on: connections are refused."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def reset(self) -> None:
        """Whole again, nothing noted."""
        self.released.set()
        self.released = threading.Event()
        self.calls, self.faults, self.fault = [], {}, None
        if self._server is None:
            self.open()

    def of(self, question: str) -> list[Call]:
        return [call for call in list(self.calls) if call.question == question]

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        data = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        call = Call(
            handler.path.removeprefix("/v1/hub/"),
            json.loads(data),
            data.decode(),
            handler.headers.get("Authorization", ""),
        )
        self.calls.append(call)
        listed = self.faults.get(call.question)
        fault = listed.pop(0) if listed else self.fault
        if fault is None or fault.startswith("slow:"):
            time.sleep(float(fault.removeprefix("slow:")) if fault else 0)
            self._pass_on(handler, call, data)
        else:
            self._break(handler, fault)

    def _pass_on(self, handler: BaseHTTPRequestHandler, call: Call, data: bytes) -> None:
        berth = http.client.HTTPConnection("127.0.0.1", self.berth_port, timeout=20)
        headers = {name: handler.headers[name] for name in ("Authorization", "Content-Type")}
        berth.request("POST", handler.path, data, headers)
        answer = berth.getresponse()
        body = answer.read()
        call.status, call.headers, call.answer = (
            answer.status,
            dict(answer.getheaders()),
            json.loads(body),
        )
        self._send(
            handler,
            answer.status,
            answer.getheader("Content-Type"),
            body,
            answer.getheader("Retry-After"),
        )
        berth.close()

    def _break(self, handler: BaseHTTPRequestHandler, fault: str) -> None:
        kind, _, rest = fault.partition(":")
        if kind == "hang":
            self.released.wait(30)
        if kind in ("hang", "cut", "half"):
            if kind == "half":
                handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"html": "')
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
        elif kind == "status":
            self._send(handler, int(rest), "text/html", b"<h1>something in between</h1>")
        elif kind == "problem":
            status, _, retry_after = rest.partition(":")
            problem = {
                "status": int(status),
                "code": "not-ready",
                "user_message": "Not now, please.",
                "detail": "",
            }
            self._send(
                handler,
                int(status),
                "application/problem+json",
                json.dumps(problem).encode(),
                retry_after,
            )
        elif kind == "body":
            self._send(handler, 200, "application/json", rest.encode())

    def _send(
        self,
        handler: BaseHTTPRequestHandler,
        status: int,
        kind: str,
        body: bytes,
        retry_after: str | None = None,
    ) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        if retry_after:
            handler.send_header("Retry-After", retry_after)
        handler.end_headers()
        handler.wfile.write(body)

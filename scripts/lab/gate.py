# SPDX-License-Identifier: Apache-2.0
"""A gate in front of a server: passes every request on, notes it, and can be shut."""

import http.client
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .children import free_port

#: What belongs to one connection only (RFC 9110 section 7.6.1), and what the gate writes itself.
OWN_FIELDS = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


class Gate:
    """Listens on a loopback port of its own; give that port's address for the server's own."""

    def __init__(self, kept: str | None = None):
        """`kept` is a request, such as `POST /path`, whose answers are kept."""
        self.port = free_port()
        #: The server behind; set before the first request.
        self.behind = 0
        #: Each request as `GET /path`, without the query.
        self.passed: list[str] = []
        #: Each answer as `GET /path 200`.
        self.answered: list[str] = []
        #: Bodies that requests such as `POST /path` get with status 200, in place of the server's answer.
        self.instead: dict[str, bytes] = {}
        self.kept = kept
        self.bodies: deque[bytes] = deque(maxlen=10_000)
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def count(self, request: str) -> int:
        return self.passed.count(request)

    def open(self) -> None:
        gate = self

        class Passage(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self) -> None:
                asked = f"{self.command} {self.path.partition('?')[0]}"
                gate.passed.append(asked)
                if asked in gate.instead:
                    gate._answer(self, gate.instead[asked])
                else:
                    gate._pass_on(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = pass_on

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Passage)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Connections are refused from here on."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _answer(self, handler: BaseHTTPRequestHandler, data: bytes) -> None:
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        handler.send_response_only(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Connection", "close")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def _pass_on(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        fields = {name: value for name, value in handler.headers.items() if name.lower() not in OWN_FIELDS}
        behind = http.client.HTTPConnection("127.0.0.1", self.behind, timeout=20)
        try:
            behind.request(handler.command, handler.path, body or None, fields)
            answer = behind.getresponse()
            data = answer.read()
        except OSError:
            # As if there were no gate: whoever asks sees a connection that ends.
            handler.close_connection = True
            return
        finally:
            behind.close()
        request = f"{handler.command} {handler.path.partition('?')[0]}"
        self.answered.append(f"{request} {answer.status}")
        if request == self.kept:
            self.bodies.append(data)
        handler.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OWN_FIELDS:
                handler.send_header(name, value)
        # Shut means shut: nobody keeps a connection to this one.
        handler.send_header("Connection", "close")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(data)

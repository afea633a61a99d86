# SPDX-License-Identifier: Apache-2.0
"""Where ARC's client believes a computing element to be: it notes the access tokens that it is shown, and takes no job.
"""

from __future__ import annotations

import ssl
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from lab.certificates import authority, certificate, openssl


class ComputingElement:
    """Use it in a `with` block. Its certificate is believed by who has `authorities` for X509_CERT_DIR."""

    def __init__(self, folder: Path):
        self.authorities = folder / "authorities"
        self.authorities.mkdir(parents=True)
        authority(self.authorities, "ca")
        certificate(self.authorities, "localhost", "/CN=localhost", "subjectAltName=DNS:localhost")
        openssl(self.authorities, "rehash", ".")
        #: The newest last.
        self.shown: deque[str] = deque(maxlen=1000)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.answer())
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authorities / "localhost.pem", self.authorities / "localhost.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://localhost:{self.server.server_port}/arex"

    def answer(self) -> type[BaseHTTPRequestHandler]:
        shown = self.shown

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                shown.append(self.headers.get("Authorization", "").removeprefix("Bearer "))
                self.send_error(404)

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        return Answer

    def __enter__(self) -> ComputingElement:
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

# SPDX-License-Identifier: Apache-2.0
"""An issuer on loopback that can be made to do what no real provider can: publish broken keys, vanish, lead astray."""

import base64
import contextlib
import json
import threading
import urllib.parse
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/keys"
INTROSPECTION = "/introspect"
USERINFO = "/userinfo"
#: Who Berth is to issuers that it asks about tokens.
CLIENT, SECRET = "berth", "not-a-secret-outside-this-show"


class Issuer:
    """Publishes keys and tells of tokens until it is closed; counts what it is asked, by path."""

    def __init__(self, *keys: dict[str, Any]):
        self.keys = list(keys)
        #: What is answered instead: status, headers, body.
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        #: What the issuer says of a token, where it is asked; of all others that they do not count.
        self.told: dict[str, dict[str, Any]] = {}
        #: Connections are closed without an answer.
        self.is_gone = False
        self.asked: Counter[str] = Counter()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path: str, authorization: str, form: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if path in self.answers:
            return self.answers[path]
        documents = {
            DISCOVERY: lambda: self.discovery(),
            KEYS: lambda: {"keys": self.keys},
            INTROSPECTION: lambda: self.introspection(authorization, form),
            USERINFO: lambda: self.told.get(authorization.removeprefix("Bearer ")),
        }
        document = documents[path]() if path in documents else None
        status = 200 if document is not None else 401 if path in documents else 404
        return status, {"Content-Type": "application/json"}, json.dumps(document).encode()

    def discovery(self, **more: Any) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "jwks_uri": self.url + KEYS,
            "introspection_endpoint": self.url + INTROSPECTION,
            "userinfo_endpoint": self.url + USERINFO,
        } | more

    def introspection(self, authorization: str, form: dict[str, str]) -> dict[str, Any] | None:
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization != f"Basic {expected}":
            return None
        return {"active": True} | self.told[form["token"]] if form["token"] in self.told else {"active": False}


def handler(issuer: Issuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.reply(dict(urllib.parse.parse_qsl(body)))

        def reply(self, form: dict[str, str]) -> None:
            issuer.asked[self.path] += 1
            if issuer.is_gone:
                self.close_connection = True
                return
            status, headers, body = issuer.answer(self.path, self.headers.get("Authorization", ""), form)
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            # Berth hangs up on what is too long, as it should.
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler

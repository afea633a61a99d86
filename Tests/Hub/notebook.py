# SPDX-License-Identifier: Apache-2.0
"""A user's server, as small as the hub takes it: notes its environment, answers every request."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlparse


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


# A hub that a failed test has brought down cannot end its servers any more.
lifetime = threading.Timer(900, os._exit, [0])
lifetime.daemon = True
lifetime.start()
Path("environment.json").write_text(json.dumps({**os.environ, "SERVER_PID": str(os.getpid())}))
address = urlparse(os.environ["JUPYTERHUB_SERVICE_URL"])
ThreadingHTTPServer((address.hostname, address.port), Answer).serve_forever()

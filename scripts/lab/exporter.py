# SPDX-License-Identifier: Apache-2.0
"""Stands in for DCGM's exporter, which needs a GPU: its text format, with the numbers of the test."""

from __future__ import annotations

import http.server
import threading


class Exporter(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        self.page = ""
        exporter = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = exporter.page.encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/metrics"

    def tell(self, device: str, percent: str, mebibytes: str, **labels: str) -> None:
        words = ",".join(f'{name}="{value}"' for name, value in {"UUID": device, **labels}.items())
        self.page = f"DCGM_FI_DEV_GPU_UTIL{{{words}}} {percent}\nDCGM_FI_DEV_FB_USED{{{words}}} {mebibytes}\n"

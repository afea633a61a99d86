# SPDX-License-Identifier: Apache-2.0
"""A server under test: started on a core, watched, ended by its process id."""

import http.client
import os
import signal
import socket
import subprocess
import time
from pathlib import Path


class Server:
    """One process that answers HTTP on a loopback port; use it in a `with` block."""

    def __init__(
        self, name: str, command: list, port: int, log: Path, core: int | None = None, env: dict | None = None
    ):  # fmt: skip
        self.name, self.port, self.log = name, port, log
        pinned = ["taskset", "-c", str(core)] if core is not None else []
        self.command = [*pinned, *map(str, command)]
        self.env = {**os.environ, **(env or {})}
        self.process: subprocess.Popen | None = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it; returns when the port accepts, or raises with the log's end."""
        # Appending, so that the log can be emptied under a running server.
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.env
            )
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise SystemExit(f"{self.name} did not start: {self.log_end()}") from None
                time.sleep(0.02)

    def stop(self, with_signal: int = signal.SIGTERM) -> int | None:
        """Ends the process and gives its exit code."""
        if self.process is None or self.process.poll() is not None:
            return self.process and self.process.returncode
        self.process.send_signal(with_signal)
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def log_end(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] or "(it wrote nothing)"

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict | None = None, timeout_s: float = 10
    ):  # fmt: skip
        """One request on a connection of its own: status, headers, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def raw_answer(self, path: str) -> bytes:
        """The answer to a keep-alive GET, byte for byte."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode())
            received = b""
            while b"\r\n\r\n" not in received:
                received += connection.recv(65536) or exit_with(f"{self.name} hung up")
            head, _, body = received.partition(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
            while len(body) < length:
                body += connection.recv(65536) or exit_with(f"{self.name} hung up")
            return head + b"\r\n\r\n" + body


def exit_with(sentence: str):
    raise SystemExit(sentence)

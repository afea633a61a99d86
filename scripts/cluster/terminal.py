# SPDX-License-Identifier: Apache-2.0
"""A terminal of the user's server, as JupyterLab has it: a shell that is written to and read from."""

from __future__ import annotations

import json
import re
import secrets
import time

import websocket
from server import PATIENCE_S, Server

#: What a shell sends for the eyes only: colours, titles, how pasted text is marked.
FOR_THE_EYES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07")
#: So wide that no line is broken.
ROWS, COLUMNS = 50, 2000


class Terminal(Server):
    def __init__(self, hub: str, user: str, token: str, name: str = ""):
        super().__init__(hub, user, token, name)
        terminal = self.call("POST", "/api/terminals", {}).json()["name"]
        self.socket = self.connect(f"/terminals/websocket/{terminal}")
        self.send("set_size", ROWS, COLUMNS, ROWS, COLUMNS)
        self.shell("PS1=")  # a prompt can come before or after what is typed next

    def send(self, *message: object) -> None:
        self.socket.send(json.dumps(message))

    def shell(self, command: str) -> str:
        """What `command` prints, typed as a user would; a `;` must be able to follow it."""
        mark = secrets.token_hex(4)
        # The shell counts, so that the mark's two halves meet in what it prints only, not in the echo of what is typed.
        typed = f"{command}; echo {mark}$((6 * 7))"
        self.send("stdin", typed + "\r")
        shown = self.read_to(f"{mark}42")
        return shown[shown.rfind(typed) + len(typed) :].replace("\r\n", "\n").strip("\r\n")

    def read_to(self, end: str) -> str:
        shown, deadline = "", time.monotonic() + PATIENCE_S
        while end not in shown:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the terminal shows, and no end: {shown[-2000:]}")
            # With the server's pings, so that silence is noticed in time.
            code, frame = self.socket.recv_data_frame(control_frame=True)
            kind, *content = json.loads(frame.data) if code == websocket.ABNF.OPCODE_TEXT else [None]
            if kind == "stdout":
                shown += FOR_THE_EYES.sub("", content[0])
        return shown.partition(end)[0]

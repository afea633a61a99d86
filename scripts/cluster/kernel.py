# SPDX-License-Identifier: Apache-2.0
"""A notebook's kernel as JupyterLab reaches it: through the hub's proxy, with the user's token."""

from __future__ import annotations

import json
import uuid

from server import Server


class Kernel(Server):
    """A kernel of the user's server; use it in a `with` block."""

    def __init__(self, hub: str, user: str, token: str):
        super().__init__(hub, user, token)
        self.id = self.call("POST", "/api/kernels", {}).json()["id"]
        self.socket = self.connect(f"/api/kernels/{self.id}/channels")

    def shell(self, command: str) -> str:
        """What `command` prints, run as somebody would from a notebook: both streams, without the last newline."""
        return self.run(
            "import subprocess\n"
            f"done = subprocess.run({command!r}, shell=True, stdout=-1, stderr=subprocess.STDOUT)\n"
            "print(done.stdout.decode(), end='')"
        ).removesuffix("\n")

    def run(self, code: str) -> str:
        """What the cell prints; its error, where it has one, is raised."""
        message = uuid.uuid4().hex
        header = {"msg_id": message, "msg_type": "execute_request", "version": "5.3"}
        self.socket.send(
            json.dumps(
                {
                    "channel": "shell",
                    "header": {**header, "username": "", "session": "show"},
                    "parent_header": {},
                    "metadata": {},
                    "content": {"code": code, "silent": False},
                }
            )
        )
        printed = []
        while True:
            answer = json.loads(self.socket.recv())
            if answer["parent_header"].get("msg_id") != message:
                continue
            content = answer["content"]
            if answer["msg_type"] == "stream":
                printed.append(content["text"])
            elif answer["msg_type"] == "error":
                raise RuntimeError(f"{content['ename']}: {content['evalue']}")
            elif answer["msg_type"] == "status" and content["execution_state"] == "idle":
                return "".join(printed)

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

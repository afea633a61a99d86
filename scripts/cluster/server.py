# SPDX-License-Identifier: Apache-2.0
"""A user's server as a browser reaches it: through the hub's proxy, with the user's token."""

from __future__ import annotations

import requests
import websocket

PATIENCE_S = 60


class Server:
    """`name` is that of a named server."""

    def __init__(self, hub: str, user: str, token: str, name: str = ""):
        self.url = f"{hub}/user/{user}/{name}".rstrip("/")
        self.headers = {"Authorization": f"token {token}"}

    def call(self, method: str, path: str, body: object = None) -> requests.Response:
        answer = requests.request(method, self.url + path, json=body, headers=self.headers, timeout=PATIENCE_S)
        answer.raise_for_status()
        return answer

    def connect(self, path: str) -> websocket.WebSocket:
        address = self.url.replace("http", "ws", 1) + path
        return websocket.create_connection(address, PATIENCE_S, header=self.headers)

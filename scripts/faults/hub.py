# SPDX-License-Identifier: Apache-2.0
"""Hubs that spawn without pause, and the count of their own that they keep of what they were answered.

A hub calls as JupyterHub does: pre-spawn, pod, later post-stop. A call that gets no answer because Berth was killed, or
a problem with Retry-After, is made again with the same start. Any other answer ends the trial.
"""

import http.client
import json
import time

from .count import Spawn
from .trial import Trial

#: How many servers of a hub run at one time.
RUNNING = 4
#: A hub that waits as long as Retry-After asks would see little of a fault of seconds.
PAUSE_S = 0.1


class Over(Exception):
    """The trial has a fault: every hub ends."""


class Hub:
    """One hub, on a connection of its own."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.connection: http.client.HTTPConnection | None = None
        self.seen_killed = 0

    def work(self) -> None:
        running: list[tuple[Spawn, str]] = []
        try:
            while spawn := self.trial.next_spawn():
                if id := self.pre_spawn(spawn):
                    self.pod(spawn, id)
                    running.append((spawn, id))
                if len(running) >= RUNNING:
                    self.post_stop(*running.pop(0))
            for spawn, id in running:
                self.post_stop(spawn, id)
        except Over:
            return
        except Exception as error:  # a thread's end must not go unseen
            self.trial.give_up(f"a hub fails: {error!r}")

    def pre_spawn(self, spawn: Spawn) -> str | None:
        """The reservation; None where all is held."""
        body = {"auth_state": None, "options": {"profile": spawn.profile}, "pod": True}
        status, answer, _ = self.call("pre-spawn", spawn, body)
        with self.trial.changed:
            if status == 409 and answer.get("code") == "gpu-unavailable":
                self.trial.count.refused += 1
                return None
            if status != 200:
                self.trial.give_up(f"pre-spawn of {spawn} is answered {status}: {answer}")
                raise Over
            id = answer["reservation_id"]
            if not self.trial.count.grant(spawn, id, [part["device"] for part in answer["reservation"]["placement"]]):
                self.trial.give_up(f"{spawn} is given {id}, and had another reservation")
            return id

    def pod(self, spawn: Spawn, id: str) -> None:
        status, answer, _ = self.call("pod", spawn, {"reservation_id": id, "pod": POD})
        with self.trial.changed:
            if status != 200:
                self.trial.give_up(f"the pod of {spawn} is answered {status}: {answer}")
                raise Over
            self.trial.count.bound.add(id)

    def post_stop(self, spawn: Spawn, id: str, *, is_told_again: bool = False) -> None:
        with self.trial.changed:
            self.trial.count.ask_stop(id)
        status, answer, is_repeat = self.call("post-stop", spawn, {"reservation_id": id})
        fine = {"released", "already-ended"} if is_repeat or is_told_again else {"released"}
        with self.trial.changed:
            if status != 200 or answer["outcome"] not in fine:
                self.trial.give_up(f"the stop of {spawn} is answered {status}: {answer}")
                raise Over
            self.trial.count.stopped.add(id)
            if answer["delete"]:
                self.trial.count.untidy[spawn] = id
            else:
                self.trial.count.untidy.pop(spawn, None)

    def call(self, route: str, spawn: Spawn, body: dict) -> tuple[int, dict, bool]:
        """Status, body, and whether it had to be asked more than once; asks until there is an answer to keep."""
        user = {"name": spawn.user, "admin": False, "groups": []}
        text = json.dumps({"user": user, "server": {"name": "", "start": spawn.start}, **body}).encode()
        repeats = 0
        while True:
            if self.trial.pass_gate():
                self.hang_up()  # it may have been idle for as long as Berth keeps a connection
            if self.trial.fault:
                raise Over
            if answer := self.ask(route, text):
                status, answer = answer
                with self.trial.changed:
                    if status == 200 and route != "pod":
                        self.trial.count.successes.append((time.monotonic(), spawn.profile))
                    self.trial.changed.notify_all()
                return status, answer, repeats > 0
            repeats += 1

    def ask(self, route: str, text: bytes) -> tuple[int, dict] | None:
        """None where the call has to be made again."""
        try:
            if self.connection is None:
                self.seen_killed = self.trial.killed
                self.connection = http.client.HTTPConnection("127.0.0.1", self.trial.berth.port, timeout=60)
            self.connection.request("POST", f"/v1/hub/{route}", text, self.trial.berth.authorization)
            answer = self.connection.getresponse()
            status, kind, after = answer.status, answer.headers["Content-Type"], answer.headers["Retry-After"]
            body = json.loads(answer.read())
        except (OSError, http.client.HTTPException) as error:
            self.note_cut_off(route, error)
            return None
        if status < 500:
            return status, body
        self.note_problem(route, status, kind, after, body)
        time.sleep(PAUSE_S)
        return None

    def hang_up(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None

    def note_cut_off(self, route: str, error: Exception) -> None:
        self.hang_up()
        with self.trial.changed:
            if self.trial.is_up and self.seen_killed == self.trial.killed:
                self.trial.give_up(f"{route} gets no answer, and nobody had killed Berth: {error!r}")
            self.trial.count.cut_off += 1
            self.trial.changed.notify_all()

    def note_problem(self, route: str, status: int, kind: str, after: str | None, body: dict) -> None:
        is_clear = kind == "application/problem+json" and body.get("user_message") and int(after or 0) >= 1
        with self.trial.changed:
            if status != 503 or not is_clear:
                self.trial.give_up(f"{route} is answered {status}, {kind}, Retry-After {after}: {body}")
            self.trial.count.problems[body.get("code")] += 1
            self.trial.changed.notify_all()


POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "jupyter-user"},
    "spec": {"containers": [{"name": "notebook", "image": "registry.example.org/notebook:1"}]},
}

# SPDX-License-Identifier: Apache-2.0
"""One container, run by runc; again after its end where its pod says so."""

import datetime
import shutil
import signal
import subprocess
import threading
import time

from children import end_with_parent
from node import bundle, fields, volumes


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Container:
    """`runs` is told (set) when it ends."""

    def __init__(self, node, pod, spec, folder, runs):
        self.node, self.pod, self.spec, self.runs = node, pod, spec, runs
        self.id = f"{node.name}-{pod['metadata']['uid']}-{spec['name']}"
        self.folder = folder / self.id
        self.log = folder / f"{spec['name']}.log"
        self.process = None
        self.restarts = 0
        self.state = {"waiting": {"reason": "ContainerCreating"}}
        self.was = {}

    @property
    def is_running(self):
        return "running" in self.state

    @property
    def exit_code(self):
        """None before its end."""
        return self.state.get("terminated", {}).get("exitCode")

    def start(self, places):
        """Raises NotYet or Misfit where it cannot be made."""
        if self.node.is_ending:
            raise fields.NotYet("the node ends")  # and its janitor would miss what is started now
        if "terminated" in self.state:
            self.restarts += 1
            self.was = self.state
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        try:
            variables = fields.environment(self.node.kube, self.pod, self.spec, self.node.python)
            mounts = volumes.mounts(self.pod, self.spec, places)
            bundle.write(self.folder, self.pod, self.spec, variables, mounts, self.node)
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        # Opened to be added to: what an earlier run wrote stays, as `kubectl logs --previous` would have it.
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.node.runc, "run", "--pid-file", self.folder / "pid", "--bundle", self.folder, self.id],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, preexec_fn=end_with_parent)
        while not (self.folder / "pid").exists() and self.process.poll() is None:
            time.sleep(0.01)  # before that, a signal would reach nobody
        self.state = {"running": {"startedAt": now()}}
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self):
        code = self.process.wait()
        began = self.state["running"]["startedAt"]
        reason = "Completed" if code == 0 else "Error"
        ended = {"exitCode": code if code >= 0 else 128 - code, "reason": reason}
        self.state = {"terminated": {**ended, "startedAt": began, "finishedAt": now(), "containerID": self.runtime_id}}
        self.runs.set()

    def signal(self, number):
        if self.is_running:
            subprocess.run([*self.node.runc, "kill", self.id, str(number)], capture_output=True)

    def stop(self, grace_s):
        """Asks it to end, and ends it after `grace_s`."""
        if grace_s > 0:
            self.signal(signal.SIGTERM)
        try:
            self.process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait(30)

    @property
    def runtime_id(self):
        return f"runc://{self.id}"

    @property
    def status(self):
        """As a pod's status has it."""
        image = self.spec["image"]
        return {
            "name": self.spec["name"], "image": image, "imageID": image, "restartCount": self.restarts,
            "ready": self.is_running or self.exit_code == 0 and self._is_init, "started": self.is_running,
            "state": self.state, "lastState": self.was, **({"containerID": self.runtime_id} if self.process else {}),
        }

    @property
    def _is_init(self):
        return any(one["name"] == self.spec["name"] for one in self.pod["spec"].get("initContainers") or [])

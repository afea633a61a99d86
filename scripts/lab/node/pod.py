# SPDX-License-Identifier: Apache-2.0
"""The life of one pod on a node: volumes, init containers in order, containers, and what the API server hears of it.

Not as a kubelet does it: no probes, no ephemeral containers, no native sidecars (this API server knows none), a
restart after a second instead of ten, a look every half second for what is missing.
"""

import shutil
import threading
import time

from node import volumes
from node.bundle import Misfit
from node.container import Container, now
from node.fields import NotYet

LOOK_AGAIN_S = 0.5
RESTART_S = 1.0


class Ended(Exception):
    """The pod is to end: deleted, or past its deadline."""


class Pod(threading.Thread):
    def __init__(self, node, pod, ip):
        super().__init__(name=pod["metadata"]["name"], daemon=True)
        self.node, self.pod, self.ip = node, pod, ip
        self.namespace, self.uid = pod["metadata"]["namespace"], pod["metadata"]["uid"]
        self.path = f"/api/v1/namespaces/{self.namespace}/pods/{self.name}"
        self.folder = node.folder / "pods" / self.uid
        #: Set where there is something to look at: a container's end, or the pod's.
        self.news = threading.Event()
        self.began = now()
        self.deadline = None
        self.gone = False
        self.reason = {}
        self.inits = [self.container(spec) for spec in pod["spec"].get("initContainers") or []]
        self.mains = [self.container(spec) for spec in pod["spec"]["containers"]]

    def container(self, spec):
        return Container(self.node, self.pod, spec, self.folder, self.news)

    def update(self, pod):
        """What the API server has now."""
        self.pod["metadata"] = pod["metadata"]
        self.news.set()

    def forget(self):
        """It is gone from the API server."""
        self.gone = True
        self.news.set()

    def run(self):
        seconds = self.pod["spec"].get("activeDeadlineSeconds")
        self.deadline = time.monotonic() + seconds if seconds else None
        self.pod["status"] |= {"podIP": self.ip, "hostIP": "127.0.0.1"}  # for fields of the downward API
        self.folder.mkdir(parents=True)
        try:
            self.live()
        except Ended:
            self.end_containers()
        self.report()
        while not self.is_deleted:
            self.news.wait()
            self.news.clear()
        self.remove()

    # --- Its life

    def live(self):
        self.report("Pending")
        places = self.until_there(lambda: self.prepared(), "FailedMount")
        for container in self.inits:
            if not self.has_completed(container, places):
                return
        for container in self.mains:
            self.start_container(container, places)
        while not self.has_ended():
            self.report()
            self.wait(None)
            for container in self.mains:
                if self.is_to_restart(container):
                    self.wait(RESTART_S)
                    self.start_container(container, places)

    def prepared(self):
        return volumes.prepare(self.node.kube, self.pod, self.folder / "volumes", self.node.host_root)

    def has_completed(self, container, places):
        while True:
            self.start_container(container, places)
            self.report("Pending")
            while container.exit_code is None:
                self.wait(None)
            if container.exit_code == 0:
                return True
            if self.pod["spec"].get("restartPolicy") == "Never":
                return False
            self.wait(RESTART_S)

    def start_container(self, container, places):
        self.until_there(lambda: container.start(places), "Failed", container)
        self.node.event(self.pod, "Started", f"Started container {container.spec['name']}", "Normal")

    def is_to_restart(self, container):
        policy = self.pod["spec"].get("restartPolicy", "Always")
        code = container.exit_code
        return code is not None and (policy == "Always" or policy == "OnFailure" and code != 0)

    def has_ended(self):
        return all(one.exit_code is not None and not self.is_to_restart(one) for one in self.mains)

    def until_there(self, attempt, reason, container=None):
        """The attempt's outcome; what it lacks is told once and looked for again."""
        told = None
        while True:
            try:
                return attempt()
            except (NotYet, Misfit) as why:
                if str(why) != told:
                    told = str(why)
                    self.node.event(self.pod, reason, told, "Warning")
                    if container:
                        container.state = {"waiting": {"reason": "CreateContainerConfigError", "message": told}}
                        self.report()
            self.wait(LOOK_AGAIN_S)

    def wait(self, seconds):
        """Until there is news, or for that long; raises Ended."""
        if self.deadline is not None:
            left = self.deadline - time.monotonic()
            seconds = left if seconds is None else min(seconds, left)
        self.news.wait(seconds if seconds is None else max(0, seconds))
        self.news.clear()
        if self.is_deleted:
            raise Ended
        if self.deadline is not None and time.monotonic() >= self.deadline:
            self.deadline = None
            self.reason = {"reason": "DeadlineExceeded", "message": "Pod was active longer than specified deadline"}
            raise Ended

    # --- Its end

    @property
    def is_deleted(self):
        return self.gone or "deletionTimestamp" in self.pod["metadata"]

    def end_containers(self):
        grace = self.pod["metadata"].get("deletionGracePeriodSeconds", self.pod["spec"]["terminationGracePeriodSeconds"])
        grace = 0 if self.gone else grace
        running = [one for one in [*self.inits, *self.mains] if one.is_running]
        if running and not self.gone:
            self.node.event(self.pod, "Killing", "Stopping its containers", "Normal")
        enders = [threading.Thread(target=one.stop, args=(grace,)) for one in running]
        for ender in enders:
            ender.start()
        for ender in enders:
            ender.join()

    def remove(self):
        self.end_containers()
        self.node.unmount(self.folder)
        shutil.rmtree(self.folder)
        if not self.gone:
            self.report()
            self.node.delete(self.path, self.uid)

    # --- What is told of it

    def report(self, phase=None):
        initialized = all(one.exit_code == 0 for one in self.inits)
        ready = initialized and all(one.is_running for one in self.mains)
        conditions = {"Initialized": initialized, "ContainersReady": ready, "Ready": ready}
        self.node.report(self.path, {
            "phase": phase or self.phase, "podIP": self.ip, "podIPs": [{"ip": self.ip}], "hostIP": "127.0.0.1",
            "startTime": self.began, **self.reason,
            "conditions": [{"type": name, "status": str(holds)} for name, holds in conditions.items()],
            "initContainerStatuses": [one.status for one in self.inits],
            "containerStatuses": [one.status for one in self.mains],
        })

    @property
    def phase(self):
        if self.reason or any(one.exit_code for one in self.inits):
            return "Failed"
        if not self.has_ended():
            return "Running" if any(one.process for one in self.mains) else "Pending"
        return "Failed" if any(one.exit_code for one in self.mains) else "Succeeded"

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A node for the cluster of `cluster.py`, which runs its pods for real, with runc: for tests and shows.

    scripts/lab/kubelet.py FOLDER --kubeconfig FILE --node gpu-1 [--resource nvidia.com/gpu=2] [--label a=b] [--lxcfs]
                           [--share PATH]

Makes FOLDER and the node, prints one line of JSON, and stays: whoever ends this process ends its containers too. Needs
root, cgroups, and Debian's runc; with --lxcfs also FUSE and Debian's lxcfs. It fails where it may not do that.

A container runs as its pod says: as that user and those groups, without the capabilities that are dropped, with its
volumes and its limits. Its image is the same for every name (`node/image.py`): this machine's programs and a Python
environment, read-only, and what --share adds. FOLDER/host is the root directory of the node, where hostPath volumes
are; with --lxcfs there is an LXCFS at its /var/lib/lxcfs. The network is the machine's own: each pod has an address of 127.0.0.0/8, and two pods
cannot listen on one port.
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from children import end_with_parent
from kube import Kube, Refused
from node import bundle, image
from node.container import now
from node.janitor import unmount
from node.pod import Pod

STRATEGIC = "application/strategic-merge-patch+json"
PATIENCE_S = 60


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    node = Node(Path(options.folder).resolve(), options)
    try:
        node.start()
        print(json.dumps(node.facts()), flush=True)
        if options.until_eof:
            sys.stdin.read()
        else:
            signal.pause()
    finally:
        node.stop()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="a folder that is not there yet")
    parser.add_argument("--kubeconfig", type=Path, required=True, help="the administrator's, as cluster.py writes it")
    parser.add_argument("--node", required=True, help="its name")
    parser.add_argument("--resource", action="append", default=[], metavar="NAME=AMOUNT", help="may be repeated")
    parser.add_argument("--label", action="append", default=[], metavar="NAME=VALUE", help="may be repeated")
    parser.add_argument("--lxcfs", action="store_true", help="serve LXCFS on it, with CPU limits shown")
    parser.add_argument("--python", default=image.interpreter(), help="the Python environment of its images")
    parser.add_argument(
        "--share", action="append", default=[], metavar="PATH",
        help="a file or folder of this machine that every image has, read-only, at the same path; may be repeated")
    parser.add_argument("--until-eof", action="store_true", help="end with the standard input, as a child of a test does")
    return parser.parse_args()


class Node:
    def __init__(self, folder, options):
        self.folder, self.options, self.name, self.python = folder, options, options.node, options.python
        self.shares = options.share
        self.kube = client(options.kubeconfig)
        self.host_root = folder / "host"
        self.runc = ["runc", "--root", folder / "runc"]
        self.pods = {}
        self.addresses = 1
        self.lxcfs = self.janitor = None
        self.is_ending = False

    def start(self):
        if os.geteuid() != 0:
            raise SystemExit("kubelet.py: only root may run containers as other users")
        self.host_root.mkdir(parents=True)
        janitor = [sys.executable, Path(__file__).parent / "node" / "janitor.py", self.folder, self.folder / "runc"]
        self.janitor = subprocess.Popen(janitor, stdin=subprocess.PIPE, start_new_session=True)
        self.try_runc()
        if self.options.lxcfs:
            self.start_lxcfs(self.host_root / "var" / "lib" / "lxcfs")
        self.kube.node(self.name, pairs(self.options.resource), pairs(self.options.label))
        threading.Thread(target=self.follow, daemon=True).start()

    def facts(self):
        return {
            "pid": os.getpid(), "node": self.name, "host": str(self.host_root), "pods": str(self.folder / "pods"),
            "lxcfs_pid": self.lxcfs and self.lxcfs.pid,
        }

    def stop(self):
        """The janitor does it, as it would if this process were killed."""
        self.is_ending = True
        if self.lxcfs:
            self.lxcfs.terminate()
            self.lxcfs.wait()
        if self.janitor:
            self.janitor.stdin.close()
            self.janitor.wait()

    def try_runc(self):
        """A first container, so that a machine that may not have any says so here and in runc's words."""
        pod = {"metadata": {"name": "first"}, "spec": {}}
        first = self.folder / f"{self.name}-first"
        first.mkdir()
        variables = [f"PATH={image.path_variable(self.python)}"]
        bundle.write(first, pod, {"command": ["true"]}, variables, [], self)
        try:
            command = [*self.runc, "run", "--bundle", first, first.name]
            done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        except FileNotFoundError:
            raise SystemExit("kubelet.py: runc is not installed: scripts/setup installs it") from None
        if done.returncode != 0:
            raise SystemExit(f"kubelet.py: this machine runs no containers; runc says:\n{done.stderr}{done.stdout}")

    def start_lxcfs(self, folder):
        folder.mkdir(parents=True)
        command = ["lxcfs", "-f", "--enable-cfs", "-p", self.folder / "lxcfs.pid", folder]
        with open(self.folder / "lxcfs.log", "wb") as log:
            try:
                self.lxcfs = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=end_with_parent)
            except FileNotFoundError:
                raise SystemExit("kubelet.py: lxcfs is not installed: scripts/setup installs it") from None
        deadline = time.monotonic() + 20
        while not (folder / "proc" / "meminfo").exists():
            if self.lxcfs.poll() is not None or time.monotonic() > deadline:
                said = (self.folder / "lxcfs.log").read_text(errors="replace")
                raise SystemExit(f"kubelet.py: this machine serves no LXCFS; it says:\n{said}")
            time.sleep(0.02)

    # --- What is bound to it

    def follow(self):
        """The pods of this node, for ever: after a lost connection or an old version from a new list on."""
        path, mine = "/api/v1/pods", {"fieldSelector": f"spec.nodeName={self.name}"}
        while True:
            try:
                listed = self.kube.ask("GET", f"{path}?fieldSelector={mine['fieldSelector']}")
                self.take(listed["items"])
                for event in self.kube.watch(path, resourceVersion=listed["metadata"]["resourceVersion"], **mine):
                    if event["type"] == "ERROR":
                        break
                    self.heed(event["object"], event["type"] == "DELETED")
            except (OSError, Refused, ValueError):
                time.sleep(0.2)

    def take(self, listed):
        there = {pod["metadata"]["uid"] for pod in listed}
        for uid in [uid for uid in self.pods if uid not in there]:
            self.pods.pop(uid).forget()
        for pod in listed:
            self.heed(pod, False)

    def heed(self, pod, is_gone):
        uid = pod["metadata"]["uid"]
        if is_gone:
            if uid in self.pods:
                self.pods.pop(uid).forget()
        elif uid in self.pods:
            self.pods[uid].update(pod)
        else:
            self.pods[uid] = Pod(self, pod, self.new_address())
            self.pods[uid].start()

    def new_address(self):
        self.addresses += 1
        return f"127.{16 + sum(self.name.encode()) % 200}.{self.addresses // 250}.{self.addresses % 250 + 1}"

    # --- What it tells the API server, which may be away for a while

    def report(self, path, status):
        self.patiently(lambda: self.kube.patch(f"{path}/status", {"status": status}, STRATEGIC))

    def delete(self, path, uid):
        options = {"gracePeriodSeconds": 0, "preconditions": {"uid": uid}}
        self.patiently(lambda: self.kube.ask("DELETE", path, options))

    def event(self, pod, reason, message, kind):
        meta = pod["metadata"]
        who = {"apiVersion": "v1", "kind": "Pod", **{key: meta[key] for key in ("name", "namespace", "uid")}}
        self.patiently(lambda: self.kube.create(f"/api/v1/namespaces/{meta['namespace']}/events", {
            "metadata": {"generateName": f"{meta['name']}.", "namespace": meta["namespace"]}, "involvedObject": who,
            "reason": reason, "message": message, "type": kind, "count": 1, "firstTimestamp": now(),
            "lastTimestamp": now(), "source": {"component": "kubelet", "host": self.name},
        }))

    def patiently(self, tell):
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return tell()
            except Refused as refused:
                if refused.status in (404, 409):  # it is gone, or another by now
                    return None
                if refused.status < 429:
                    raise
            except OSError:
                pass
            if time.monotonic() > deadline:
                return None
            time.sleep(0.2)

    def unmount(self, folder):
        unmount(folder)


def client(kubeconfig):
    settings = json.loads(kubeconfig.read_text())
    cluster, user = settings["clusters"][0]["cluster"], settings["users"][0]["user"]
    return Kube(cluster["server"], cluster["certificate-authority"], user["token"])


def pairs(words):
    return dict(word.split("=", 1) for word in words)


if __name__ == "__main__":
    main()

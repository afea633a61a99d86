#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A real Kubernetes control plane on loopback, for tests and shows: etcd, API server and scheduler.

    scripts/lab/cluster.py FOLDER [--until-eof] [--nodes 2] [--node-resource nvidia.com/gpu=4] [--without-scheduler]

Makes FOLDER, prints where the cluster is as one line of JSON once it is ready, and stays: whoever ends this process
ends the cluster. Needs Debian's etcd-server and openssl, and what scripts/peers builds.

There is no kubelet: a node is an object, and its pods stay Pending (scripts/lab/kubelet.py runs them). There is no
controller manager: nobody collects what a gone owner leaves behind, ends a namespace, or fills the status of a
ResourceQuota. Service accounts have no tokens by themselves; a TokenRequest gives one.

Each line of the standard input is a command, answered by one line of JSON with the processes as they are then, so that
a test can show what a fault does:

    stop-apiserver      as a crash does: nobody listens from here on
    start-apiserver     again, on the same port and data
    restart-apiserver   both; a watch from an older resource version is then answered with 410
    pause-apiserver     connections stand open, and nothing comes
    resume-apiserver
    compact             etcd forgets all but what is; the rest of a list that has begun is then answered with 410
"""
import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import control_plane
from certificates import authority, certificate, openssl
from children import answers, end_with_parent, free_port
from kube import Kube

ROOT = Path(__file__).resolve().parents[2]
START_S = 60


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    cluster = Cluster(Path(options.folder).resolve(), options)
    try:
        cluster.start()
        print(json.dumps(cluster.facts()), flush=True)
        for line in sys.stdin:
            print(json.dumps(cluster.obey(line.strip())), flush=True)
        while not options.until_eof:
            signal.pause()
    finally:
        cluster.stop()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="a folder that is not there yet")
    parser.add_argument("--until-eof", action="store_true", help="end with the standard input, as a child of a test does")
    parser.add_argument("--nodes", type=int, default=0, help="nodes to begin with: node-1, node-2 ...")
    parser.add_argument(
        "--node-resource", action="append", default=[], metavar="NAME=AMOUNT", help="each of them has; may be repeated")
    parser.add_argument("--without-scheduler", action="store_true")
    parser.add_argument(
        "--apiserver", action="append", default=[], metavar="FLAG", help="a further flag of the API server's, as "
        "--apiserver=--max-requests-inflight=4; may be repeated")
    parser.add_argument("--programs", type=Path, help="the folder with kube-apiserver; that of scripts/peers by default")
    return parser.parse_args()


class Cluster:
    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        self.programs = options.programs or built_programs()
        self.admin_token = secrets.token_hex(16)
        self.etcd_port = self.port = None
        self.processes = {}

    def start(self):
        self.folder.mkdir(parents=True)
        self.make_certificates()
        control_plane.write_files(self.folder, self.admin_token)
        self.start_etcd()
        self.start_apiserver()
        control_plane.write_kubeconfigs(self.folder, self.url, self.admin_token)
        admin = Kube(self.url, str(self.folder / "ca.pem"), self.admin_token)
        resources = dict(one.split("=", 1) for one in self.options.node_resource)
        for number in range(self.options.nodes):
            admin.node(f"node-{number + 1}", resources)
        if not self.options.without_scheduler:
            command = control_plane.scheduler(self.programs, self.folder)
            self.processes["scheduler"] = self.child("scheduler", command)

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    def facts(self):
        folder = self.folder
        return {
            "url": self.url, "port": self.port, "ca": f"{folder}/ca.pem", "admin_token": self.admin_token,
            "kubeconfig": f"{folder}/admin.kubeconfig",
            "kubeconfig_by_certificate": f"{folder}/certificate.kubeconfig",
            "client_certificate": f"{folder}/admin.pem", "client_key": f"{folder}/admin.key",
            "ca_key": f"{folder}/ca.key", "webhook_client_name": control_plane.WEBHOOK_CLIENT,
            "etcd": f"http://127.0.0.1:{self.etcd_port}", "audit": f"{folder}/audit.log", "pids": self.pids(),
        }

    def pids(self):
        return {name: process.pid for name, process in self.processes.items()}

    # --- Commands

    def obey(self, command):
        known = {
            "stop-apiserver": self.stop_apiserver, "start-apiserver": self.start_apiserver,
            "restart-apiserver": self.restart_apiserver, "compact": self.compact,
            "pause-apiserver": lambda: self.processes["apiserver"].send_signal(signal.SIGSTOP),
            "resume-apiserver": lambda: self.processes["apiserver"].send_signal(signal.SIGCONT),
        }
        if command not in known:
            return {"error": f"unknown: {command!r}; known: {', '.join(known)}"}
        try:
            known[command]()
        except (OSError, KeyError, RuntimeError) as failure:
            return {"error": f"{command}: {failure!r}"}
        return {"done": command, "pids": self.pids()}

    def stop_apiserver(self):
        process = self.processes.pop("apiserver", None)
        if process:
            process.kill()
            process.wait()

    def restart_apiserver(self):
        self.stop_apiserver()
        self.start_apiserver()

    def compact(self):
        now = self.ask_etcd("range", {"key": "AA=="})["header"]["revision"]
        self.ask_etcd("compaction", {"revision": now, "physical": True})

    def ask_etcd(self, question, body):
        url = f"http://127.0.0.1:{self.etcd_port}/v3/kv/{question}"
        with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode()), timeout=20) as answer:
            return json.load(answer)

    # --- Processes. Another program may take a port between its choice and its use: then another one is tried.

    def start_etcd(self):
        for _ in range(5):
            self.etcd_port = free_port()
            process = self.child("etcd", control_plane.etcd(self.folder, self.etcd_port, free_port()))
            if answers(process, self.etcd_port):
                self.processes["etcd"] = process
                return
        raise SystemExit(f"etcd does not start:\n{self.log_end('etcd')}")

    def start_apiserver(self):
        if "apiserver" in self.processes:
            raise RuntimeError("it runs")
        first = self.port is None
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            self.port = free_port() if first else self.port
            command = control_plane.apiserver(self.programs, self.folder, self.etcd_port, self.port)
            process = self.child("apiserver", command + self.options.apiserver)
            if self.is_ready(process, deadline):
                self.processes["apiserver"] = process
                return
            process.kill()
            process.wait()
            if "bind: address already in use" not in self.log_end("apiserver"):
                break
        raise SystemExit(f"the API server does not start:\n{self.log_end('apiserver')}")

    def is_ready(self, process, deadline):
        """Ready, by its own word and to us: that of whoever else may listen there would not be verified."""
        while process.poll() is None and time.monotonic() < deadline:
            try:
                Kube(self.url, str(self.folder / "ca.pem"), self.admin_token).ask("GET", "/readyz", timeout_s=5)
                return True
            except Exception:  # not yet, in one of many ways
                time.sleep(0.05)
        return False

    def child(self, name, command):
        with open(self.folder / f"{name}.log", "ab") as log:
            return subprocess.Popen(
                list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                preexec_fn=end_with_parent)

    def log_end(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")[-3000:]

    def stop(self):
        """Its data is nobody's any more: nothing needs to be written back."""
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait()

    def make_certificates(self):
        authority(self.folder, "ca")
        certificate(self.folder, "server", "/CN=kube-apiserver", "subjectAltName=IP:127.0.0.1,DNS:localhost")
        client = "extendedKeyUsage=clientAuth"
        certificate(self.folder, "admin", "/O=system:masters/CN=admin", client)
        certificate(self.folder, "webhook-client", f"/CN={control_plane.WEBHOOK_CLIENT}", client)
        openssl(self.folder, "genrsa", "-out", "service-accounts.key", "2048")


def built_programs():
    done = subprocess.run([ROOT / "scripts" / "peers", "--path"], capture_output=True, text=True, check=True)
    folder = Path(done.stdout.strip())
    if not os.access(folder / "kube-apiserver", os.X_OK):
        raise SystemExit(f"{folder} holds no kube-apiserver: run scripts/peers, which builds it")
    return folder


if __name__ == "__main__":
    main()

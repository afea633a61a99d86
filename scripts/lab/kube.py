# SPDX-License-Identifier: Apache-2.0
"""Kubernetes for tests and shows: a small client, nodes without a kubelet, and the cluster of `cluster.py` as a child."""

import http.client
import json
import ssl
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
#: What Berth may do in its cluster, and the namespace where it lives.
MANIFESTS, HOME = Path(__file__).resolve().parents[2] / "config" / "kubernetes" / "rbac.yaml", "berth"
#: What a node has where a test does not say otherwise.
NODE = {"cpu": "8", "memory": "32Gi", "pods": "110", "ephemeral-storage": "100Gi"}


class Refused(Exception):
    """The API server said no: `status` and its words."""

    def __init__(self, status, asked, body):
        self.status, self.body = status, body
        super().__init__(f"{asked}: {status} {body.get('message', body)}")


class Kube:
    """One identity at one API server. A path is that of the API, as `/api/v1/namespaces/jupyter/pods`."""

    def __init__(self, url, ca, token):
        self.url, self.ca, self.token = url, ca, token
        self._tls = ssl.create_default_context(cafile=ca)

    def as_(self, token):
        """The same API server under another token."""
        return Kube(self.url, self.ca, token)

    def ask(self, method, path, body=None, kind="application/json", timeout_s=20):
        """The answer's JSON; raises Refused."""
        answer, connection = self._send(method, path, body, kind, timeout_s)
        try:
            text = answer.read()
        finally:
            connection.close()
        value = json.loads(text) if text[:1] in (b"{", b"[") else {"message": text.decode(errors="replace")}
        if answer.status >= 300:
            raise Refused(answer.status, f"{method} {path}", value)
        return value

    def get(self, path):
        """The object, or None where there is none."""
        try:
            return self.ask("GET", path)
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def items(self, path, **query):
        return self.ask("GET", f"{path}?{urlencode(query)}")["items"]

    def create(self, path, body):
        return self.ask("POST", path, body)

    def patch(self, path, body, kind=MERGE):
        return self.ask("PATCH", path, body, kind)

    def apply(self, path, body, manager="tests"):
        return self.ask("PATCH", f"{path}?fieldManager={manager}&force=true", body, APPLY)

    def delete(self, path, grace_s=None):
        """Whether it was there."""
        options = {} if grace_s is None else {"gracePeriodSeconds": grace_s}
        try:
            self.ask("DELETE", path, options)
        except Refused as refused:
            if refused.status != 404:
                raise
            return False
        return True

    def watch(self, path, **query):
        """Events from here on, for as long as the server sends them; the first ones tell what is there."""
        asked = f"{path}?{urlencode({**query, 'watch': 1})}"
        answer, connection = self._send("GET", asked, None, "", None)
        try:
            if answer.status != 200:
                raise Refused(answer.status, f"GET {asked}", {"message": answer.read().decode(errors="replace")})
            for line in answer:
                yield json.loads(line)
        finally:
            connection.close()

    def wait(self, path, holds, seconds=60):
        """The object at `path` once `holds(it)`; it is None while there is none."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.get(path)
            if holds(found):
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} is not as wanted after {seconds} s: {json.dumps(found)[:2000]}")
            time.sleep(0.05)

    def _send(self, method, path, body, kind, timeout_s):
        place = urlsplit(self.url)
        connection = http.client.HTTPSConnection(place.hostname, place.port, context=self._tls, timeout=timeout_s)
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        data = None
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), kind
        try:
            connection.request(method, path, data, headers)
            return connection.getresponse(), connection
        except BaseException:
            connection.close()
            raise

    # --- What a test's cluster is made of

    def namespace(self, name, labels=None):
        return self.create("/api/v1/namespaces", {"metadata": {"name": name, "labels": labels or {}}})

    def node(self, name, resources=None, labels=None, taints=None):
        """A node that is ready, as a kubelet would report it. `resources` are added to or replace those of NODE."""
        has = {**NODE, **(resources or {})}
        hostname = {"kubernetes.io/hostname": name}
        body = {"metadata": {"name": name, "labels": {**hostname, **(labels or {})}}, "spec": {"taints": taints or []}}
        self.create("/api/v1/nodes", body)
        ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "a test says so"}
        self.patch(
            f"/api/v1/nodes/{name}/status", {"status": {"capacity": has, "allocatable": has, "conditions": [ready]}})
        # The API server taints every new node; in a cluster, the node controller takes that back.
        return self.patch(f"/api/v1/nodes/{name}", {"spec": {"taints": taints or None}})

    def quota(self, namespace, name, hard):
        """A ResourceQuota that is in force: its status is what the API server counts by, and no controller fills it."""
        there = f"/api/v1/namespaces/{namespace}/resourcequotas"
        self.create(there, {"metadata": {"name": name}, "spec": {"hard": hard}})
        used = {resource: "0" for resource in hard}
        return self.patch(f"{there}/{name}/status", {"status": {"hard": hard, "used": used}})

    def service_account(self, namespace, name):
        return self.create(f"/api/v1/namespaces/{namespace}/serviceaccounts", {"metadata": {"name": name}})

    def grant(self, namespace, account, rules):
        """A role of that name with these rules, for that service account of the namespace."""
        rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
        self.create(f"{rbac}/roles", {"metadata": {"name": account}, "rules": rules})
        who = {"kind": "ServiceAccount", "name": account, "namespace": namespace}
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": account}
        self.create(f"{rbac}/rolebindings", {"metadata": {"name": account}, "subjects": [who], "roleRef": role})

    def write_kubeconfig(self, file, token=None, namespace="default"):
        """How this API server is reached under that token, or one's own, by somebody at home in `namespace`."""
        file.touch(mode=0o600)
        file.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": self.url, "certificate-authority": self.ca}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test", "namespace": namespace}}],
            "users": [{"name": "test", "user": {"token": token or self.token}}],
        }))

    def token_of(self, namespace, name, seconds=3600):
        """A token of that service account, as a pod gets it."""
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest"}
        there = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
        answer = self.create(there, {**asked, "spec": {"expirationSeconds": seconds}})
        return answer["status"]["token"]


class Program:
    """A program beside this file that tells about itself in one line of JSON and ends with its input."""

    def __init__(self, name, *arguments):
        command = [sys.executable, Path(__file__).with_name(name), *arguments, "--until-eof"]
        self.child = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        line = self.child.stdout.readline()
        if not line:
            raise SystemExit(f"{name} did not start: exit code {self.child.wait()}, see above")
        self.facts = json.loads(line)

    def order(self, command):
        """One of `cluster.py`'s commands, as `restart-apiserver`; returns when it is done."""
        self.child.stdin.write(command + "\n")
        self.child.stdin.flush()
        answer = json.loads(self.child.stdout.readline() or '{"error": "it ended"}')
        if "error" in answer:
            raise RuntimeError(answer["error"])
        self.facts["pids"] = answer["pids"]

    def stop(self):
        self.child.stdin.close()
        self.child.wait(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Cluster(Program, Kube):
    """`cluster.py` as a child, with its administrator's client; use it in a `with` block."""

    def __init__(self, folder, *options):
        """`folder` must not be there yet; `options` are those of `cluster.py`."""
        Program.__init__(self, "cluster.py", folder, *options)
        Kube.__init__(self, self.facts["url"], self.facts["ca"], self.facts["admin_token"])

    def install_role(self, file, seconds=3600):
        """Berth's account with the role that its manifests give it, for hubs in `jupyter`; `file` tells how to be it."""
        for name in ("jupyter", HOME):
            self.namespace(name)
        command = ["kubectl", "--kubeconfig", self.facts["kubeconfig"], "apply", "-f", MANIFESTS]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        self.write_kubeconfig(file, self.token_of(HOME, "berth", seconds), HOME)


class Node(Program):
    """`kubelet.py` as a child: a node whose pods run; use it in a `with` block."""

    def __init__(self, folder, cluster, name, *options):
        super().__init__("kubelet.py", folder, "--kubeconfig", cluster.facts["kubeconfig"], "--node", name, *options)

    def log_of(self, pod, container):
        """What that container has written."""
        return (Path(self.facts["pods"]) / pod["metadata"]["uid"] / f"{container}.log").read_text(errors="replace")

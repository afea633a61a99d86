# SPDX-License-Identifier: Apache-2.0
"""A real API server that asks Berth and a meddler about pods, and a KubeSpawner whose hub asks Berth."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import secrets
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "scripts" / "hub")]
sys.path.append(str(ROOT / "config" / "jupyterhub"))

import berth_hub  # noqa: E402
from kube import Start  # noqa: E402
from lab.berth import Berth  # noqa: E402
from lab.certificates import authority, certificate  # noqa: E402
from lab.children import free_port  # noqa: E402
from lab.kube import Cluster  # noqa: E402
from meddler import Meddler  # noqa: E402
from traitlets.config import Config  # noqa: E402

CARD = "nvidia.com/gpu"
HUB, ELSEWHERE = "jupyter", "analysis"
STAFF = {"groups": ["staff"], "roles": []}
MUTATING = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"


class World:
    """All of it on loopback, in `folder`; use it in a `with` block."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.ends = contextlib.ExitStack()

    def __enter__(self) -> World:
        try:
            self.cluster = self.ends.enter_context(Cluster(self.folder / "cluster"))
            self.make_certificates()
            self.berth = self.ends.enter_context(Berth(self.folder / "berth", self.configuration()))
            self.meddler = Meddler(self.folder / "berth.pem", self.folder / "berth.key")
            self.ends.callback(self.meddler.stop)
            self.cluster.namespace(HUB, {"berth.io/hub": "true"})
            self.cluster.namespace(ELSEWHERE)
            self.register()
            return self
        except BaseException:
            self.ends.close()
            raise

    def __exit__(self, *_) -> None:
        self.ends.close()

    def make_certificates(self) -> None:
        authority(self.folder, "berth-ca")
        names = "subjectAltName=IP:127.0.0.1,DNS:localhost"
        certificate(self.folder, "berth", "/CN=berth", names, by="berth-ca")
        for name in ["seal.key", "webhook.secret"]:
            (self.folder / name).touch(mode=0o600)
            (self.folder / name).write_text(secrets.token_hex(32) + "\n")

    def configuration(self) -> str:
        self.port = free_port()
        cards = [{"uuid": f"GPU-{n}", "product": "A100", "memory": "80Gi", "pools": ["a100"]} for n in range(8)]
        return json.dumps({
            "listen": "127.0.0.1:PORT",
            "tls": {
                "listen": f"127.0.0.1:{self.port}",
                "certificate_file": f"{self.folder}/berth.pem", "key_file": f"{self.folder}/berth.key",
                "client_ca_file": self.cluster.facts["ca"],
            },
            "ledger": {"path": "FOLDER/ledger.sqlite"},
            "deployments": {"lab": {"hook_token_file": "FOLDER/hub.token", "trust": "auth_state", "namespace": HUB}},
            "identity": {"issuers": [{"issuer": "https://idp.example.org", "groups": ["groups"], "roles": ["roles"]}]},
            "pools": {"a100": {"mode": "whole", "resource": CARD}},
            "inventory": {"nodes": {"gpu-1": {"cards": cards}}},
            "profiles": [
                {"slug": "cpu", "display_name": "CPU", "default": True},
                {"slug": "gpu", "display_name": "A100", "gpu": {"pool": "a100", "cards": 1}, "walltime": "8h"},
            ],
            "pod": {"security": "restricted"},
            "seal": {"key_file": f"{self.folder}/seal.key"},
            "admission": {"client_names": [self.cluster.facts["webhook_client_name"]]},
        }, indent=1)  # fmt: skip

    # --- Webhooks

    def register(self) -> None:
        """config/kubernetes/webhook.yaml as it stands, but for where Berth is; and the meddler behind it."""
        for entry in yaml.safe_load_all((ROOT / "config" / "kubernetes" / "webhook.yaml").read_text()):
            for webhook in entry["webhooks"]:
                service = webhook["clientConfig"].pop("service")
                webhook["clientConfig"] |= {"url": f"https://127.0.0.1:{self.port}{service['path']}", "caBundle": self.bundle}
            kind = entry["kind"].lower() + "s"
            self.cluster.create(f"/apis/admissionregistration.k8s.io/v1/{kind}", entry)
        self.cluster.create(MUTATING, {
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": "meddler"},
            "webhooks": [{
                "name": "meddler.example.org", "admissionReviewVersions": ["v1"], "sideEffects": "None",
                "clientConfig": {"url": self.meddler.url, "caBundle": self.bundle},
                "namespaceSelector": {"matchLabels": {"berth.io/hub": "true"}},
                "objectSelector": {"matchExpressions": [{"key": "meddle", "operator": "Exists"}]},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
                "reinvocationPolicy": "IfNeeded", "failurePolicy": "Fail",
            }],
        })  # fmt: skip

    @property
    def bundle(self) -> str:
        return base64.b64encode((self.folder / "berth-ca.pem").read_bytes()).decode()

    # --- Pods

    def spawned(self, user: str, profile: str, *, hook: bool = True) -> dict:
        """The manifest that the real KubeSpawner would POST, with or without the hub's `modify_pod_hook`."""
        return asyncio.run(asyncio.wait_for(self._spawned(user, profile, hook), 60))

    async def _spawned(self, user: str, profile: str, hook: bool) -> dict:
        c = Config()
        c.KubeSpawner.namespace = HUB
        c.KubeSpawner.image = "registry.example.org/notebooks/base:1"
        berth_hub.install(c, url=self.berth.url, token_file=str(self.berth.token_file))
        start = Start(c, user, STAFF)
        try:
            if hook:
                return await start.pod({"profile": profile})
            await start.begin({"profile": profile})
            await start.spawner.load_user_options()
            pod = await start.spawner.get_pod_manifest()
            return start.spawner.api.api_client.sanitize_for_serialization(pod)
        finally:
            await start.close()

    def create(self, pod: dict, namespace: str = HUB) -> dict:
        return self.cluster.create(f"/api/v1/namespaces/{namespace}/pods", pod)

    def kubectl(self, *words: str, stdin: dict | None = None) -> tuple[int, str]:
        """Exit code and all that it said."""
        command = ["kubectl", "--kubeconfig", self.cluster.facts["kubeconfig"], *words]
        data = None if stdin is None else json.dumps(stdin)
        done = subprocess.run(command, input=data, capture_output=True, text=True, timeout=60)
        return done.returncode, (done.stdout + done.stderr).rstrip()


def plain(name: str, gpu: int = 0, **metadata) -> dict:
    """A pod that somebody writes by hand."""
    container = {"name": "notebook", "image": "registry.example.org/cuda:12"}
    if gpu:
        container["resources"] = {"limits": {CARD: str(gpu)}}
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name} | metadata, "spec": {"containers": [container]},
    }  # fmt: skip

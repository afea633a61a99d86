# SPDX-License-Identifier: Apache-2.0
"""Berth's roles and its admission webhook, by the manifests that operators apply."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import yaml
from lab.certificates import authority, certificate
from lab.kube import Cluster
from processes import Failed

MANIFESTS = Path(__file__).resolve().parents[2] / "config" / "kubernetes"
REGISTRY = "/apis/admissionregistration.k8s.io/v1"


def grant_roles(cluster: Cluster, folder: Path) -> None:
    """As operators do it."""
    words = ["kubectl", "--kubeconfig", cluster.facts["kubeconfig"], "--cache-dir", folder / "kubectl"]
    done = subprocess.run([*words, "apply", "-f", MANIFESTS / "rbac.yaml"], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"kubectl does not apply rbac.yaml: {done.stderr}")


def make_certificate(folder: Path) -> None:
    """`berth.pem`, `berth.key`, and `berth-ca.pem` by which one believes it."""
    authority(folder, "berth-ca")
    certificate(folder, "berth", "/CN=berth", "subjectAltName=IP:127.0.0.1", by="berth-ca")


def register_webhooks(cluster: Cluster, folder: Path, port: int) -> None:
    """webhook.yaml as it stands, but for where Berth is: beside the cluster, not in it."""
    bundle = base64.b64encode((folder / "berth-ca.pem").read_bytes()).decode()
    for configuration in yaml.safe_load_all((MANIFESTS / "webhook.yaml").read_text()):
        for webhook in configuration["webhooks"]:
            path = webhook["clientConfig"]["service"]["path"]
            webhook["clientConfig"] = {"url": f"https://127.0.0.1:{port}{path}", "caBundle": bundle}
        cluster.create(f"{REGISTRY}/{configuration['kind'].lower()}s", configuration)

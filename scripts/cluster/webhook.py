# SPDX-License-Identifier: Apache-2.0
"""Berth as the API server's admission webhook, by the manifest that operators apply."""

from __future__ import annotations

import base64
from pathlib import Path

import yaml
from lab.certificates import authority, certificate
from lab.kube import Kube

MANIFEST = Path(__file__).resolve().parents[2] / "config" / "kubernetes" / "webhook.yaml"
REGISTRY = "/apis/admissionregistration.k8s.io/v1"


def make_certificate(folder: Path) -> None:
    """`berth.pem`, `berth.key`, and `berth-ca.pem` by which one believes it."""
    authority(folder, "berth-ca")
    certificate(folder, "berth", "/CN=berth", "subjectAltName=IP:127.0.0.1", by="berth-ca")


def register(cluster: Kube, folder: Path, port: int) -> None:
    """The manifest as it stands, but for where Berth is: beside the cluster, not in it."""
    bundle = base64.b64encode((folder / "berth-ca.pem").read_bytes()).decode()
    for configuration in yaml.safe_load_all(MANIFEST.read_text()):
        for webhook in configuration["webhooks"]:
            path = webhook["clientConfig"]["service"]["path"]
            webhook["clientConfig"] = {"url": f"https://127.0.0.1:{port}{path}", "caBundle": bundle}
        cluster.create(f"{REGISTRY}/{configuration['kind'].lower()}s", configuration)

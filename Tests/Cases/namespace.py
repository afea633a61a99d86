# SPDX-License-Identifier: Apache-2.0
"""A namespace in a real cluster, and who Berth is in it."""

from __future__ import annotations

import base64
import itertools
import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

from berth import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

from lab.kube import Cluster  # noqa: E402

#: What Berth's role holds for objects beside pods.
VERBS = ["get", "list", "create", "patch", "delete"]
KINDS = ["secrets", "configmaps", "services", "persistentvolumeclaims"]
NAMES = (f"berth-{number}" for number in itertools.count())


class Namespace:
    """A namespace of one test, and who Berth is in it."""

    def __init__(self, cluster: Cluster, folder: Path):
        self.cluster, self.folder, self.name = cluster, folder, next(NAMES)
        cluster.namespace(self.name)
        cluster.service_account(self.name, "berth")
        self.allow({kind: VERBS for kind in KINDS})

    def allow(self, verbs: dict[str, list[str]]) -> None:
        self.bind("berth", [{"apiGroups": [""], "resources": [kind], "verbs": may} for kind, may in verbs.items()])

    def allow_leases(self) -> None:
        verbs = ["get", "create", "patch"]
        self.bind("berth-leases", [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": verbs}])

    def bind(self, name: str, rules: list[dict[str, Any]]) -> None:
        """A role of these rules, which is Berth's."""
        rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{self.name}"
        api = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": name}}
        self.cluster.apply(f"{rbac}/roles/{name}", api | {"kind": "Role", "rules": rules})
        self.cluster.apply(
            f"{rbac}/rolebindings/{name}",
            api | {
                "kind": "RoleBinding",
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
                "subjects": [{"kind": "ServiceAccount", "name": "berth", "namespace": self.name}],
            },
        )

    def kubeconfig(self) -> str:
        file = self.folder / "berth.kubeconfig"
        token = self.cluster.token_of(self.name, "berth")
        file.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "berth",
            "clusters": [{
                "name": "lab", "cluster": {"server": self.cluster.url, "certificate-authority": self.cluster.ca},
            }],
            "users": [{"name": "berth", "user": {"token": token}}],
            "contexts": [{"name": "berth", "context": {"cluster": "lab", "user": "berth", "namespace": self.name}}],
        }))
        file.chmod(0o600)
        return str(file)

    def path(self, kind: str, name: str = "") -> str:
        return f"/api/v1/namespaces/{self.name}/{kind}" + (f"/{name}" if name else "")

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [found for found in self.cluster.items(self.path(kind)) if found["metadata"]["name"] != "kube-root-ca.crt"]

    def names(self, kind: str) -> list[str]:
        return sorted(found["metadata"]["name"] for found in self.all(kind))

    def backdate(self, kind: str, name: str) -> None:
        """Has the object made long ago, which only its storage can be told."""
        made = self.cluster.get(self.path(kind, name)) | {"apiVersion": "v1", "kind": "ConfigMap"}
        made["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
        made["metadata"].pop("resourceVersion")
        pair = {"key": f"/registry/{kind}/{self.name}/{name}", "value": json.dumps(made)}
        body = {key: base64.b64encode(value.encode()).decode() for key, value in pair.items()}
        ask = urllib.request.Request(f"{self.cluster.facts['etcd']}/v3/kv/put", json.dumps(body).encode())
        urllib.request.urlopen(ask, timeout=10).close()
        there = self.path(kind, name)
        self.cluster.wait(there, lambda found: found["metadata"]["creationTimestamp"].startswith("2026-01-01"))

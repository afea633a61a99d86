# SPDX-License-Identifier: Apache-2.0
"""Everything that a spawn meets at a real site, on loopback: cluster, nodes, directory, Berth, hub, proxy."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "scripts" / "hub")]

import manifests  # noqa: E402
from client import API  # noqa: E402
from lab.kube import Cluster, Node, Program  # noqa: E402
from people import person  # noqa: E402
from processes import Process, free_port, start_berth, write_secret  # noqa: E402

NAMESPACE = "jupyter"
PEOPLE = 2000
#: What KubeSpawner may do, as Zero to JupyterHub grants it.
HUB_RULES = [
    {
        "apiGroups": [""],
        "resources": ["pods", "persistentvolumeclaims", "secrets", "services"],
        "verbs": ["get", "watch", "list", "create", "delete"],
    },
    {"apiGroups": [""], "resources": ["events"], "verbs": ["get", "watch", "list"]},
]
USER = "u00007"  # Åsa Öberg: a name that is not ASCII
OTHER = "u00008"  # Bob, "the" <x>: one that is not harmless


class World(ExitStack):
    """Use it in a `with` block; it ends what it started, the hub first."""

    #: Of the site's configuration, in this folder; the last one is Berth's, and includes the others.
    site = ["berth.yaml"]
    #: Who logs in.
    users = (USER, OTHER)
    #: By what Berth knows them: the directory alone, or a token too.
    trust = "none"

    def __init__(self, binary: Path, scratch: Path):
        super().__init__()
        self.binary, self.scratch = binary, scratch
        self.berth_port, self.port, self.hub_port = free_port(), free_port(), free_port()
        self.berth_url = f"http://127.0.0.1:{self.berth_port}"
        self.url = f"http://127.0.0.1:{self.port}"
        self.api_token = secrets.token_hex(32)
        self.api = API(self.url, self.api_token)

    def __enter__(self) -> World:
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir()
        super().__enter__()
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def start(self) -> None:
        scratch = self.scratch
        self.cluster = self.enter_context(Cluster(scratch / "cluster"))
        self.cluster.namespace("berth", {"berth.io/unmanaged": "true"})
        self.cluster.namespace(NAMESPACE, {"berth.io/hub": "true"})
        self.start_nodes()
        directory = Program("directory.py", scratch / "directory", "--people", PEOPLE)
        self.directory = self.enter_context(directory)
        entries = Path(self.directory.facts["data"])
        self.people = {name: person(entries, name) for name in self.users}
        self.start_berth()
        self.start_hub()

    def start_nodes(self) -> None:
        self.gpu_node = self.enter_context(
            Node(
                self.scratch / "gpu-1",
                self.cluster,
                "gpu-1",
                "--lxcfs",
                *("--resource", "nvidia.com/gpu=2"),
                *("--label", "example.org/gpu=a100", "--label", "example.org/lxcfs=true"),
            )
        )
        self.cpu_node = self.enter_context(
            Node(self.scratch / "cpu-1", self.cluster, "cpu-1", "--label", "example.org/pool=cpu")
        )

    def start_berth(self) -> None:
        self.token_file = self.scratch / "hub.token"
        write_secret(self.token_file)
        write_secret(self.scratch / "seal.key")
        self.hub_api_token = write_secret(self.scratch / "hub-api.token")
        manifests.make_certificate(self.scratch)
        tls_port = free_port()
        manifests.grant_roles(self.cluster, self.scratch)
        self.write_kubeconfig("berth", "berth")
        found = self.marks(tls_port)
        for name in self.site:
            text = (HERE / name).read_text()
            for mark, value in found.items():
                text = text.replace(mark, value)
            (self.scratch / name).write_text(text)
        file = self.scratch / self.site[-1]
        self.berth = start_berth(self.binary, file, self.berth_port, self.scratch / "berth.log")
        self.callback(self.berth.stop)
        manifests.register_webhooks(self.cluster, self.scratch, tls_port)

    def marks(self, tls_port: int) -> dict[str, str]:
        """What stands in capitals in the site's files, in the order in which it is to be replaced."""
        return {
            "HUB_API": f"http://127.0.0.1:{self.hub_port}/hub/api",
            "TLS_PORT": str(tls_port),
            "PORT": str(self.berth_port),
            "CLIENT_CA": self.cluster.facts["ca"],
            "CLIENT_NAME": self.cluster.facts["webhook_client_name"],
            "LDAPS": self.directory.facts["ldaps"],
            "CA": self.directory.facts["ca"],
            "GROUP": min(self.people[USER].groups.keys() - self.people[OTHER].groups),
            "TRUST": self.trust,
        }

    def start_hub(self) -> None:
        self.cluster.service_account(NAMESPACE, "hub")
        self.cluster.grant(NAMESPACE, "hub", HUB_RULES)
        self.write_kubeconfig(NAMESPACE, "hub")
        command = [sys.executable, "-m", "jupyterhub", "-f", str(HERE / "jupyterhub_config.py")]
        environment = self.hub_environment()
        self.hub = Process(command, self.scratch / "hub.log", env=environment, cwd=self.scratch)
        self.callback(self.hub.stop)
        self.hub.wait_for(f"{self.url}/hub/health")
        self.hub.wait_for_text("JupyterHub is now running")

    def hub_environment(self) -> dict[str, str]:
        return {
            "SHOW_SCRATCH": str(self.scratch),
            "SHOW_PORT": str(self.port),
            "SHOW_HUB_PORT": str(self.hub_port),
            "SHOW_PROXY_API_PORT": str(free_port()),
            "SHOW_PROXY_PASSWORD": secrets.token_hex(16),
            "SHOW_API_TOKEN": self.api_token,
            "SHOW_BERTH_API_TOKEN": self.hub_api_token,
            "SHOW_BERTH_URL": self.berth_url,
            "SHOW_BERTH_TOKEN_FILE": str(self.token_file),
            "KUBECONFIG": str(self.scratch / "hub.kubeconfig"),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }

    def write_kubeconfig(self, namespace: str, account: str) -> None:
        """Of that service account, into the scratch folder."""
        token = self.cluster.token_of(namespace, account)
        self.cluster.write_kubeconfig(self.scratch / f"{account}.kubeconfig", token, namespace)

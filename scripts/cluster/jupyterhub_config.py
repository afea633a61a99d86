# SPDX-License-Identifier: Apache-2.0
"""The hub of the shows in a cluster: JupyterHub with the real KubeSpawner, which finds the cluster by KUBECONFIG.
With SHOW_LAB, its servers have JupyterLab; with LOGIN_ISSUER, its users log in there.
"""

import json
import os
import sys
from pathlib import Path

scratch = Path(os.environ["SHOW_SCRATCH"])
root = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(root / "config" / "jupyterhub"), str(root / "scripts")]

from lab.children import free_port  # noqa: E402

#: JupyterLab's parts of the server: they take most of its start.
UNUSED = ["jupyterlab", "jupyter_lsp", "notebook_shim"]


def own_port(spawner):
    """The pods of the tests' nodes share one network, so that two cannot listen on one port."""
    spawner.port = free_port()


def note_pod(spawner, pod):
    """What KubeSpawner made, before Berth sees it."""
    manifest = spawner.api.api_client.sanitize_for_serialization(pod)
    (scratch / f"{spawner.pod_name}.json").write_text(json.dumps(manifest, indent=1))
    return pod


c = get_config()  # noqa: F821

c.JupyterHub.bind_url = f"http://127.0.0.1:{os.environ['SHOW_PORT']}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{os.environ['SHOW_HUB_PORT']}"
c.JupyterHub.db_url = f"sqlite:///{scratch}/hub.sqlite"
c.JupyterHub.cookie_secret_file = str(scratch / "cookie_secret")
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 1}  # the API answers while the pod is under way
c.JupyterHub.allow_named_servers = True
has_provider = "LOGIN_ISSUER" in os.environ
if has_provider:
    import oidc_login

    oidc_login.set_up_from_environment(c)
else:
    c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True

c.JupyterHub.proxy_class = "traefik_file"
c.TraefikProxy.traefik_api_url = f"http://127.0.0.1:{os.environ['SHOW_PROXY_API_PORT']}"
c.TraefikProxy.traefik_api_password = os.environ["SHOW_PROXY_PASSWORD"]
c.TraefikFileProviderProxy.static_config_file = str(scratch / "traefik.toml")
c.TraefikFileProviderProxy.dynamic_config_file = str(scratch / "rules.toml")

c.JupyterHub.spawner_class = "kubespawner.KubeSpawner"
c.KubeSpawner.namespace = "jupyter"
c.KubeSpawner.cmd = ["jupyterhub-singleuser"]
c.KubeSpawner.start_timeout = 120
c.KubeSpawner.http_timeout = 120
c.KubeSpawner.delete_grace_period = 5
c.KubeSpawner.pre_spawn_hook = own_port
c.KubeSpawner.modify_pod_hook = note_pod

if "SHOW_LAB" not in os.environ:
    c.KubeSpawner.args = [f"--ServerApp.jpserver_extensions={name}=False" for name in UNUSED]
    c.KubeSpawner.environment = {"JUPYTERHUB_SINGLEUSER_APP": "jupyter_server.serverapp.ServerApp"}

tokens = {"show": os.environ["SHOW_API_TOKEN"], "berth": os.environ["SHOW_BERTH_API_TOKEN"]}
c.JupyterHub.services = [{"name": name, "api_token": token} for name, token in tokens.items()]
scopes = {
    "show": ["admin:users", "admin:servers", "tokens", "access:servers"],
    "berth": ["delete:servers", "admin:auth_state", "list:users", "read:servers"],
}
c.JupyterHub.load_roles = [{"name": name, "services": [name], "scopes": scopes[name]} for name in tokens]
c.JupyterHub.cleanup_servers = False  # who ends servers of a hub that is stopped is to be seen

import berth_hub  # noqa: E402

berth_hub.install(
    c,
    url=os.environ["SHOW_BERTH_URL"],
    token_file=os.environ["SHOW_BERTH_TOKEN_FILE"],
    token_key="access_token" if has_provider else None,
)

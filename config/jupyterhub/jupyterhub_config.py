# SPDX-License-Identifier: Apache-2.0
"""The demo's hub: a real JupyterHub on loopback that asks Berth. `scripts/demo` starts it and sets
the DEMO_ variables.

What a hub of your own needs of this is at the end: three lines.
"""

import json
import os
import sys
from pathlib import Path

from jupyterhub.auth import DummyAuthenticator

here = Path(__file__).resolve().parent
scratch = Path(os.environ["DEMO_SCRATCH"])
sys.path.insert(0, str(here))


class DemoAuthenticator(DummyAuthenticator):
    """Lets everyone in, with the claims that an identity provider would have sent: one file a user.

    The auth state is what an OAuthenticator keeps. The tokens in it stay in the hub.
    """

    async def authenticate(self, handler, data):
        name = data["username"]
        file = here.parent / "examples" / "claims" / f"{Path(name).name}.json"
        claims = json.loads(file.read_text()) if file.exists() else {"preferred_username": name}
        return {
            "name": name,
            "auth_state": {"oauth_user": claims, "access_token": "stays-in-the-hub"},
        }


c = get_config()  # noqa: F821

c.JupyterHub.bind_url = f"http://127.0.0.1:{os.environ['DEMO_PORT']}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{os.environ['DEMO_HUB_PORT']}"
c.JupyterHub.db_url = f"sqlite:///{scratch}/hub.sqlite"
c.JupyterHub.cookie_secret_file = str(scratch / "cookie_secret")
c.JupyterHub.allow_named_servers = True

c.JupyterHub.proxy_class = "traefik_file"
c.TraefikProxy.traefik_api_url = f"http://127.0.0.1:{os.environ['DEMO_PROXY_API_PORT']}"
c.TraefikProxy.traefik_api_password = os.environ["DEMO_PROXY_PASSWORD"]
c.TraefikFileProviderProxy.static_config_file = str(scratch / "traefik.toml")
c.TraefikFileProviderProxy.dynamic_config_file = str(scratch / "rules.toml")

logs_in = "LOGIN_ISSUER" in os.environ  # `scripts/show login` has a provider
if logs_in:
    import oidc_login

    oidc_login.set_up_from_environment(c)
else:
    c.JupyterHub.authenticator_class = DemoAuthenticator
c.Authenticator.allow_all = True
c.Authenticator.enable_auth_state = True  # sealed with JUPYTERHUB_CRYPT_KEY

# Servers are processes of this machine, since there is no cluster; with one, this is KubeSpawner.
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(scratch / "home" / "{username}")
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root"] if os.geteuid() == 0 else []
c.Spawner.ip = "127.0.0.1"
c.Spawner.default_url = "/lab"
c.Spawner.http_timeout = 90
c.Spawner.consecutive_failure_limit = 5  # as Zero to JupyterHub sets it

c.JupyterHub.services = [{"name": "check", "api_token": os.environ["DEMO_API_TOKEN"]}]
c.JupyterHub.load_roles = [
    {"name": "check", "services": ["check"], "scopes": ["admin:users", "admin:servers", "tokens"]},
]

import berth_hub  # noqa: E402

berth_hub.install(
    c,
    url=os.environ["DEMO_BERTH_URL"],
    token_file=os.environ["DEMO_BERTH_TOKEN_FILE"],
    token_key="access_token" if logs_in else None,
)

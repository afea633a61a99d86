# SPDX-License-Identifier: Apache-2.0
"""The hub under test: the real JupyterHub, reached without a proxy, with hooks of its own that
Berth must keep.
"""

import asyncio
import os
import sys
from pathlib import Path

from jupyterhub.auth import DummyAuthenticator
from jupyterhub.proxy import Proxy
from jupyterhub.spawner import SimpleLocalProcessSpawner

here = Path(__file__).resolve().parent
scratch = Path(os.environ["HUB_SCRATCH"])
sys.path.insert(0, str(here.parent.parent / "config" / "jupyterhub"))

import berth_hub  # noqa: E402

berth_hub.CONNECT_S = 1.0
berth_hub.ANSWER_S = 1.5
berth_hub.POD_ANSWER_S = 2.0
berth_hub.STOP_RETRIES_S = (0.5, 1, 1, 1)

ROLES = {
    "ada": ["staff", "gpu-user", "gpu-dedicated"],
    "cal": ["staff", "gpu-user", "gpu-dedicated"],
    "ben": ["student"],
    "eve": [],
    "tim": ["staff", "tester"],
    "root": ["staff", "gpu-user", "gpu-dedicated"],
}


class NoProxy(Proxy):
    """The tests talk to the hub itself; routes are only remembered."""

    should_start = False

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.routes = {}

    async def add_route(self, routespec, target, data):
        self.routes[routespec] = {"routespec": routespec, "target": target, "data": data}

    async def delete_route(self, routespec):
        self.routes.pop(routespec, None)

    async def get_all_routes(self):
        return self.routes


class Claims(DummyAuthenticator):
    """Auth state as an OAuthenticator leaves it: claims, and tokens that must never reach Berth."""

    async def authenticate(self, handler, data):
        name = data["username"]
        claims = {
            "preferred_username": name,
            "roles": ROLES[name.rstrip("0123456789")],
            "groups": [],
        }
        tokens = {
            "access_token": "secret-access",
            "refresh_token": "secret-refresh",
            "id_token": "secret-id",
        }
        auth_state = {**tokens, "oauth_user": {**claims, "access_token": "secret-nested"}}
        return {"name": name, "auth_state": auth_state}


def note(line):
    with open(scratch / "chained.log", "a") as log:
        log.write(line + "\n")


def own_pre_spawn(spawner):
    note(f"pre_spawn {spawner._log_name}")
    spawner.environment = {**spawner.environment, "OWN_HOOK": "ran", "PLACE": "own"}
    if (scratch / "fail").exists():
        raise RuntimeError("the hub's own hook fails")


class SlowSpawner(SimpleLocalProcessSpawner):
    """Takes two seconds where a test wants to see the pending page."""

    async def start(self):
        if (scratch / "slow").exists():
            await asyncio.sleep(2)
        return await super().start()


async def own_post_stop(spawner):
    note(f"post_stop {spawner._log_name}")


def own_auth_state(spawner, auth_state):
    note(f"auth_state {spawner._log_name}")


c = get_config()  # noqa: F821
c.JupyterHub.bind_url = f"http://127.0.0.1:{os.environ['HUB_PROXY_PORT']}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{os.environ['HUB_PORT']}"
c.JupyterHub.db_url = f"sqlite:///{scratch}/hub.sqlite"
c.JupyterHub.cookie_secret_file = str(scratch / "cookie_secret")
c.JupyterHub.proxy_class = NoProxy
if "LOGIN_ISSUER" in os.environ:
    sys.path.insert(0, str(here))
    import provider_login

    provider_login.set_up(c, scratch)
else:
    c.JupyterHub.authenticator_class = Claims
c.JupyterHub.allow_named_servers = True
c.JupyterHub.cleanup_servers = False
c.JupyterHub.log_level = "INFO"
# Limits of seconds need each use to be told.
c.JupyterHub.activity_resolution = 0
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {"root"}
c.Authenticator.enable_auth_state = True

c.JupyterHub.spawner_class = SlowSpawner
c.SimpleLocalProcessSpawner.home_dir_template = str(scratch / "home" / "{username}")
c.Spawner.cmd = [sys.executable, str(here / "notebook.py")]
c.Spawner.ip = "127.0.0.1"
c.Spawner.environment = {"HUB_OWN": "always"}
c.Spawner.mem_limit = "1G"
c.Spawner.consecutive_failure_limit = 5
c.Spawner.http_timeout = 20

# One for the base class, one for the class itself: both have to survive.
c.Spawner.pre_spawn_hook = own_pre_spawn
c.Spawner.auth_state_hook = own_auth_state
c.Spawner.post_stop_hook = lambda spawner: note("post_stop of the base class")
c.SimpleLocalProcessSpawner.post_stop_hook = own_post_stop

c.JupyterHub.services = [
    {"name": "tests", "api_token": os.environ["HUB_TOKEN"]},
    {"name": "berth", "api_token": os.environ["HUB_TOKEN_OF_BERTH"]},
    {"name": "other", "api_token": os.environ["HUB_TOKEN_OF_BERTH"][::-1]},
]
# What config/sidecars.md asks for.
BERTHS_SCOPES = ["admin:auth_state", "delete:servers", "list:users", "read:servers"]
c.JupyterHub.load_roles = [
    {
        "name": "tests",
        "services": ["tests"],
        "scopes": ["admin:users", "admin:servers", "tokens", "shutdown"],
    },
    {"name": "berth", "services": ["berth"], "scopes": BERTHS_SCOPES},
    {"name": "berth-operators", "users": ["root"], "scopes": ["custom:berth:operator"]},
]
c.JupyterHub.custom_scopes = {
    "custom:berth:viewer": {"description": "Look at the GPUs and who has them"},
    "custom:berth:operator": {
        "description": "Drain nodes, release reservations, extend walltimes",
        "subscopes": ["custom:berth:viewer"],
    },
    "custom:berth:admin": {
        "description": "Have Berth read its configuration again",
        "subscopes": ["custom:berth:operator"],
    },
}

berth_hub.install(
    c,
    url=os.environ["BERTH_URL"],
    token_file=os.environ["BERTH_TOKEN_FILE"],
    on_unreachable=os.environ.get("BERTH_ON_UNREACHABLE", "deny"),
    token_key="access_token" if "LOGIN_ISSUER" in os.environ else None,
    narrow_by_scope="LOGIN_NARROWS" in os.environ,
)

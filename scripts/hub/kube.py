# SPDX-License-Identifier: Apache-2.0
"""The real KubeSpawner without a cluster: everything of a start up to the pod that would be POSTed.

The hub's own `User` makes the spawner from the configuration, and its hooks run in the order in
which the hub runs them (`jupyterhub/user.py`, `User.spawn`; `kubespawner/spawner.py`,
`KubeSpawner._start`). Only the Kubernetes API is never called.
"""

from __future__ import annotations

import atexit
import logging
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any

#: KubeSpawner wants a cluster's address; nobody listens at this one.
KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{name: none, cluster: {server: "http://127.0.0.1:9"}}]
contexts: [{name: none, context: {cluster: none, user: none}}]
current-context: none
users: [{name: none, user: {}}]
"""


def _use_no_cluster() -> None:
    """The Kubernetes client reads the variable when it is imported, so this comes before that."""
    path = Path(tempfile.gettempdir()) / f"berth-no-cluster-{os.getuid()}-{os.getpid()}.yaml"
    path.write_text(KUBECONFIG)
    atexit.register(path.unlink, missing_ok=True)
    os.environ["KUBECONFIG"] = str(path)


_use_no_cluster()

from jupyterhub import orm  # noqa: E402
from jupyterhub.objects import Hub  # noqa: E402
from jupyterhub.user import User  # noqa: E402
from jupyterhub.utils import maybe_future  # noqa: E402
from kubespawner import KubeSpawner  # noqa: E402
from traitlets.config import Config  # noqa: E402


class Start:
    """The starts of one user's server under a hub configuration; use it inside a running event
    loop.
    """

    def __init__(self, c: Config, name: str, claims: dict, *, spawner_class: type = KubeSpawner):
        os.environ.setdefault("JUPYTERHUB_CRYPT_KEY", secrets.token_hex(32))
        logging.disable(logging.INFO)  # making an empty database is no news
        session = orm.new_session_factory("sqlite:///:memory:")()
        logging.disable(logging.NOTSET)
        orm_user = orm.User(name=name)
        session.add(orm_user)
        session.commit()
        settings = {
            "config": c,
            "spawner_class": spawner_class,
            "hub": Hub(port=9),
            "base_url": "/",
        }
        self.user = User(orm_user, settings)
        self.claims = claims
        #: What the hub keeps of the user beside their claims.
        self.beside: dict[str, Any] = {"access_token": "secret-access"}

    @property
    def spawner(self) -> KubeSpawner:
        return self.user.spawners[""]

    def forget(self) -> None:
        """What a hub restart does: the next start or stop meets a new spawner object."""
        self.user.spawners.pop("", None)

    async def begin(self, options: dict | None) -> None:
        """Everything before the spawner's own start."""
        spawner = self.spawner
        auth_state = {**self.beside, "oauth_user": self.claims}
        await self.user.save_auth_state(auth_state)
        spawner.api_token = secrets.token_hex(16)
        spawner.user_options = options or {}
        await spawner.run_auth_state_hook(auth_state)
        await spawner.apply_group_overrides()
        await spawner._run_apply_user_options(spawner.user_options)
        await maybe_future(spawner.run_pre_spawn_hook())

    async def pod(self, options: dict | None) -> dict:
        """The manifest as it would go to Kubernetes."""
        await self.begin(options)
        spawner = self.spawner
        await spawner.load_user_options()
        pod = await spawner.get_pod_manifest()
        pod = await maybe_future(spawner.modify_pod_hook(spawner, pod))
        return spawner.api.api_client.sanitize_for_serialization(pod)

    async def end(self) -> None:
        """What the hub does after a stop, as far as hooks see it."""
        spawner = self.spawner
        self.user.orm_user.orm_spawners[""].state = spawner.get_state()
        await maybe_future(spawner.run_post_stop_hook())
        spawner.clear_state()

    async def close(self) -> None:
        await self.spawner.api.api_client.close()


def container(pod: dict, name: str = "notebook") -> dict:
    """The container of that name."""
    return next(found for found in pod["spec"]["containers"] if found["name"] == name)


def variables(pod: dict, name: str = "notebook") -> dict[str, Any]:
    """Its environment; a variable that is not plain text stands for its whole entry."""
    return {
        entry["name"]: entry.get("value", entry) for entry in container(pod, name).get("env", [])
    }

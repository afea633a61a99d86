# SPDX-License-Identifier: Apache-2.0
"""Whoever has one of the hub's `custom:berth:*` scopes is an operator of Berth, by the hub's own
word.
"""

import pytest
import requests
from conftest import HERE, berth_binary
from processes import free_port, start_berth, write_configuration


@pytest.fixture(scope="module")
def desk(session_hub, tmp_path_factory):
    """A Berth that asks the hub about tokens; gives its admin routes' address."""
    folder = tmp_path_factory.mktemp("admin")
    port = free_port()
    configuration = write_configuration(folder, HERE / "policy.yaml", port, "tests")
    configuration.write_text(
        configuration.read_text().replace(
            "    trust: auth_state\n",
            f"    trust: auth_state\n    hub_api: {{url: {session_hub.url}/hub/api}}\n",
        )
        + "admin: {hub_tokens: {deployments: [tests]}}\n"
    )
    berth = start_berth(berth_binary(), configuration, port, folder / "berth.log")
    yield f"http://127.0.0.1:{port}/v1/admin"
    berth.stop()


def token(hub, user: str, *scopes: str) -> str:
    answer = hub.api.call("POST", f"/users/{user}/tokens", json={"scopes": list(scopes)})
    assert answer.status_code == 201, answer.text
    return answer.json()["token"]


def ask(desk: str, method: str, path: str, bearer: str, **body) -> requests.Response:
    return requests.request(
        method,
        f"{desk}/{path}",
        headers={"Authorization": f"Bearer {bearer}"},
        json=body or None,
        timeout=20,
    )


def test_a_token_with_the_operators_scope_may_drain_a_node(hub, desk):
    bearer = token(hub, "root", "custom:berth:operator")
    answer = ask(desk, "POST", "nodes/gpu-1/drain", bearer, reason="fan broken")
    assert answer.status_code == 200, answer.text
    assert answer.json()["node"]["drained_by"] == "hub/tests/root"
    assert ask(desk, "POST", "reload", bearer, reason="x").json()["code"] == "role-too-low"


def test_a_token_with_the_viewers_scope_may_look_and_not_change(hub, desk):
    bearer = token(hub, "root", "custom:berth:viewer")
    assert ask(desk, "GET", "nodes", bearer).status_code == 200
    refused = ask(desk, "POST", "nodes/gpu-1/undrain", bearer, reason="x")
    assert (refused.status_code, refused.json()["code"]) == (403, "role-too-low")


@pytest.mark.parametrize("user", ["ada", "root"])
def test_a_token_without_the_scope_is_nobodys(hub, desk, user):
    answer = ask(desk, "GET", "nodes", token(hub, user, "read:users:name!user"))
    assert (answer.status_code, answer.json()["code"]) == (401, "admin-token-invalid")


def test_a_token_that_the_hub_does_not_know_is_nobodys(desk):
    assert ask(desk, "GET", "nodes", "not-a-token-of-this-hub").status_code == 401

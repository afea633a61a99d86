# SPDX-License-Identifier: Apache-2.0
"""Starts that no form has seen: REST bodies, stored options, administrators."""

import json

import jupyterhub
import pytest
from client import API

#: Bodies that crash KubeSpawner, get past it, or are taken for something else there, as user ada.
BODIES = [
    {"profile": "nosuch"},
    {"profile": "GPU"},
    {"profile": ["gpu"]},
    {"profile": 1},
    {"profile": {"a": 1}},
    {"profile": "gpu", "image": "nosuch"},
    {"profile": "gpu", "image": 4},
    {"profile": "gpu", "image": ["4"]},
    {"profile": "gpu", "image": "unlisted-choice"},
    {"profile": "gpu", "image--unlisted-choice": "evil/x:1"},
    {"profile": "gpu", "image--unlisted-choice": ["x"]},
    {"profile": "gpu", "n--unlisted-choice": "7"},
    {"profile": "cpu", "gpu": "dedicated"},
    {"profile": "cpu", "overrides": {"extra_resource_limits": {"nvidia.com/gpu": "1"}}},
    {"cpu_limit": 64, "image": "evil"},
    {"berth-form": {"profile": ["nosuch"]}},
    {"berth-form": "gpu"},
    {"berth-cpu-only": True},
    {"__jupyterhub_bytes__": "AA=="},
    {"profile": "x" * 200_000},
]

#: Bodies that are no JSON, or JSON that Berth must never be sent.
RAW_BODIES = [
    '{"profile": NaN}',
    '{"profile": "\\ud800"}',
    '{"profile": ' + "[" * 900 + "]" * 900 + "}",
    '{"profile": "gpu"',
    pytest.param(
        '["gpu"]',
        marks=pytest.mark.skipif(
            jupyterhub.version_info < (6,),
            reason="JupyterHub 5 fails on a list before it asks any hook",
        ),
    ),
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: json.dumps(body)[:60])
def test_options_that_policy_does_not_know_are_refused_by_rest(hub, body):
    answer = hub.api.start("ada", body)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["message"].endswith((".", "?")), answer.text
    assert hub.api.server("ada") is None


@pytest.mark.parametrize("body", RAW_BODIES, ids=lambda body: body[:30])
def test_a_body_that_cannot_be_read_is_refused_by_rest(hub, body):
    answer = hub.api.call("POST", "/users/ada/server", data=body)
    assert 400 <= answer.status_code < 500, answer.text
    assert hub.api.server("ada") is None


def test_no_options_mean_the_default_profile(hub):
    hub.visitor("ben7")
    assert hub.start_server("ben7")["BERTH_PROFILE"] == "cpu"


def test_stored_options_are_decided_anew(hub, berth):
    assert hub.api.start("ben", {"profile": "gpu"}).status_code == 403
    answer = hub.api.start("ben")
    assert answer.status_code == 403
    assert berth.of("pre-spawn")[1].body["options"] == {"profile": "gpu"}
    assert hub.start_server("ben", {"profile": "cpu"})["BERTH_PROFILE"] == "cpu"


def test_an_administrator_lends_nobody_their_rights(hub, berth):
    root = API(hub.url, hub.api.token_of("root"))
    assert root.start("ben", {"profile": "gpu"}).status_code == 403
    call = berth.of("pre-spawn")[0]
    assert call.body["user"]["name"] == "ben"
    assert call.body["auth_state"]["oauth_user"]["roles"] == ["student"]
    assert call.body["acting_for"] == {"name": "root", "kind": "user"}


def test_a_user_who_starts_their_own_server_acts_for_nobody(hub, berth):
    API(hub.url, hub.api.token_of("ben")).start("ben", {"profile": "cpu"})
    hub.api.wait_ready("ben")
    assert "acting_for" not in berth.of("pre-spawn")[0].body


def test_a_named_server_is_a_server_of_its_own(hub, berth):
    hub.start_server("ada", {"profile": "gpu", "gpu": "shared"}, server="second")
    assert berth.of("pre-spawn")[0].body["server"]["name"] == "second"
    hub.stop_server("ada", "second")
    assert berth.of("post-stop")[0].body["server"] == berth.of("pre-spawn")[0].body["server"]


def test_a_user_who_has_never_logged_in_has_no_claims(hub, berth):
    hub.api.make_user("new")
    assert hub.api.start("new", {"profile": "cpu"}).status_code == 403
    assert berth.of("pre-spawn")[0].body["auth_state"] is None

# SPDX-License-Identifier: Apache-2.0
"""What the containers that Berth adds can ask, and by what: cases 20 and 21, with a real API server."""

from __future__ import annotations

import base64
import copy
import json
import secrets
import time

import pytest
from test_pod_cluster import STAFF, Cluster, container, manifest

SIDECARS = {"image": "registry.example.org/berth:1", "berth_url": "http://berth.jupyter:8080"}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with Cluster(tmp_path_factory.mktemp("cluster") / "c", "--without-scheduler") as cluster:
        yield cluster


@pytest.fixture
def namespace(cluster):
    name = f"n-{secrets.token_hex(4)}"
    cluster.namespace(name)
    return name


@pytest.fixture
def site(hub, cluster, namespace, tmp_path):
    key = tmp_path / "seal.key"
    key.write_text(secrets.token_hex(32))
    key.chmod(0o600)
    return hub(
        {
            "kubernetes": {"kubeconfig": str(cluster.facts["kubeconfig"])},
            "seal": {"key_file": str(key)},
            "deployments": {
                "prod": {"hook_token_file": "secrets/prod.token", "trust": "auth_state", "namespace": namespace}
            },
            "profiles": [
                {
                    "slug": "cpu",
                    "display_name": "CPU",
                    "walltime": {"default": "2h", "extend": {"most": "90m"}},
                    "token": {"audience": "https://arc.example.org", "file": "/run/berth/token"},
                },
                {"slug": "endless", "display_name": "Endless"},
                {"slug": "unused", "display_name": "Ends when unused", "idle": "1h"},
            ],
            "pod": {"sidecars": SIDECARS},
        }
    )


class Session:
    """A server whose pod was made, and what its sidecars find in it."""

    def __init__(self, hub, cluster, namespace, user="ada", profile="cpu", server=""):
        self.hub, self.user, self.server = hub, user, server
        answer = hub.pre_spawn(user, {"profile": profile}, STAFF, start="one", server=server)
        assert answer.status == 200, answer.body
        self.id = answer.body["reservation_id"]
        asked = manifest(container(), container("viewer"))
        asked["metadata"]["name"] = f"jupyter-{user}"
        self.patched = self.pod(asked)
        self.path = f"/api/v1/namespaces/{namespace}/secrets/berth-{self.id}"
        self.secret = cluster.get(self.path)

    def pod(self, asked, query=""):
        answer = self.hub.pod(self.user, self.id, copy.deepcopy(asked), server=self.server, query=query)
        assert answer.status == 200, answer.body
        return answer.body.get("pod")

    @property
    def credential(self) -> str:
        return base64.b64decode(self.secret["data"]["token"]).decode()

    def token(self) -> str:
        answer = self.hub.berth.ask("/v1/sidecar/session", token=self.credential, method="POST")
        assert answer.status == 200, answer.body
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.body["token"]

    def walltime(self, body=None, token=None):
        return self.hub.berth.ask("/v1/sidecar/walltime", body, token=token or self.token())


def claims(token: str) -> dict:
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def test_the_credential_lies_in_a_secret_that_only_berths_containers_mount(site, cluster, namespace):
    session = Session(site, cluster, namespace)
    labels = session.secret["metadata"]["labels"]
    assert labels["berth.io/reservation"] == session.id and labels["berth.io/lifetime"] == "session"
    said = claims(session.credential)
    assert (said["sub"], said["deployment"], said["namespace"], said["pod"], said["use"]) == (
        session.id, "prod", namespace, "jupyter-ada", "credential",
    )
    spec = session.patched["spec"]
    mounting = {
        one["name"]
        for one in spec["containers"] + spec.get("initContainers", [])
        if any(mount["name"] == "berth-credential" for mount in one.get("volumeMounts", []))
    }
    assert mounting == {"berth-walltime", "berth-token"}
    # Case 21c: the token itself comes later, into memory that the viewer does not see.
    (memory,) = [one["name"] for one in spec["volumes"] if one["name"].startswith("berth-token")]
    sees = {one["name"] for one in spec["containers"] if memory in [mount["name"] for mount in one.get("volumeMounts", [])]}
    assert "notebook" in sees and "viewer" not in sees
    text = json.dumps(session.patched)
    assert session.credential not in text and "SYNTHETIC" not in text


def test_a_pod_that_is_patched_again_finds_its_secret_as_it_was(site, cluster, namespace):
    session = Session(site, cluster, namespace)
    session.pod(session.patched)
    again = cluster.get(session.path)
    assert again["metadata"]["uid"] == session.secret["metadata"]["uid"] and again["data"] == session.secret["data"]


def test_a_pod_without_sidecars_gets_no_secret(site, cluster, namespace):
    session = Session(site, cluster, namespace, profile="endless")
    assert session.secret is None and "berth-credential" not in json.dumps(session.patched)


def test_a_pod_without_a_name_is_refused_since_its_credential_is_for_one_pod(site):
    held = site.pre_spawn("ada", {"profile": "cpu"}, STAFF).body["reservation_id"]
    nameless = manifest(container())
    del nameless["metadata"]["name"]
    answer = site.pod("ada", held, nameless)
    assert (answer.status, answer.code) == (422, "body-invalid") and "metadata.name" in answer.body["detail"]


def test_the_walltime_begins_when_the_first_sidecar_runs_and_not_again(site, cluster, namespace):
    session = Session(site, cluster, namespace)
    time.sleep(2.1)
    first = session.walltime().body
    assert first["left_s"] >= 7199 and first["walltime_s"] == 7200 and first["started"]
    assert first["warn_before_s"] == [3600, 900, 300] and first["page"] == "/hub/berth/walltime?server="
    time.sleep(2.1)
    assert session.walltime().body["ends_at"] == first["ends_at"]


def test_a_user_adds_what_policy_allows_and_no_more(site, cluster, namespace):
    session = Session(site, cluster, namespace)
    before = session.walltime().body
    assert before["extension"] == {"by_s": 3600, "left_s": 5400}
    first = session.walltime({"event": "extend"})
    assert first.status == 200 and first.body["left_s"] - before["left_s"] in range(3598, 3601)
    assert first.body["extension"] == {"by_s": 1800, "left_s": 1800}
    assert session.walltime({"event": "extend"}).body["extension"] is None
    third = session.walltime({"event": "extend"})
    assert (third.status, third.code) == (409, "extension-refused")
    assert "cannot be extended any more" in third.body["user_message"]
    # Kubernetes must not end it before: two hours, what the user may add, and the grace.
    assert session.patched["spec"]["activeDeadlineSeconds"] == 7200 + 5400 + 300


def test_an_end_that_is_not_due_ends_nothing(site, cluster, namespace):
    session = Session(site, cluster, namespace)
    answer = session.walltime({"event": "end"})
    assert answer.status == 200 and answer.body["outcome"] == "not-due" and answer.body["left_s"] > 7000


def test_a_server_that_ends_only_when_unused_has_a_sidecar_and_where_nobody_knows_of_its_use_it_stays(
    site, cluster, namespace
):
    session = Session(site, cluster, namespace, profile="unused")
    (sidecar,) = [one for one in session.patched["spec"]["containers"] if one["name"] == "berth-walltime"]
    assert "BERTH_WALLTIME_S" not in {variable["name"] for variable in sidecar["env"]}
    told = session.walltime().body
    assert told["walltime_s"] is None and told["left_s"] is None
    unknown = {"limit_s": 3600, "unused_s": None, "left_s": None, "ends_at": None, "warn_before_s": [900, 300]}
    assert told["idle"] == unknown
    answer = session.walltime({"event": "end"})
    assert (answer.status, answer.body) == (200, {"outcome": "not-due", "left_s": None, "idle_left_s": None})


@pytest.mark.parametrize("body", [{}, {"event": "start"}, {"event": 1}, [], b"{", b"\xff"])
def test_what_is_no_event_is_said_to_be_none(site, cluster, namespace, body):
    answer = Session(site, cluster, namespace).walltime(body)
    assert (answer.status, answer.code) == (422, "body-invalid")


def test_each_token_is_good_for_its_own_route_only(site, cluster, namespace):
    session = Session(site, cluster, namespace)
    token = session.token()
    wrong = [
        ("/v1/sidecar/walltime", session.credential, "GET"),
        ("/v1/sidecar/session", token, "POST"),
        ("/v1/sidecar/walltime", "prod-hook-token-0123456789abcdef", "GET"),
        ("/v1/sidecar/walltime", None, "GET"),
        ("/v1/sidecar/walltime", token[:-2] + ("AA" if token[-2:] != "AA" else "BB"), "GET"),
    ]
    for path, shown, method in wrong:
        answer = site.berth.ask(path, token=shown, method=method)
        assert (answer.status, answer.code) == (401, "sidecar-token-invalid"), path
    for path in ("/v1/hub/walltime", "/v1/availability", "/v1/admin/reservations"):
        assert site.berth.ask(path, {} if "hub" in path else None, token=token).status in (401, 404)
    assert site.berth.ask("/v1/sidecar/session", token=session.credential, method="GET").status == 405
    assert site.berth.ask("/v1/sidecar/other", token=token).status == 404
    log = site.berth.log
    assert token not in log and session.credential not in log


def test_after_the_stop_nothing_is_good_any_more_and_the_secret_is_gone(site, cluster, namespace):
    session = Session(site, cluster, namespace)
    token = session.token()
    assert site.post_stop("ada", "one").body["outcome"] == "released"
    answers = [
        session.walltime(token=token),
        site.berth.ask("/v1/sidecar/session", token=session.credential, method="POST"),
    ]
    assert [(answer.status, answer.code) for answer in answers] == [(410, "session-ended")] * 2
    assert cluster.get(session.path) is None


def test_a_later_start_of_the_same_server_has_another_credential(site, cluster, namespace):
    first = Session(site, cluster, namespace)
    answer = site.pre_spawn("ada", {"profile": "cpu"}, STAFF, start="two")
    assert answer.body["reservation_id"] != first.id
    assert site.berth.ask("/v1/sidecar/session", token=first.credential, method="POST").status == 410


def test_both_servers_of_a_person_have_credentials_of_their_own(site, cluster, namespace):
    first = Session(site, cluster, namespace)
    second = Session(site, cluster, namespace, server="second")
    assert first.walltime().body["server"] == "" and second.walltime().body["server"] == "second"
    assert second.walltime().body["page"] == "/hub/berth/walltime?server=second"

# SPDX-License-Identifier: Apache-2.0
"""Objects beside the pod in a real cluster: made before the pod, gone after the stop, nobody else's touched."""

from __future__ import annotations

import base64
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from berth import Hub
from namespace import KINDS, VERBS, Namespace

MANAGED = "app.kubernetes.io/managed-by"


def secret(**more: Any) -> dict[str, Any]:
    return {"manifest": {"apiVersion": "v1", "kind": "Secret", "stringData": {"token": "${claims.token}"}} | more}


CLAIM = {
    "apiVersion": "v1", "kind": "PersistentVolumeClaim",
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}
SETTINGS = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"level": "${claims.level | default \"1\"}"}}
OBJECTS = {
    "cred": secret(),
    "ports": {"manifest": {"apiVersion": "v1", "kind": "Service", "spec": {"clusterIP": "None", "ports": [{"port": 80}]}}},
    "settings": {"lifetime": "user", "manifest": SETTINGS},
    "home": {"lifetime": "keep", "manifest": CLAIM},
}


@pytest.fixture
def berth(hub: Callable[[dict[str, Any]], Hub], namespace: Namespace) -> Callable[..., Hub]:
    def start(objects: Any = None, **more: Any) -> Hub:
        return hub({
            "kubernetes": {"kubeconfig": namespace.kubeconfig()},
            "deployments": {
                "prod": {
                    "hook_token_file": "secrets/prod.token", "trust": "auth_state", "namespace": namespace.name,
                    "start_timeout": "10m",
                } | more.pop("deployment", {})
            },
            "profiles": [{"slug": "cpu", "display_name": "CPU", "default": True}],
            "rules": [{"name": "things", "set": {"objects": objects or OBJECTS}}],
        } | more)

    return start


CLAIMS = {"token": "s3cret-of-ada"}


def test_all_stand_before_the_pod_and_those_of_the_session_go_with_it(berth, namespace):
    hub = berth()
    started = hub.pre_spawn("ada", {}, CLAIMS, start="one")
    assert started.status == 200, started.body
    told = {entry["object"]: entry for entry in started.body["objects"]}
    assert {key: entry["state"] for key, entry in told.items()} == dict.fromkeys(OBJECTS, "created")
    assert [len(namespace.all(kind)) for kind in KINDS] == [1, 1, 1, 1]
    cred = namespace.all("secrets")[0]
    assert base64.b64decode(cred["data"]["token"]) == b"s3cret-of-ada"
    assert told["cred"]["metadata"] == {
        "name": cred["metadata"]["name"], "namespace": namespace.name, "uid": cred["metadata"]["uid"],
    }
    labels = cred["metadata"]["labels"]
    assert labels[MANAGED] == "berth" and labels["berth.io/object"] == "cred" and labels["berth.io/user"] == "ada"
    assert labels["berth.io/reservation"] == started.body["reservation_id"]
    assert "berth.io/reservation" not in namespace.all("configmaps")[0]["metadata"]["labels"]
    for place in [json.dumps(started.body), hub.berth.log]:
        assert "s3cret" not in place and base64.b64encode(b"s3cret").decode()[:6] not in place
    for _ in range(2):
        assert hub.post_stop("ada", "one").body["delete"] == []
    assert [len(namespace.all(kind)) for kind in KINDS] == [0, 1, 0, 1]


def test_a_repeated_call_is_the_same_call(berth, namespace):
    hub = berth()
    first = hub.pre_spawn("ada", {}, CLAIMS, start="one").body["objects"]
    again = hub.pre_spawn("ada", {}, CLAIMS, start="one").body["objects"]
    assert [entry["state"] for entry in again] == ["found", "found", "applied", "found"]
    assert [entry["metadata"] for entry in again] == [entry["metadata"] for entry in first]


def test_calls_at_one_time_are_one(berth, namespace):
    hub = berth()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: hub.pre_spawn("ada", {}, CLAIMS, start="one"), range(8)))
    assert [answer.status for answer in answers] == [200] * 8
    uids = {tuple(entry["metadata"]["uid"] for entry in answer.body["objects"]) for answer in answers}
    assert len(uids) == 1


def test_servers_of_one_user_share_what_stays_and_nothing_else(berth, namespace):
    hub = berth()
    assert hub.pre_spawn("ada", {}, CLAIMS, start="one").status == 200
    assert hub.pre_spawn("ada", {}, CLAIMS, start="two", server="b").status == 200
    assert [len(namespace.all(kind)) for kind in KINDS] == [2, 1, 2, 1]
    hub.post_stop("ada", "one")
    assert [len(namespace.all(kind)) for kind in KINDS] == [1, 1, 1, 1]


def test_what_an_earlier_start_left_is_replaced(berth, namespace):
    hub = berth()
    old = hub.pre_spawn("ada", {}, CLAIMS, start="one")
    # No word of a stop comes: the hub was away.
    new = hub.pre_spawn("ada", {}, {"token": "new"}, start="two")
    assert new.status == 200 and new.body["reservation_id"] != old.body["reservation_id"]
    cred = namespace.all("secrets")[0]
    assert base64.b64decode(cred["data"]["token"]) == b"new"
    assert cred["metadata"]["labels"]["berth.io/reservation"] == new.body["reservation_id"]
    hub.post_stop("ada", "one")
    assert namespace.names("secrets") == [cred["metadata"]["name"]], "a late word of the first stop harms no later start"


def test_what_stays_for_a_user_follows_the_policy_and_a_volume_does_not(berth, namespace):
    hub = berth()
    hub.pre_spawn("ada", {}, CLAIMS | {"level": "1"}, start="one")
    settings, home = namespace.names("configmaps")[0], namespace.names("persistentvolumeclaims")[0]
    namespace.cluster.patch(namespace.path("configmaps", settings), {"data": {"level": "9", "mine": "x"}})
    hub.post_stop("ada", "one")
    answer = hub.pre_spawn("ada", {}, CLAIMS | {"level": "2"}, start="two")
    assert answer.status == 200, answer.body
    assert namespace.cluster.get(namespace.path("configmaps", settings))["data"] == {"level": "2", "mine": "x"}
    assert [entry["state"] for entry in answer.body["objects"]] == ["created", "created", "applied", "found"]
    assert namespace.names("persistentvolumeclaims") == [home]


@pytest.mark.parametrize("lifetime", ["session", "user", "keep"])
def test_an_object_that_is_not_berths_is_never_touched(berth, namespace, lifetime):
    there = {"metadata": {"name": "precious"}, "stringData": {"theirs": "1"}}
    before = namespace.cluster.create(namespace.path("secrets"), there)
    hub = berth({"first": secret(), "cred": secret(metadata={"name": "precious"}) | {"lifetime": lifetime}})
    answer = hub.pre_spawn("ada", {}, CLAIMS, start="one")
    assert (answer.status, answer.code) == (409, "object-name-taken")
    assert '"precious"' in answer.body["detail"] and "precious" not in answer.body["user_message"]
    assert namespace.cluster.get(namespace.path("secrets", "precious")) == before
    assert namespace.names("secrets") == ["precious"], "the one made before it is gone"
    hub.post_stop("ada", "one")
    assert namespace.cluster.get(namespace.path("secrets", "precious")) == before


def test_another_users_object_is_not_taken_over(berth, namespace):
    hub = berth({"cred": secret(metadata={"name": "one-for-all"})})
    assert hub.pre_spawn("ada", {}, CLAIMS, start="one").status == 200
    answer = hub.pre_spawn("bo", {}, CLAIMS, start="two")
    assert (answer.status, answer.code) == (409, "object-name-taken")
    hub.post_stop("bo", "two")
    assert namespace.names("secrets") == ["one-for-all"]


def test_a_quota_that_is_used_up_is_said_in_words_and_leaves_nothing(berth, namespace):
    namespace.cluster.quota(namespace.name, "volumes", {"count/persistentvolumeclaims": "0"})
    hub = berth()
    deadline = time.monotonic() + 20
    while True:
        answer = hub.pre_spawn("ada", {}, CLAIMS, start="one")
        if answer.status != 200 or time.monotonic() > deadline:
            break
        hub.post_stop("ada", "one")
        namespace.cluster.delete(namespace.path("persistentvolumeclaims", namespace.names("persistentvolumeclaims")[0]))
    assert (answer.status, answer.code) == (409, "object-quota-exceeded"), answer.body
    assert "a quota of the cluster is used up" in answer.body["user_message"]
    assert [namespace.names(kind) for kind in ["secrets", "services"]] == [[], []]


def test_a_role_that_lacks_a_verb_is_named_with_the_rule_to_add(berth, namespace):
    namespace.allow({kind: VERBS for kind in KINDS if kind != "services"})
    answer = berth().pre_spawn("ada", {}, CLAIMS, start="one")
    assert (answer.status, answer.code) == (503, "cluster-forbidden") and answer.headers["Retry-After"] == "30"
    assert '{apiGroups: [""], resources: [services], verbs: [create]}' in answer.body["detail"]
    assert "services" not in answer.body["user_message"]
    assert namespace.names("secrets") == []


def test_what_the_cluster_takes_for_invalid_shows_nothing_of_a_secret(berth, namespace):
    bad = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "stringData": {"token": "${claims.token}"}}
    hub = berth({"bad": {"manifest": bad}})
    answer = hub.pre_spawn("ada", {}, CLAIMS, start="one")
    assert (answer.status, answer.code) == (500, "cluster-invalid")
    assert "s3cret" not in json.dumps(answer.body) + hub.berth.log


def test_without_the_cluster_nothing_starts_and_later_it_does(berth, namespace):
    hub = berth()
    namespace.cluster.order("stop-apiserver")
    try:
        answer = hub.pre_spawn("ada", {}, CLAIMS, start="one")
        assert (answer.status, answer.code) == (503, "cluster-no-answer")
        assert int(answer.headers["Retry-After"]) >= 1 and "Try again" in answer.body["user_message"]
    finally:
        namespace.cluster.order("start-apiserver")
    assert hub.pre_spawn("ada", {}, CLAIMS, start="one").status == 200
    namespace.cluster.order("stop-apiserver")
    try:
        stopped = hub.post_stop("ada", "one")
        assert stopped.status == 200 and stopped.body["outcome"] == "released"
        assert [name["kind"] for name in stopped.body["delete"]] == ["Secret", "Service"]
    finally:
        namespace.cluster.order("start-apiserver")
    assert hub.post_stop("ada", "one").body["delete"] == []
    assert namespace.names("secrets") == []


def test_what_a_finalizer_holds_is_waited_for_in_words(berth, namespace):
    hub = berth({"cred": secret()})
    hub.pre_spawn("ada", {}, CLAIMS, start="one")
    there = namespace.path("secrets", namespace.names("secrets")[0])
    namespace.cluster.patch(there, {"metadata": {"finalizers": ["example.org/slow"]}})
    hub.post_stop("ada", "one")
    answer = hub.pre_spawn("ada", {}, CLAIMS, start="two")
    assert (answer.status, answer.code) == (503, "object-leaving")
    namespace.cluster.patch(there, {"metadata": {"finalizers": None}})
    assert hub.pre_spawn("ada", {}, CLAIMS, start="two").status == 200


def test_a_lapsed_reservation_leaves_no_objects_and_tells_programs(berth, namespace, program):
    hub = berth({"cred": secret()}, deployment={"start_timeout": "1s"}, calls={"spark": {"url": program.url}})
    assert hub.pre_spawn("ada", {}, CLAIMS, start="one").status == 200
    assert namespace.names("secrets") != []
    wait(lambda: namespace.names("secrets") == [] and program.heard("after") == ["one"])


def test_the_one_of_the_replicas_that_leads_sweeps_and_leaves_what_a_start_has(berth, namespace):
    namespace.allow_leases()
    hub = berth({"cred": secret()})
    assert hub.pre_spawn("ada", {}, CLAIMS, start="one").status == 200
    wait(lambda: 'berth_sweep_rounds_total{outcome="done"} 1' in hub.berth.ask("/metrics", token=None).body)
    assert 'berth_sweep_rounds_total{outcome="failed"} 0' in hub.berth.ask("/metrics", token=None).body
    assert len(namespace.names("secrets")) == 1
    lease = f"/apis/coordination.k8s.io/v1/namespaces/{namespace.name}/leases/berth-sweep"
    assert namespace.cluster.get(lease)["spec"]["holderIdentity"]
    assert hub.berth.stop() == 0
    assert not namespace.cluster.get(lease)["spec"].get("holderIdentity"), "the lead is given back"


def test_a_list_that_the_role_refuses_is_named_and_nothing_is_swept(berth, namespace):
    namespace.allow_leases()
    namespace.allow({kind: VERBS if kind != "services" else ["get", "create", "delete"] for kind in KINDS})
    hub = berth({"cred": secret()})
    wait(lambda: "sweep not done" in hub.berth.log)
    assert "{apiGroups: [\\\"\\\"], resources: [services], verbs: [list]}" in hub.berth.log


def test_a_program_that_does_not_hear_is_told_again(berth, program):
    hub = berth({"cred": secret()}, calls={"spark": {"url": program.url}})
    assert hub.pre_spawn("ada", {}, CLAIMS, start="one").status == 200
    # More often than a request is repeated by itself.
    program.failures = 4
    hub.post_stop("ada", "one")
    wait(lambda: len(program.heard("after")) > 4, seconds=60)
    assert set(program.heard("after")) == {"one"}


class Program:
    """Answers with no values; fails as often as `failures` says."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.failures = 0
        program = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                program.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                fails, program.failures = program.failures > 0, max(0, program.failures - 1)
                self.send_response(503 if fails else 200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def heard(self, event: str) -> list[str]:
        return [asked["start"] for asked in self.asked if asked["event"] == event]


@pytest.fixture
def program() -> Iterator[Program]:
    running = Program()
    yield running
    running.server.shutdown()


def wait(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)

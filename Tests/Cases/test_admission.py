# SPDX-License-Identifier: Apache-2.0
"""What the Kubernetes API server is told about pods, asked as it asks: one AdmissionReview a pod."""

from __future__ import annotations

import base64
import copy
import http.client
import json
import re
import sqlite3
import threading
import time
from typing import Any

import contract
import pytest
from berth import Hub

STAFF = {"groups": ["staff"]}
SECRET = "path-secret-0123456789"
CARD = "nvidia.com/gpu"


def site(**admission: Any) -> dict[str, Any]:
    cards = [{"uuid": f"GPU-{n}", "product": "A100", "memory": "80Gi", "pools": ["whole"]} for n in range(4)]
    return {
        "deployments": {
            "prod": {
                "hook_token_file": "secrets/prod.token", "trust": "auth_state", "namespace": "jupyter",
                "start_timeout": "10m",
            }
        },
        "pools": {"whole": {"mode": "whole", "resource": CARD}},
        "inventory": {"nodes": {"n1": {"cards": cards}}},
        "profiles": [
            {"slug": "cpu", "display_name": "CPU", "default": True, "walltime": "1h"},
            {"slug": "gpu", "display_name": "GPU", "gpu": {"pool": "whole", "cards": 1}, "walltime": "1h"},
            {"slug": "two", "display_name": "Two", "gpu": {"pool": "whole", "cards": 2}},
        ],
        "pod": {"security": "restricted"},
        "seal": {"key_file": "secrets/seal.key"},
        "admission": {"path_secret_file": "secrets/webhook.secret", **admission},
    }  # fmt: skip


@pytest.fixture
def start(hub, tmp_path):
    """Starts a Berth with such a site, and the secrets that it names."""

    def start(**admission: Any) -> Hub:
        (tmp_path / "secrets").mkdir(exist_ok=True)
        write(tmp_path, "seal.key", "k" * 32)
        write(tmp_path, "webhook.secret", SECRET)
        return hub(site(**admission))

    return start


def write(folder, name: str, text: str) -> None:
    file = folder / "secrets" / name
    file.write_text(text + "\n")
    file.chmod(0o600)


def pod(name: str = "jupyter-ada", gpu: int = 0, **metadata: Any) -> dict[str, Any]:
    container: dict[str, Any] = {"name": "notebook", "image": "registry.example.org/cuda:12"}
    if gpu:
        container["resources"] = {"limits": {CARD: str(gpu)}, "requests": {CARD: str(gpu)}}
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name} | metadata, "spec": {"containers": [container]},
    }  # fmt: skip


def review(manifest: Any, namespace: str = "jupyter", **request: Any) -> dict[str, Any]:
    return {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "operation": "CREATE",
            "namespace": namespace,
            "dryRun": False,
            "object": manifest,
        }
        | request,
    }


def post(hub: Hub, path: str, body: Any, method: str = "POST") -> tuple[int, Any]:
    line = http.client.HTTPConnection("127.0.0.1", hub.berth.port, timeout=30)
    try:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        line.request(method, path, data, {"Content-Type": "application/json"})
        answer = line.getresponse()
        content = json.loads(answer.read())
    finally:
        line.close()
    described = re.match("/v1/admission/pods(/validate(?=/|$))?", path)
    contract.check(method, described[0], answer.status, answer.headers["Content-Type"], content)
    return answer.status, content


def ask(hub: Hub, question: dict[str, Any], way: str = "") -> dict[str, Any]:
    status, content = post(hub, f"/v1/admission/pods{way}/{SECRET}", question)
    assert status == 200, content
    assert content["response"]["uid"] == question["request"]["uid"]
    return content["response"]


def code(response: dict[str, Any]) -> str | None:
    """Of a refusal."""
    assert not response["allowed"] and "patch" not in response, response
    found = re.search(r"\[([a-z-]+)\]$", response["status"]["message"])
    assert found, response
    assert response["auditAnnotations"] == {"refused": found[1]}
    return found[1]


def patched(manifest: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    """The pod as the API server would have it then."""
    assert response["allowed"], response
    result = copy.deepcopy(manifest)
    if "patch" not in response:
        return result
    assert response["patchType"] == "JSONPatch"
    for operation in json.loads(base64.b64decode(response["patch"])):
        *way, last = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
        place = result
        for part in way:
            place = place[int(part)] if isinstance(place, list) else place[part]
        if isinstance(place, list):
            if operation["op"] == "add":
                place.insert(len(place) if last == "-" else int(last), operation["value"])
                continue
            last = int(last)
        if operation["op"] == "remove":
            del place[last]
        else:
            assert operation["op"] in ("add", "replace")
            place[last] = operation["value"]
    return result


def wait_for_log(hub: Hub, text: str) -> None:
    """The log is written behind the answer."""
    deadline = time.monotonic() + 20
    while text not in hub.berth.log:
        assert time.monotonic() < deadline, hub.berth.log
        time.sleep(0.02)


def hooked(hub: Hub, user: str = "ada", profile: str = "gpu", manifest: Any = None) -> dict[str, Any]:
    """The pod as the hub's hook gets it back."""
    held = hub.pre_spawn(user, {"profile": profile}, STAFF)
    assert held.status == 200, held.body
    answer = hub.pod(user, held.body["reservation_id"], manifest or pod(f"jupyter-{user}"))
    assert answer.status == 200, answer.body
    return answer.body["pod"]


def marked(hub: Hub, user: str = "ada", profile: str = "gpu") -> dict[str, Any]:
    """The pod as KubeSpawner makes it of pre-spawn's answer, without the hook."""
    held = hub.pre_spawn(user, {"profile": profile}, STAFF, pod_name=f"jupyter-{user}")
    assert held.status == 200, held.body
    return pod(f"jupyter-{user}", annotations=held.body["overrides"]["extra_annotations"])


def state(hub: Hub, reservation: str) -> str:
    with sqlite3.connect(f"file:{hub.berth.folder}/ledger.sqlite?mode=ro", uri=True) as ledger:
        tables = [row[0] for row in ledger.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        name = next(table for table in tables if "reservation" in table)
        return ledger.execute(f"SELECT state FROM {name} WHERE id = ?", (reservation,)).fetchone()[0]


def reservation(manifest: dict[str, Any]) -> str:
    return manifest["metadata"]["annotations"]["berth.io/reservation-id"]


# --- Pods that have to do with Berth


def test_a_pod_that_the_hook_has_patched_is_let_in_as_it_is(start):
    hub = start()
    response = ask(hub, review(hooked(hub)))
    assert response["allowed"] and "patch" not in response
    assert response["auditAnnotations"]["reservation-id"]


def test_patching_twice_gives_the_same_seal(start):
    hub = start()
    once = hooked(hub)
    again = hub.pod("ada", reservation(once), once, query="?as=json-patch").body
    assert again["patch"] == [] and len(once["metadata"]["annotations"]["berth.io/seal"]) == 64


def test_a_container_that_came_after_the_hook_gets_its_parts_and_nothing_else_changes(start):
    hub = start()
    before = hooked(hub)
    grown = copy.deepcopy(before)
    grown["spec"]["containers"].append({"name": "mesh", "image": "registry.example.org/mesh:1"})
    after = patched(grown, ask(hub, review(grown)))
    assert after["spec"]["containers"][0] == before["spec"]["containers"][0]
    assert after["metadata"] == before["metadata"]
    late = after["spec"]["containers"][1]
    assert late["securityContext"]["allowPrivilegeEscalation"] is False
    assert {"name": "NVIDIA_VISIBLE_DEVICES", "value": "void"} in late["env"]
    assert "patch" not in ask(hub, review(after)), "a second time there is nothing to do"


def test_a_pod_without_the_hook_comes_out_as_the_hook_would_have_made_it(start):
    hub = start()
    bare = marked(hub)
    after = patched(bare, ask(hub, review(bare)))
    by_hook = hub.pod("ada", reservation(bare), bare).body["pod"]
    assert after == by_hook
    assert after["spec"]["containers"][0]["resources"]["limits"] == {CARD: "1"}
    assert "patch" not in ask(hub, review(after))


def test_a_pod_without_the_hook_binds_its_reservation_and_a_dry_run_does_not(start):
    hub = start()
    bare = marked(hub)
    answers = [ask(hub, review(bare, dryRun=True)), ask(hub, review(bare), way="/validate")]
    assert state(hub, reservation(bare)) == "held" and code(answers[1]) == "pod-changed-since"
    assert answers[0] == ask(hub, review(bare)), "a dry run says what would be"
    assert state(hub, reservation(bare)) == "bound"


def test_pre_spawn_marks_pods_only_where_their_name_is_told(start):
    hub = start()
    assert "extra_annotations" not in hub.pre_spawn("ada", {}, STAFF).body["overrides"]
    assert hub.pre_spawn("ada", {}, STAFF, pod_name=7).status == 422


def test_a_pod_without_a_gpu_is_sealed_too(start):
    hub = start()
    manifest = hooked(hub, profile="cpu")
    assert "patch" not in ask(hub, review(manifest))
    del manifest["metadata"]["annotations"]["berth.io/seal"]
    assert code(ask(hub, review(manifest))) == "seal-missing"


# --- Cheats


def change(manifest: dict[str, Any], how) -> dict[str, Any]:
    changed = copy.deepcopy(manifest)
    how(changed)
    return changed


def resources(amount: Any) -> dict[str, Any]:
    return {"limits": {CARD: amount}, "requests": {CARD: amount}}


CHEATS = {
    "another pod's name": (lambda p: p["metadata"].update(name="jupyter-eve"), "seal-wrong"),
    "a name made up by Kubernetes": (
        lambda p: (p["metadata"].pop("name"), p["metadata"].update(generateName="jupyter-")), "pod-nameless"),
    "another seal": (lambda p: p["metadata"]["annotations"].update({"berth.io/seal": "0" * 64}), "seal-wrong"),
    "an empty seal": (lambda p: p["metadata"]["annotations"].update({"berth.io/seal": ""}), "seal-wrong"),
    "no seal": (lambda p: p["metadata"]["annotations"].pop("berth.io/seal"), "seal-missing"),
    "no annotations": (lambda p: p["metadata"].pop("annotations"), "seal-missing"),
    "no reservation": (lambda p: (p["metadata"].pop("annotations"), p["metadata"].pop("labels")), "gpu-unreserved"),
    "a reservation that never was": (
        lambda p: p["metadata"]["annotations"].update({"berth.io/reservation-id": "r-none"}), "reservation-unknown"),
    "more cards": (lambda p: p["spec"]["containers"][0].update(resources=resources("2")), "gpu-amount-differs"),
    "more cards in limits only": (
        lambda p: p["spec"]["containers"][0].update(resources={"limits": {CARD: 2}}), "gpu-amount-differs"),
    "cards in words that mean more": (
        lambda p: p["spec"]["containers"][0].update(resources=resources("2e0")), "gpu-amount-differs"),
    "no quantity": (lambda p: p["spec"]["containers"][0].update(resources=resources("many")), "gpu-amount-differs"),
    "another resource beside": (
        lambda p: p["spec"]["containers"][0]["resources"]["limits"].update({"nvidia.com/mig-1g.10gb": "1"}),
        "gpu-amount-differs"),
    "a second container": (
        lambda p: p["spec"]["containers"].append({"name": "b", "image": "b", "resources": resources("1")}),
        "gpu-amount-differs"),
    "an init container": (
        lambda p: p["spec"].update(initContainers=[{"name": "b", "image": "b", "resources": resources("1")}]),
        "gpu-amount-differs"),
    "an ephemeral container": (
        lambda p: p["spec"].update(ephemeralContainers=[{"name": "b", "image": "b", "resources": resources("1")}]),
        "gpu-amount-differs"),
}  # fmt: skip


@pytest.mark.parametrize("way", ["", "/validate"])
def test_what_a_cheat_changes_between_hook_and_webhook_is_refused(start, way):
    hub = start()
    good = hooked(hub)
    for name, (how, wanted) in CHEATS.items():
        assert code(ask(hub, review(change(good, how)), way=way)) == wanted, name
    assert ask(hub, review(good), way=way)["allowed"]


def test_a_seal_counts_in_its_namespace_only(start):
    hub = start()
    good = hooked(hub)
    assert code(ask(hub, review(good, namespace="other"))) == "gpu-out-of-place"
    bare = hooked(hub, user="ben", profile="cpu")
    assert ask(hub, review(bare, namespace="other")) == {"uid": review(0)["request"]["uid"], "allowed": True}


def test_a_reservation_that_is_over_lets_nobody_in(start):
    hub = start()
    manifest = hooked(hub)
    assert hub.post_stop("ada", "start-1").status == 200
    assert code(ask(hub, review(manifest))) == "reservation-ended"


def test_another_users_reservation_is_of_no_use(start):
    hub = start()
    ada, eve = hooked(hub, "ada"), hooked(hub, "eve")
    stolen = change(eve, lambda p: p["metadata"]["annotations"].update(
        {"berth.io/reservation-id": reservation(ada)}))  # fmt: skip
    assert code(ask(hub, review(stolen))) == "seal-wrong"


def test_a_limit_that_was_lowered_to_nothing_gets_its_amount_back(start):
    hub = start()
    zero = change(hooked(hub), lambda p: p["spec"]["containers"][0].update(resources=resources("0")))
    assert patched(zero, ask(hub, review(zero)))["spec"]["containers"][0]["resources"] == resources("1")


def test_a_refusal_says_what_to_do(start):
    response = ask(start(), review(pod(gpu=2)))
    assert response["status"] == {
        "code": 403,
        "reason": "Forbidden",
        "message": "The pod asks for 2 nvidia.com/gpu (container notebook), which is given by reservation only, and has "
        "none. Start a server with a GPU at the hub, which makes the pod. [gpu-unreserved]",
    }


def test_audit_lets_in_with_a_warning_what_would_be_refused(start):
    hub = start(unsealed="audit")
    response = ask(hub, review(pod(gpu=2)))
    assert response["allowed"] and "patch" not in response
    assert response["auditAnnotations"] == {"audited": "gpu-unreserved"}
    assert "given by reservation only" in response["warnings"][0]
    wait_for_log(hub, '"code":"audited-gpu-unreserved"')
    count = 'berth_decisions_total{code="audited-gpu-unreserved",route="/v1/admission/pods"} 1'
    assert count in hub.berth.ask("/metrics", token=None).body


# --- Pods that have not


@pytest.mark.parametrize("namespace", ["jupyter", "other"])
def test_a_pod_that_asks_for_nothing_of_ours_is_untouched(start, namespace):
    manifest = pod(annotations={"other.example.org/reservation-id": "x"})
    manifest["spec"]["containers"][0]["resources"] = {"limits": {"cpu": "64", "example.org/fpga": "1"}}
    assert ask(start(), review(manifest, namespace)) == {"uid": review(0)["request"]["uid"], "allowed": True}


def test_gpus_are_kept_in_every_namespace(start):
    assert code(ask(start(), review(pod(gpu=1), namespace="other"))) == "gpu-unreserved"


def test_what_is_no_new_pod_is_untouched(start):
    hub = start()
    for request in [
        {"operation": "UPDATE"}, {"operation": "DELETE", "object": None}, {"subResource": "binding"},
        {"resource": {"group": "apps", "version": "v1", "resource": "deployments"}},
    ]:  # fmt: skip
        assert ask(hub, review(pod(gpu=1)) | {"request": review(pod(gpu=1))["request"] | request})["allowed"], request


def test_an_ephemeral_container_is_let_in_and_nothing_but_it_is_patched(start):
    hub = start()
    manifest = hooked(hub)
    manifest["metadata"]["labels"]["somebody"] = "else"
    manifest["spec"]["securityContext"] = {}
    manifest["spec"]["ephemeralContainers"] = [{"name": "debug", "image": "busybox"}]
    response = ask(hub, review(manifest, operation="UPDATE", subResource="ephemeralcontainers"))
    after = patched(manifest, response)
    assert after["spec"] | {"ephemeralContainers": None} == manifest["spec"] | {"ephemeralContainers": None}
    assert after["metadata"] == manifest["metadata"]


# --- Faults


def test_a_ledger_that_is_locked_is_in_the_way_of_no_other_pods(start):
    hub = start(timeout="1s")
    bare, bound = marked(hub), hooked(hub, "ben")
    lock = sqlite3.connect(f"{hub.berth.folder}/ledger.sqlite", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    try:
        assert ask(hub, review(pod("other")))["allowed"]
        assert code(ask(hub, review(pod("other", gpu=1)))) == "gpu-unreserved"
        assert ask(hub, review(bound))["allowed"], "a bound reservation is in memory"
        response = ask(hub, review(bare))
        assert code(response) == "timed-out" and response["status"]["code"] == 503
    finally:
        lock.execute("ROLLBACK")
        lock.close()


@pytest.mark.parametrize(
    "body, words",
    [
        (b"{", "not JSON"),
        ({}, "no AdmissionReview"),
        (review(0) | {"apiVersion": "admission.k8s.io/v1beta1"}, "admissionReviewVersions: [v1]"),
        (review(0) | {"request": {}}, "`uid`"),
        (review(None), "no pod"),
        (review({"spec": []}), "no pod"),
        (review({}), "no pod"),
    ],
)
def test_what_is_no_review_is_told_so(start, body, words):
    status, answer = post(start(), f"/v1/admission/pods/{SECRET}", body)
    assert status == 400 and answer["code"] == "review-unreadable" and words in answer["detail"]


@pytest.mark.parametrize(
    "manifest",
    [
        {"spec": {}},
        {"spec": {"containers": 7}, "metadata": 7},
        {"spec": {"containers": [7, {"resources": 7}, {"resources": {"limits": [1]}}]}, "metadata": {"annotations": []}},
        {"spec": {"containers": [{"resources": {"limits": {CARD: "0"}}}]}, "metadata": None},
    ],
)
def test_a_pod_of_odd_shape_is_the_api_servers_to_refuse(start, manifest):
    assert ask(start(), review(manifest))["allowed"]


def test_a_pod_that_cannot_be_patched_is_refused(start):
    hub = start()
    manifest = change(marked(hub), lambda p: p["spec"]["containers"][0].update(name="other"))
    assert code(ask(hub, review(manifest))) == "pod-container-missing"


# --- Who may ask


def test_only_who_knows_the_secret_is_answered_and_it_is_never_logged(start):
    hub = start()
    for path in ["", "/wrong-secret-0123456789", f"/{SECRET}x", f"/{SECRET[:-1]}", "/validate", f"/{SECRET}/", "/"]:
        status, answer = post(hub, f"/v1/admission/pods{path}", review(pod()))
        assert status in (403, 404), (path, answer)
        assert SECRET[:-1] not in json.dumps(answer)
    assert post(hub, f"/v1/admission/pods/{SECRET}", b"", "GET")[0] == 405
    assert ask(hub, review(pod()))["allowed"]
    post(hub, f"/v1/admission/pods/{SECRET}", b"{")
    wait_for_log(hub, '"review-unreadable"')
    assert SECRET[:-1] not in hub.berth.log and '"caller-unknown"' in hub.berth.log
    assert SECRET[:-1] not in hub.berth.ask("/metrics", token=None).body


def test_a_hook_token_is_no_way_in(start):
    assert start().berth.ask("/v1/admission/pods", review(pod())).status == 403


def test_without_admission_in_the_configuration_there_is_no_such_path(hub):
    plain = {name: part for name, part in site().items() if name not in ("seal", "admission")}
    assert post(hub(plain), f"/v1/admission/pods/{SECRET}", review(pod()))[0] == 404


# --- Another key


def test_seals_of_the_previous_key_count_until_it_is_taken_away(start, tmp_path):
    hub = start()
    old = hooked(hub)
    server = hub.berth

    def restart(**seal: str) -> None:
        assert server.stop() == 0
        server.site["seal"] = {"key_file": "secrets/seal.key", **seal}
        server.start()

    write(tmp_path, "old.key", "k" * 32)
    write(tmp_path, "seal.key", "n" * 32)
    restart(previous_key_file="secrets/old.key")
    new = patched(old, ask(hub, review(old)))
    assert new["metadata"]["annotations"]["berth.io/seal"] != old["metadata"]["annotations"]["berth.io/seal"]
    restart()
    assert code(ask(hub, review(old))) == "seal-wrong"
    assert "patch" not in ask(hub, review(new))


def test_many_reviews_at_once_bind_a_reservation_once(start):
    hub = start()
    bare = marked(hub)
    answers: list[dict[str, Any]] = []
    threads = [threading.Thread(target=lambda: answers.append(ask(hub, review(bare)))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 16 and all(answer == answers[0] and answer["allowed"] for answer in answers)

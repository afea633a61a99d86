# SPDX-License-Identifier: Apache-2.0
"""Rules and `set` blocks, from the file to the pod, by a running Berth."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from test_pod import container, names, pod

SITE = {
    "profiles": [
        {
            "slug": "lab",
            "display_name": "Lab",
            "idle": "2h",
            "profile_options": {
                "release": {"choices": {"r2": {}, "r1": {}}},
                "platform": {"choices": {"old": {"needs": {"release": "r1"}}, "new": {}}},
            },
        }
    ],
    "rules": [
        {
            "name": "projects",
            "for_each": {"group": "/projects/{project}"},
            "set": {
                "server": {
                    "volumeMounts": {"/projects/${project}": {"name": "projects", "subPath": "${project}"}}
                },
                "pod": {"spec": {"volumes": {"projects": {"persistentVolumeClaim": {"claimName": "projects"}}}}},
            },
        },
        {
            "name": "token",
            "when": {"claim": "storage_token", "present": True},
            "set": {
                "objects": {
                    "cred": {
                        "manifest": {
                            "apiVersion": "v1",
                            "kind": "Secret",
                            "stringData": {"token": "${claims.storage_token}"},
                        }
                    },
                    "home": {
                        "lifetime": "keep",
                        "manifest": {"apiVersion": "v1", "kind": "PersistentVolumeClaim"},
                    },
                },
                "containers": {"side": {"envFrom": [{"secretRef": {"name": "${objects.cred}"}}]}},
            },
        },
        {"name": "spent", "when": {"claim": "hours", "at_most": 0}, "refuse": "Your hours are used up."},
    ],
}
NEEDED = {"hours": 5, "groups": []}


def test_a_rule_reaches_the_pod_and_keeps_its_terms(hub):
    berth = hub(SITE)
    held = berth.pre_spawn("ada", {}, {"hours": 5, "groups": ["/projects/b", "/projects/a"]})
    assert held.status == 200 and held.body["idle_s"] == 7200
    assert held.body["environment"]["BERTH_IDLE_S"] == "7200"
    assert held.body["environment"]["JUPYTERHUB_ACTIVITY_INTERVAL"] == "300"
    assert held.body["rules"][0].startswith("rule projects (line ")
    patched = berth.pod("ada", held.body["reservation_id"], pod(container(), volumes=[{"name": "home"}])).body["pod"]
    assert names(patched["spec"]["volumes"]) == ["home", "projects"]
    mounts = patched["spec"]["containers"][0]["volumeMounts"]
    assert [mount["mountPath"] for mount in mounts] == ["/projects/a", "/projects/b"]
    again = berth.pod("ada", held.body["reservation_id"], patched).body["pod"]
    assert again == patched


def test_an_object_is_rendered_for_the_hub_and_named_for_deletion_after_the_stop(hub):
    berth = hub(SITE)
    held = berth.pre_spawn("ada", {}, NEEDED | {"storage_token": "s3cret"}, start="one")
    secret, claim = held.body["objects"]
    assert secret["lifetime"] == "session" and secret["manifest"]["stringData"] == {"token": "s3cret"}
    assert claim["lifetime"] == "keep"
    name = secret["manifest"]["metadata"]["name"]
    patched = berth.pod("ada", held.body["reservation_id"], pod(container(), container("side"))).body["pod"]
    assert patched["spec"]["containers"][1]["envFrom"] == [{"secretRef": {"name": name}}]
    for _ in range(2):
        gone = berth.post_stop("ada", "one").body["delete"]
        assert gone == [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}}]
    ledger = (berth.berth.folder / "ledger.sqlite").read_bytes()
    assert b"s3cret" not in ledger and "s3cret" not in berth.berth.log


def test_a_container_that_the_pod_lacks_names_the_rule(hub):
    berth = hub(SITE)
    held = berth.pre_spawn("ada", {}, NEEDED | {"storage_token": "s3cret"})
    answer = berth.pod("ada", held.body["reservation_id"], pod(container()))
    assert (answer.status, answer.code) == (422, "pod-container-missing")
    assert "rule token (line " in answer.body["detail"]


def test_a_refusing_rule_speaks_in_form_and_start(hub):
    berth = hub(SITE)
    spent = {"hours": 0, "groups": []}
    for answer in [berth.options_form("ada", spent), berth.pre_spawn("ada", {}, spent)]:
        assert (answer.status, answer.code) == (403, "refused-by-rule")
        assert answer.body["user_message"] == "Your hours are used up."


def test_a_choice_without_what_it_needs_is_refused_and_the_form_says_so(hub):
    berth = hub(SITE)
    page = berth.options_form("ada", NEEDED).body["html"]
    assert "(only with release r1)" in page and "data-needs=" in page
    answer = berth.pre_spawn("ada", {"release": "r2", "platform": "old"}, NEEDED)
    assert (answer.status, answer.code) == (422, "choice-needs")
    assert berth.pre_spawn("ada", {}, NEEDED).status == 200


def test_a_group_that_would_leave_its_folder_is_refused(hub):
    answer = hub(SITE).pre_spawn("ada", {}, {"hours": 5, "groups": ["/projects/.."]})
    assert (answer.status, answer.code) == (422, "value-unfit")
    assert "projects" not in answer.body["user_message"]


def test_nothing_allowed_can_be_an_entry_that_explains_and_never_starts(hub):
    berth = hub(
        {
            "profiles": [{"display_name": "P", "allow": {"group": "x"}}],
            "nothing_allowed": {"message": "Join a <project> first.", "entry": "No project yet"},
        }
    )
    form = berth.options_form("ada", {"groups": []})
    assert form.status == 200 and form.body["profiles"][0]["slug"] == "nothing-allowed"
    assert "Join a &lt;project&gt; first." in form.body["html"]
    refused = berth.options("ada", {"profile": ["nothing-allowed"]}, {"groups": []})
    assert (refused.status, refused.code) == (422, "nothing-allowed")
    for options in [{}, {"profile": "nothing-allowed"}]:
        answer = berth.pre_spawn("ada", options, {"groups": []})
        assert (answer.status, answer.code) == (403, "nothing-allowed")
        assert answer.body["user_message"] == "Join a <project> first."


def test_any_card_takes_the_first_that_is_free_and_a_retry_finds_what_it_got(hub):
    cards = [
        {"uuid": f"GPU-{pool}", "product": "A100", "memory": "80Gi", "pools": [pool]} for pool in ["big", "small"]
    ]
    berth = hub(
        {
            "pools": {
                "big": {"mode": "whole", "resource": "nvidia.com/gpu"},
                "small": {"mode": "whole", "resource": "example.org/gpu"},
            },
            "inventory": {"nodes": {"n1": {"cards": cards}}},
            "profiles": [
                {
                    "slug": "gpu",
                    "display_name": "GPU",
                    "gpu": {
                        "choices": [
                            {"id": "any", "any_of": ["big", "small"]},
                            {"id": "big", "pool": "big", "cards": 1},
                            {"id": "small", "pool": "small", "cards": 1},
                        ]
                    },
                }
            ],
        }
    )
    first = berth.pre_spawn("ada", {}, {})
    assert first.body["reservation"]["gpu"]["pool"] == "big"
    second = berth.pre_spawn("bo", {}, {}, start="s")
    assert second.body["reservation"]["gpu"]["pool"] == "small"
    berth.post_stop("ada")
    assert berth.pre_spawn("bo", {}, {}, start="s").body["reservation_id"] == second.body["reservation_id"]
    berth.pre_spawn("ada", {}, {})
    third = berth.pre_spawn("cy", {}, {})
    assert (third.status, third.code) == (409, "gpu-unavailable")


class Program:
    """Another program, as a site would have it: it answers POSTs and remembers what it was asked."""

    def __init__(self, answer=None, status: int = 200):
        self.asked: list[dict] = []
        self.tokens: list[str | None] = []
        program = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                program.tokens.append(self.headers.get("Authorization"))
                program.asked.append(body)
                text = json.dumps(answer if body["event"] == "before" else {}).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/berth"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def events(self, count: int) -> list[tuple[str, str]]:
        """What it was told, once it was told that often: the word of a stop comes in the background."""
        for _ in range(200):
            if len(self.asked) >= count:
                break
            time.sleep(0.02)
        return [(body["event"], body["start"]) for body in self.asked]


def calling(url: str, **more) -> dict:
    return {
        "profiles": [
            {"slug": "spark", "display_name": "Spark", "profile_options": {"size": {"choices": {"s": {}, "l": {}}}}},
            {"slug": "plain", "display_name": "Plain"},
        ],
        "calls": {"spark": {"url": url, "when": {"profile": "spark"}, **more}},
        "rules": [
            {
                "when": {"profile": "spark"},
                "set": {"server": {"env": {"MASTER": '${calls.spark.master | default "none"}'}}},
            }
        ],
    }


def master(berth, held) -> str:
    patched = berth.pod("ada", held.body["reservation_id"], pod(container())).body["pod"]
    return next(entry["value"] for entry in patched["spec"]["containers"][0]["env"] if entry["name"] == "MASTER")


def test_a_program_is_asked_before_a_start_and_told_of_its_stop(hub, tmp_path):
    token = tmp_path / "spark.token"
    token.write_text("spark-token-0123456789\n")
    token.chmod(0o600)
    with Program({"values": {"master": "spark://m:7077"}}) as spark:
        berth = hub(calling(spark.url, token_file="spark.token"))
        held = berth.pre_spawn("ada", {"profile": "spark", "size": "l"}, {}, start="one")
        assert master(berth, held) == "spark://m:7077"
        assert spark.asked[0] == {
            "berth": 1, "event": "before", "deployment": "prod", "user": "ada", "server": "", "start": "one",
            "profile": "spark", "options": {"size": "l"},
        }
        assert spark.tokens == ["Bearer spark-token-0123456789"]
        for _ in range(2):
            berth.post_stop("ada", "one")
        assert spark.events(2) == [("before", "one"), ("after", "one")]
        berth.pre_spawn("ada", {"profile": "plain"}, {}, start="two")
        berth.post_stop("ada", "two")
        assert len(spark.asked) == 2
        assert "spark-token" not in berth.berth.log


def test_a_program_refuses_in_its_own_words_and_has_nothing_to_keep(hub):
    with Program({"refuse": "All clusters are in use."}) as spark:
        answer = hub(calling(spark.url)).pre_spawn("ada", {"profile": "spark"}, {}, start="one")
        assert (answer.status, answer.code) == (403, "call-refused")
        assert answer.body["user_message"] == "All clusters are in use."
        assert spark.events(2) == [("before", "one"), ("after", "one")]


def test_a_program_that_fails_refuses_the_start_unless_it_may_fail(hub):
    for answer, status in [({}, 500), ([], 200), ({"values": 1}, 200)]:
        with Program(answer, status) as spark:
            refused = hub(calling(spark.url)).pre_spawn("ada", {"profile": "spark"}, {})
            assert (refused.status, refused.code) == (503, "call-failed")
    with Program({}, 500) as spark:
        berth = hub(calling(spark.url, on_failure="ignore"))
        assert master(berth, berth.pre_spawn("ada", {"profile": "spark"}, {})) == "none"


def test_what_a_program_prepared_is_put_away_when_the_start_is_refused_after_all(hub):
    with Program({"values": {}}) as spark:
        site = calling(spark.url)
        site["rules"] = [{"when": {"profile": "spark"}, "set": {"server": {"env": {"M": "${calls.spark.master}"}}}}]
        answer = hub(site).pre_spawn("ada", {"profile": "spark"}, {}, start="one")
        assert (answer.status, answer.code) == (403, "value-missing")
        assert spark.events(2) == [("before", "one"), ("after", "one")]

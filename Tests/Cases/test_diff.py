# SPDX-License-Identifier: Apache-2.0
"""`berth explain --diff` says what a new configuration would change, for whom, before it is in force."""

from __future__ import annotations

import copy
import json
import random
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from berth import ROOT, binary

CARDS = [
    {"uuid": "GPU-0", "product": "A100", "memory": "80Gi", "pools": ["whole", "share"]},
    {"uuid": "GPU-1", "product": "A100", "memory": "80Gi", "pools": ["whole"]},
]
POD = ROOT / "Tests" / "PodPatchingTests" / "Pods" / "pod-plain.json"
ISSUER = "https://idp.example.org"


def site() -> dict[str, Any]:
    return {
        "ledger": {"path": "ledger.sqlite"},
        "deployments": {"prod": {"hook_token_env": "BERTH_TEST_TOKEN", "trust": "auth_state"}},
        "identity": {"issuers": [{"issuer": ISSUER, "audiences": ["hub"], "groups": ["groups"]}]},
        "images": [
            {"id": "base", "image": "registry.example.org/base:1", "default": True},
            {"id": "hdf5", "image": "registry.example.org/hdf5:1", "allow": {"group": "staff"}},
        ],
        "pools": {
            "whole": {"mode": "whole"},
            "share": {"mode": "shared", "resource": "example.org/share", "unit": "1Gi"},
        },
        "inventory": {"nodes": {"n1": {"cards": CARDS}}},
        "profiles": [
            {
                "slug": "cpu", "display_name": "CPU", "images": ["base", "hdf5"],
                "custom_image": {"allow": {"group": "staff"}, "validation_regex": "registry.+"},
                "profile_options": {
                    "size": {
                        "choices": {
                            "s": {"kubespawner_override": {"mem_limit": "4G"}},
                            "l": {"kubespawner_override": {"mem_limit": "64G"}, "allow": {"group": "staff"}},
                        }
                    }
                },
                "walltime": {"default": "8h", "max": "24h"},
            },
            {
                "slug": "gpu", "display_name": "GPU", "allow": {"group": "gpu"},
                "gpu": {"choices": [
                    {"id": "card", "pool": "whole", "cards": 1},
                    {"id": "share", "pool": "share", "request": "10Gi", "allow": {"group": "staff"}},
                ]},
            },
        ],
        "base": {"default_url": "/lab"},
    }  # fmt: skip


PEOPLE = {"ada": ["staff", "gpu"], "bo": ["gpu"], "cyd": []}


class Folder:
    def __init__(self, path: Path):
        self.path = path
        self.claims = path / "claims"
        self.claims.mkdir()
        for user, groups in PEOPLE.items():
            self.person(user, {"iss": ISSUER, "aud": "hub", "groups": groups})

    def person(self, user: str, claims: Any) -> None:
        text = claims if isinstance(claims, str) else json.dumps(claims)
        (self.claims / f"{user}.json").write_text(text)

    def run(self, old: Any, new: Any, *words: object) -> subprocess.CompletedProcess[str]:
        for name, site in (("old.yaml", old), ("new.yaml", new)):
            (self.path / name).write_text(json.dumps(site))
        return subprocess.run(
            [binary(), "explain", "--diff", "old.yaml", "new.yaml", "--claims-dir", "claims", *map(str, words)],
            cwd=self.path, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    def changes(self, old: Any, new: Any, *words: object) -> set[tuple[str, ...]]:
        """Each as user, change, thing, before, after."""
        done = self.run(old, new, "--json", *words)
        body = json.loads(done.stdout)
        found = {
            (one["user"], one["change"], f"{one['kind']} {one['profile'] or ''} {one['name']}", one["before"], one["after"])
            for one in body["changes"]
        }
        assert done.returncode == (1 if found else 0), done.stderr
        assert body["users"] == len(PEOPLE) and body["users_changed"] == len({one[0] for one in found})
        return found


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def changed(edit) -> dict[str, Any]:
    new = site()
    edit(new)
    return new


def test_nothing_changes_where_only_the_writing_does(folder):
    new = site() | {"contact": "somebody@example.org"}
    assert folder.changes(site(), new) == set()
    done = folder.run(site(), new)
    assert done.returncode == 0
    assert done.stdout == "0 of 3 users would see a change: 0 gains, 0 losses, 0 other changes\n"


def test_a_profile_that_comes_or_goes_is_said_with_all_its_parts(folder):
    new = changed(lambda it: it["profiles"][1].update(allow={"group": "staff"}))
    found = folder.changes(site(), new)
    assert {one[0] for one in found} == {"bo"} and {one[1] for one in found} == {"loss"}
    assert ("bo", "loss", "profile gpu ", "yes", None) in found
    assert ("bo", "loss", "gpu gpu card", "whole: 1 card", None) in found
    table = folder.run(site(), new).stdout
    assert re.search(r"^bo +loses +profile gpu +yes +-$", table, re.MULTILINE) and table.count("\nbo") == 1
    assert table.endswith("1 of 3 users would see a change: 0 gains, 1 loss, 0 other changes\n")


def test_a_choice_an_image_and_a_typed_value(folder):
    def edit(it):
        it["images"][1]["allow"] = {"group": "gpu"}
        it["images"][0]["image"] = "registry.example.org/base:2"
        choices = it["profiles"][0]["profile_options"]["size"]["choices"]
        choices["l"]["allow"] = {"user": "cyd"}
        it["profiles"][0]["custom_image"]["validation_regex"] = ".+"

    found = folder.changes(site(), changed(edit))
    assert found == {
        *((user, "change", "image cpu base", "registry.example.org/base:1", "registry.example.org/base:2") for user in PEOPLE),
        ("bo", "gain", "image cpu hdf5", None, "registry.example.org/hdf5:1"),
        ("ada", "loss", "choice cpu size=l", "yes", None),
        ("ada", "loss", "trait cpu mem_limit with size=l", '"64G"', None),
        ("cyd", "gain", "choice cpu size=l", None, "yes"),
        ("cyd", "gain", "trait cpu mem_limit with size=l", None, '"64G"'),
        ("ada", "change", "typed cpu image", "what matches registry.+", "what matches .+"),
    }  # fmt: skip


def test_a_gpu_offer_a_walltime_a_token_and_a_default(folder):
    def edit(it):
        it["profiles"][1]["gpu"]["choices"][1].update(request="12Gi", limit="20Gi", default=True)
        it["profiles"][1]["gpu"]["choices"][0]["cards"] = 2
        it["profiles"][0]["walltime"]["max"] = "12h"
        it["profiles"][1]["token"] = {"audience": "https://arc.example.org", "file": "/run/berth/token"}
        it["profiles"][1]["default"] = True

    assert folder.changes(site(), changed(edit)) == {
        *((user, "change", "walltime cpu ", "8 hours, at most 1 day", "8 hours, at most 12 hours") for user in PEOPLE),
        *((user, "change", "gpu gpu card", "whole: 1 card", "whole: 2 cards") for user in ("ada", "bo")),
        ("ada", "change", "gpu gpu share", "share: 10240Mi", "share: 12288Mi, up to 20480Mi"),
        ("ada", "change", "default gpu gpu", "card", "share"),
        *((user, "change", "default  ", "cpu", "gpu") for user in ("ada", "bo")),
        *((user, "gain", "token gpu ", None, "for https://arc.example.org in /run/berth/token") for user in ("ada", "bo")),
    }  # fmt: skip


def test_traits_of_profiles_of_choices_and_of_the_base(folder):
    def edit(it):
        it["base"]["default_url"] = "/tree"
        it["profiles"][0]["profile_options"]["size"]["choices"]["l"]["kubespawner_override"] = {"mem_limit": "32G"}
        it["profiles"][1]["kubespawner_override"] = {"node_selector": {"a": "b"}}

    found = folder.changes(site(), changed(edit))
    assert {one for one in found if one[0] == "cyd"} == {
        ("cyd", "change", "trait cpu default_url", '"/lab"', '"/tree"'),
    }
    assert {one for one in found if one[0] == "ada"} == {
        ("ada", "change", "trait cpu default_url", '"/lab"', '"/tree"'),
        ("ada", "change", "trait gpu default_url", '"/lab"', '"/tree"'),
        ("ada", "change", "trait cpu mem_limit with size=l", '"64G"', '"32G"'),
        ("ada", "gain", "trait gpu node_selector", None, '{"a":"b"}'),
    }


def test_fields_of_the_pod_where_one_is_given(folder):
    new = changed(lambda it: it.update(pod={"environment": {"SITE": "lab"}, "labels": {"team": "lab"}}))
    assert folder.changes(site(), new) == set()
    found = folder.changes(site(), new, "--pod", POD)
    assert ("cyd", "gain", "pod cpu spec.containers[notebook].env[SITE].value", None, '"lab"') in found
    assert ("bo", "gain", "pod gpu metadata.labels.team", None, '"lab"') in found
    assert len(found) == 2 * 5 and {one[1] for one in found} == {"gain"}


def test_rules_count_by_what_they_do(folder):
    def edit(it):
        it["rules"] = [
            {"when": {"group": "gpu"}, "set": {"idle": "1h", "walltime": {"$min": "4h"}}},
            {"when": {"all": [{"group": "staff"}, {"profile": "gpu"}]}, "set": {"spawner": {"start_timeout": 60}}},
        ]

    found = folder.changes(site(), changed(edit))
    assert not {one for one in found if one[0] == "cyd"}
    assert ("bo", "gain", "idle cpu ", None, "1 hour") in found
    assert ("bo", "change", "walltime cpu ", "8 hours, at most 1 day", "4 hours") in found
    assert ("ada", "gain", "trait gpu start_timeout", None, "60") in found
    assert not {one for one in found if one[0] == "bo" and "start_timeout" in one[2] and one[4] == "60"}


def test_a_start_that_is_refused_by_a_rule_is_said(folder):
    rule = {"when": {"all": [{"user": "ada"}, {"chosen": {"size": "s"}}]}, "refuse": "Take the large one."}
    found = folder.changes(site(), changed(lambda it: it.update(rules=[rule])))
    start = [one for one in found if one[2] == "start cpu "]
    assert len(start) == 1 and start[0][:2] == ("ada", "change") and start[0][4].startswith("refused: ")


def test_claims_that_the_new_file_refuses_cost_everything(folder):
    new = changed(lambda it: it["identity"]["issuers"][0].update(audiences=["elsewhere"]))
    found = folder.changes(site(), new)
    assert {one[0] for one in found} == set(PEOPLE)
    refused = next(one for one in found if one[0] == "cyd" and one[2].startswith("claims"))
    assert refused[1] == "change" and refused[3] == "accepted" and refused[4].startswith("refused: ")
    assert ("cyd", "loss", "profile cpu ", "yes", None) in found


def test_hub_groups_and_administrators_are_asked_for_by_option(folder):
    new = changed(lambda it: it["profiles"].append({"slug": "x", "display_name": "X", "allow": {"admin": True}}))
    assert folder.changes(site(), new) == set()
    found = folder.changes(site(), new, "--admin")
    assert {(one[0], one[2]) for one in found if "profile" in one[2]} == {(user, "profile x ") for user in PEOPLE}
    new["profiles"][-1]["allow"] = {"group": "hub-group"}
    assert folder.changes(site(), new, "--group", "hub-group")


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda it: (it.path / "claims" / "ada.json").write_text("{"), "ada.json is not JSON"),
        (lambda it: it.person("ada", {"iss": ISSUER, "aud": "other"}), "ada.json: "),
    ],
)
def test_who_cannot_be_compared_is_named_and_the_others_are(folder, break_it, words):
    break_it(folder)
    new = changed(lambda it: it["profiles"][1].update(allow={"group": "nobody"}))
    done = folder.run(site(), new, "--json")
    assert done.returncode == 2 and words in done.stderr and "1 user could not be compared" in done.stderr
    body = json.loads(done.stdout)
    assert len(body["faults"]) == 1 and {one["user"] for one in body["changes"]} == {"bo"}


def test_what_cannot_be_told_is_an_error(folder):
    faulty = changed(lambda it: it["profiles"][0].update(imagez=[]))
    done = folder.run(site(), faulty)
    assert done.returncode == 2 and "imagez" in done.stderr and done.stdout == ""
    other = changed(lambda it: it.update(deployments={"next": it["deployments"]["prod"]}))
    done = folder.run(site(), other)
    assert done.returncode == 2 and "new.yaml has no deployment `prod`" in done.stderr
    done = folder.run(site(), site(), "--pod", "missing.json")
    assert done.returncode == 2 and "missing.json cannot be read" in done.stderr
    for file in folder.claims.iterdir():
        file.unlink()
    done = folder.run(site(), site())
    assert done.returncode == 2 and "holds no claims" in done.stderr
    folder.claims.rmdir()
    assert folder.run(site(), site()).returncode == 2


def test_options_that_do_not_go_together_are_refused(folder):
    def usage(*words: str) -> str:
        done = subprocess.run([binary(), "explain", *words], capture_output=True, text=True)
        assert done.returncode == 64
        return done.stderr

    assert "--diff OLD NEW" in usage("--diff", "a.yaml", "--claims-dir", "c")
    assert "--claims-dir DIR" in usage("--diff", "a.yaml", "b.yaml")
    assert "leave the others out" in usage("--diff", "a.yaml", "b.yaml", "--claims-dir", "c", "--user", "ada")
    assert "--user NAME" in usage("-c", "a.yaml")
    assert "go with --diff" in usage("-c", "a.yaml", "--user", "ada", "--json")


# Against `berth explain` itself.


def explained(folder: Folder, file: str, user: str) -> set[str]:
    done = subprocess.run(
        [binary(), "explain", "-c", file, "--user", user, "--claims", f"claims/{user}.json"],
        cwd=folder.path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {words.strip() for words in re.findall(r"^yes  (.*?)   ", done.stdout, re.MULTILINE)}


def shuffled(random: random.Random) -> dict[str, Any]:
    """The site with rules dealt anew."""
    new = copy.deepcopy(site())

    def deal(node: Any) -> None:
        if isinstance(node, dict):
            if "slug" in node or "kubespawner_override" in node or "pool" in node or "image" in node or "allow" in node:
                allow = random.choice([None, {"group": "staff"}, {"group": "gpu"}, {"not": {"group": "gpu"}}, {"user": "cyd"}])
                node.pop("allow", None)
                if allow:
                    node["allow"] = allow
            for value in node.values():
                deal(value)
        elif isinstance(node, list):
            for one in node:
                deal(one)

    deal(new["profiles"])
    deal(new["images"])
    return new


@pytest.mark.parametrize("seed", range(12))
def test_gains_and_losses_are_those_between_two_explanations(seed, folder):
    dice = random.Random(seed)
    old, new = shuffled(dice), shuffled(dice)
    done = folder.run(old, new, "--json")
    assert done.returncode in (0, 1), done.stderr
    told = {change: {user: set() for user in PEOPLE} for change in ("gain", "loss")}
    for one in json.loads(done.stdout)["changes"]:
        if one["change"] in told and one["kind"] in ("profile", "option", "choice", "image", "typed", "gpu"):
            kind = "choice" if one["kind"] == "gpu" else one["kind"]
            name = f"gpu={one['name']}" if one["kind"] == "gpu" else one["name"]
            words = f"profile {one['profile']}" if kind == "profile" else f"{kind} {name} of {one['profile']}"
            told[one["change"]][one["user"]].add(words)
    for user in PEOPLE:
        before, after = explained(folder, "old.yaml", user), explained(folder, "new.yaml", user)
        assert told["gain"][user] == after - before
        assert told["loss"][user] == before - after

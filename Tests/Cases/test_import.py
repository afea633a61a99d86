# SPDX-License-Identifier: Apache-2.0
"""`berth import profile-list` against KubeSpawner itself: the same profiles, choices and traits for a user whom nothing
restricts, whatever way the list is written."""

from __future__ import annotations

import asyncio
import copy
import json
import random
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kubespawner.spawner
import pytest
import yaml
from kubespawner import KubeSpawner

from berth import ROOT, TOKEN, Berth, Hub, binary

sys.path.insert(0, str(ROOT / "config" / "jupyterhub"))
import berth_hub  # noqa: E402

LISTS = Path(__file__).parent / "profile-lists"
ACCESS = ("allowed_groups", "allowed_teams", "allowed_users", "allowed_roles", "admin_only", "access", "groups", "users")


def berth(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([binary(), *map(str, words)], capture_output=True, text=True, timeout=60)


def imported(source: Path, into: Path) -> tuple[Path, str]:
    """The file that the import writes, which passes `berth check`, and what it said."""
    file = into / "berth.yaml"
    done = berth("import", "profile-list", source, "--output", file, "--force")
    assert done.returncode == 0, done.stderr
    check = berth("check", file)
    assert check.returncode == 0, check.stdout + file.read_text()
    return file, done.stderr


@dataclass
class Imported(Berth):
    """A Berth that serves what was imported."""

    def write_site(self) -> Path:
        path = self.folder / "berth.yaml"
        path.write_text(path.read_text().replace("127.0.0.1:8090", f"127.0.0.1:{self.port}"))
        secrets = self.folder / "secrets"
        secrets.mkdir(exist_ok=True)
        (secrets / "hub.token").write_text(TOKEN)
        (secrets / "hub.token").chmod(0o600)
        return path


# What KubeSpawner makes of the original.


# No cluster is asked here: what a profile sets is settled before.
kubespawner.spawner.load_config = lambda *_, **__: None
loop = asyncio.new_event_loop()


def spawner() -> KubeSpawner:
    async def made() -> KubeSpawner:
        return KubeSpawner(_mock=True)

    return loop.run_until_complete(made())


def as_kubespawner_has_it(profiles: Any, options: dict[str, Any]) -> KubeSpawner:
    it = spawner()
    it.profile_list = copy.deepcopy(profiles)
    it.user_options = options
    loop.run_until_complete(it.load_user_options())
    return it


def as_berth_grants_it(overrides: dict[str, Any]) -> KubeSpawner:
    it = spawner()
    for name, value in overrides.items():
        # Templates have no trait of that name in the mock's class only where KubeSpawner has none either.
        berth_hub.change(it, name, value) if it.has_trait(name) else setattr(it, name, value)
    return it


def initialized(profiles: Any) -> list[dict[str, Any]]:
    it = spawner()
    return it._get_initialized_profile_list(it._sorted_dict_values(profiles))


def ways(profile: dict[str, Any]) -> list[dict[str, Any]]:
    """The defaults, and each choice by itself."""
    options = profile.get("profile_options") or {}
    if any(not option.get("choices") for option in options.values()):
        return []  # Neither side has a default then.
    return [{}] + [{key: choice} for key, option in options.items() for choice in option["choices"]]


def traits(profiles: list[dict[str, Any]]) -> set[str]:
    def layers(node: Any):
        if isinstance(node, dict):
            for key, value in node.items():
                if key == "kubespawner_override" and isinstance(value, dict):
                    yield from value
                else:
                    yield from layers(value)
        elif isinstance(node, list):
            for one in node:
                yield from layers(one)

    return set(layers(profiles))


def compare(profiles: Any, file: Path) -> int:
    """Holds every profile and choice of a served import against KubeSpawner's own; gives how many were compared."""
    wanted = initialized(profiles)
    running = Imported(file.parent, {}).start()
    try:
        hub = Hub(running)
        offered = hub.options_form("ada").body["profiles"]
        assert [shown(one) for one in offered] == [shown(one) for one in wanted]
        count = 0
        for profile in wanted:
            for chosen in ways(profile):
                options = {"profile": profile["slug"], **chosen}
                answer = hub.pre_spawn("ada", options)
                assert answer.status == 200, answer.body
                granted = as_berth_grants_it(answer.body["overrides"])
                original = as_kubespawner_has_it(wanted, options)
                for name in traits(wanted):
                    assert getattr(granted, name, None) == getattr(original, name, None), (name, options)
                count += 1
        default = hub.pre_spawn("ada", {}) if all(ways(one) for one in wanted) else None
        if default:
            assert default.body["profile"] == next(one["slug"] for one in wanted if one.get("default"))
        return count
    finally:
        assert running.stop() == 0, running.log


def shown(profile: dict[str, Any]) -> dict[str, Any]:
    """What a user sees of a profile, and what is chosen unasked."""
    options = profile.get("profile_options") or {}
    return {
        "slug": profile["slug"],
        "title": profile["display_name"],
        "description": profile.get("description") or "",
        "options": [
            {
                "key": key,
                "choices": [(id, bool(choice.get("default"))) for id, choice in (option.get("choices") or {}).items()],
                "typed": bool((option.get("unlisted_choice") or {}).get("enabled")),
            }
            for key, option in options.items()
        ],
    }


# Lists as people have them.


def by_helm(node: Any) -> Any:
    """Mappings as `toYaml` hands them on: sorted, with numbers in keys as numbers."""

    def place(key: str) -> list[Any]:
        return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", key) if part]

    if isinstance(node, dict):
        return {key: by_helm(node[key]) for key in sorted(node, key=place)}
    return [by_helm(one) for one in node] if isinstance(node, list) else node


def without_access(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: without_access(value) for key, value in node.items() if key not in ACCESS}
    return [without_access(one) for one in node] if isinstance(node, list) else node


def test_a_list_from_before_slugs_means_the_same(tmp_path):
    source = LISTS / "before-slugs.yaml"
    file, said = imported(source, tmp_path)
    assert "all carried over" in said
    assert compare(yaml.safe_load(source.read_text()), file) == 4


def test_a_mapping_of_profiles_is_taken_in_the_order_of_its_keys(tmp_path):
    source = LISTS / "by-key.yaml"
    file, _ = imported(source, tmp_path)
    assert compare(yaml.safe_load(source.read_text())["profile_list"], file) == 3


def test_values_of_a_chart_mean_what_helm_makes_of_them(tmp_path):
    """For a user without restrictions, so without the keys that say who may; the order is Helm's."""
    values = without_access(yaml.safe_load((LISTS / "institute-values.yaml").read_text()))
    source = tmp_path / "values.yaml"
    source.write_text(yaml.safe_dump(values, sort_keys=False))
    file, _ = imported(source, tmp_path)
    profiles = by_helm(values["basehub"]["jupyterhub"]["singleuser"]["profileList"])
    profiles[1]["slug"] = "small-for-students"
    offered = yaml.safe_load(file.read_text())["profiles"]
    sizes = list(offered[0]["profile_options"]["requests"]["choices"])
    assert sizes == ["mem_1_9", "mem_3_7", "mem_15"]
    # What the chart itself sets is under the profile in both.
    base = yaml.safe_load(file.read_text())["base"]
    for one in profiles:
        one["kubespawner_override"] = base | one.get("kubespawner_override", {})
        for trait in ("environment", "node_selector"):
            own = one["kubespawner_override"].get(trait, {})
            one["kubespawner_override"][trait] = base.get(trait, {}) | own
    assert compare(profiles, file) == 12


def test_rules_of_public_charts_become_allow(tmp_path):
    file, said = imported(LISTS / "institute-values.yaml", tmp_path)
    small, students, gpu = yaml.safe_load(file.read_text())["profiles"]
    assert small["allow"] == [{"group": "Institute:members"}, {"group": "partner:guests"}]
    assert students["allow"] == [{"group": "Institute:students"}]
    assert small["profile_options"]["requests"]["choices"]["mem_15"]["allow"] == [{"group": "Institute:heavy"}]
    assert small["profile_options"]["image"]["unlisted_choice"]["allow"] == [{"group": "Institute:builders"}]
    assert gpu["allow"] == [] and "profileList[2].allowed_groups: is an empty list" in said


def test_what_the_chart_says_of_all_servers_becomes_base_and_no_secret_does(tmp_path):
    file, said = imported(LISTS / "institute-values.yaml", tmp_path)
    text = file.read_text()
    base = yaml.safe_load(text)["base"]
    assert base == {
        "default_url": "/lab",
        "image": "quay.io/institute/base:2026.01",
        "mem_limit": "2G",
        "mem_guarantee": "512M",
        "cpu_guarantee": 0.25,
        "node_selector": {"pool": "user"},
        "start_timeout": 900,
        "environment": {"TZ": "Europe/Stockholm"},
    }
    assert "do-not-copy-me" not in text + said
    for path in ("custom.singleuserAdmin", "hub.extraConfig.09-form", "singleuser.extraEnv.SERVICE_TOKEN"):
        assert f"basehub.jupyterhub.{path}: " in said and f"basehub.jupyterhub.{path}:" in text
    assert "10-greeting" not in said
    assert "stays with the hub: basehub.jupyterhub.singleuser.extraTolerations" in said


def test_python_is_left_out_and_listed(tmp_path):
    for name, path in (
        ("from-python.json", "profile_list[1].kubespawner_override.node_selector"),
        ("from-python.json", "profile_list[1].kubespawner_override.mem_limit"),
        ("from-python.json", "profile_list[2]"),
        ("tagged.yaml", "profile_list[1].kubespawner_override.tolerations"),
    ):
        file, said = imported(LISTS / name, tmp_path)
        assert re.search(rf"{re.escape(path)}: is (made by )?Python code", said), said
    code = yaml.safe_load(imported(LISTS / "from-python.json", tmp_path)[0].read_text())["profiles"][1]
    assert code["kubespawner_override"] == {
        "image": "registry.example.org/base:1", "cmd": ["python3", "-c", "print((lambda x: x)(1))"],
    }


def test_users_admins_and_what_is_not_plain(tmp_path):
    file, said = imported(LISTS / "from-python.json", tmp_path)
    allow = {one["slug"]: one.get("allow") for one in yaml.safe_load(file.read_text())["profiles"]}
    assert allow == {
        "cpu": None, "made-by-code": None, "admins": [{"admin": True}], "some": [{"user": "ada"}, {"user": "bo"}],
        "role": [],
    }
    assert "profile_list[5].allowed_roles: says who may, but not plainly; nobody may have" in said
    assert "profile_list[4].course: is no key that KubeSpawner reads" in said


def test_access_by_lists_or_by_title(tmp_path):
    file, said = imported(LISTS / "access-by-title.yaml", tmp_path)
    assert [one.get("allow") for one in yaml.safe_load(file.read_text())["profiles"]] == [
        None,
        [{"group": "admin"}, {"group": "developers"}, {"user": "bob"}],
        [{"claim": "jupyterlab_profiles", "equals": "G4 GPU Instance 1x"}],
        [],
    ]
    assert "asks the claim `jupyterlab_profiles`" in said


def test_slips_that_a_hub_has_lived_with_are_named(tmp_path):
    file, said = imported(LISTS / "gpu-cluster-values.yaml", tmp_path)
    profiles = yaml.safe_load(file.read_text())["profiles"]
    assert [one["slug"] for one in profiles] == ["gpu", "gpu-2", "profile-3", "only-slug"]
    assert [one.get("default") for one in profiles] == [True, None, None, None]
    gpus = profiles[0]["profile_options"]["gpus"]
    assert list(gpus["choices"]) == ["1", "2", "10"]
    assert gpus["unlisted_choice"]["validation_regex"] == r"(?:\d)[\s\S]*"
    assert "unlisted_choice" not in profiles[0]["profile_options"]["broken"]
    for words in (
        "here probably `16G`", "holds a number that JSON cannot say", "marks a second profile as the default",
        'the slug "gpu" already', "is no regular expression", "has neither `display_name` nor `slug`",
        'must be a profile, not the text "just a word"', "singleuser.profileList: is not in use",
    ):
        assert words in said, words


def test_a_typed_value_is_bound_as_kubespawner_binds_it(tmp_path):
    """`re.match` looks at the beginning only."""
    regexes = ["^a.*$", "a", "a|b", "[ab]+", r"x\.", "(?i)reg/.+", "^(a|b)$", r"\d{2}", "a.*b|c", r"a\$"]
    texts = ["a", "ab", "abc", "b", "ba", "c", "x.", "x.y", "REG/z", "12", "123", "1", "a$", "a$b", "zzz", "acb", "cc"]
    for number, regex in enumerate(regexes):
        typed = {"enabled": True, "validation_regex": regex, "kubespawner_override": {"default_url": "{value}"}}
        profiles = [{"display_name": "A", "slug": "a", "profile_options": {"o": {
            "choices": {"c": {"display_name": "C"}}, "unlisted_choice": typed}}}]
        folder = tmp_path / str(number)
        folder.mkdir()
        source = folder / "list.json"
        source.write_text(json.dumps(profiles))
        imported(source, folder)
        running = Imported(folder, {}).start()
        for text in texts:
            answer = Hub(running).pre_spawn("ada", {"profile": "a", "o--unlisted-choice": text})
            assert (answer.status == 200) == bool(re.match(regex, text)), (regex, text, answer.body)
        assert running.stop() == 0


# Lists as nobody has them.

WORDS = [
    "plain", "two words", "yes", "No", "on", "~", "null", "NULL", "1", "01", "1.0", "1e3", "1.5e3", "0x1F", "0o17", "1_000",
    "1:30", "2024-01-01", ".5", ".inf", "- dash", "a: b", "a:", "# hash", "a #b", " lead", "trail ", "", "tab\tin", "two\nlines",
    "ends\n", "ends twice\n\n", "\nstarts", " indented\nblock", "windows\r\n", "quote's", 'double "q"', "back\\slash",
    "{username}", "{{x}}", "[list]", "@at", "`tick`", "%percent", "!bang", "&anchor", "*star", "|", ">", "?", "? q", ":", "=",
    "<<", "é", "日本語", "😀", "nbsp\u00a0x", "line\u2028sep", "bom\ufeff", "bell\a", "a" * 200, "x, y", "k: [v]", "---", "...",
]  # fmt: skip
NUMBERS = [0, 1, -1, 8, 10**6, 1992701952, 0.5, 1e-7, 1.5e300, 2.0, -0.25]


class RandomList:
    """A profile list that KubeSpawner takes, from a seed."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.shared: list[Any] = []

    def make(self) -> list[dict[str, Any]]:
        profiles = [self.profile(number) for number in range(self.random.randint(1, 4))]
        for one in self.random.sample(profiles, self.random.randint(0, 1)):
            one["default"] = True
        return profiles

    def profile(self, number: int) -> dict[str, Any]:
        one: dict[str, Any] = {"display_name": f"{self.title()} {number}"}
        if self.random.random() < 0.6:
            one["slug"] = f"slug-{number}"
        if self.random.random() < 0.5:
            one["description"] = self.title()
        if self.random.random() < 0.8:
            one["kubespawner_override"] = self.overrides()
        if self.random.random() < 0.7:
            keys = self.random.sample(["size", "image", "no", "1", "two words", "é", "a:b"], self.random.randint(1, 3))
            one["profile_options"] = {key: self.option() for key in keys}
        return one

    def option(self) -> dict[str, Any]:
        ids = self.random.sample(["s", "m", "l", "10", "2", "yes", "- x", "null", "ü", "1e3"], self.random.randint(1, 4))
        choices = {id: self.choice() for id in ids}
        for one in self.random.sample(ids, self.random.randint(0, 1)):
            choices[one]["default"] = True
        option: dict[str, Any] = {"display_name": self.title(), "choices": choices}
        if self.random.random() < 0.3:
            option["unlisted_choice"] = {"enabled": self.random.random() < 0.8, "kubespawner_override": {"image": "{value}"}}
        return option

    def choice(self) -> dict[str, Any]:
        one: dict[str, Any] = {"display_name": self.title()}
        if self.random.random() < 0.8:
            one["kubespawner_override"] = self.overrides()
        return one

    def title(self) -> str:
        return self.random.choice([word for word in WORDS if word.strip() and re.search("[a-z]", word) and word.isascii()])

    def overrides(self) -> dict[str, Any]:
        if self.shared and self.random.random() < 0.3:
            return self.random.choice(self.shared)  # An anchor, in YAML.
        pick = self.random.choice
        makers = {
            "mem_limit": lambda: pick(["4G", "512M", "1.5T", 1992701952, None]),
            "cpu_limit": lambda: pick([0.5, 4, None]),
            "environment": lambda: {pick(["A", "B", "C", "yes"]): pick([*WORDS, *NUMBERS, None]) for _ in range(3)}
            | {"FROM": {"valueFrom": {"x": pick(WORDS)}}},
            "node_selector": lambda: {pick(["a/b", "c"]): pick(WORDS)},
            "extra_labels": lambda: {"l": pick(WORDS)},
            "args": lambda: [pick(WORDS) for _ in range(self.random.randint(0, 14))],
            "tolerations": lambda: [{"key": pick(WORDS), "n": pick(NUMBERS)}],
            "default_url": lambda: pick(WORDS),
            "start_timeout": lambda: pick([60, 900]),
            "extra_pod_config": lambda: {"x": {"y": [pick(WORDS), [pick(NUMBERS), {"z": pick([True, False, None])}]]}},
        }
        names = self.random.sample(sorted(makers), self.random.randint(0, 4))
        made = {name: makers[name]() for name in names}
        self.shared.append(made)
        return made

    def text(self, profiles: Any) -> str:
        style = self.random.choice([None, '"', "'", "|", ">"])
        return yaml.dump(
            profiles, sort_keys=False, default_style=style, default_flow_style=self.random.choice([True, False, None]),
            allow_unicode=self.random.choice([True, False]), width=self.random.choice([20, 80, 1000]),
            indent=self.random.choice([2, 4]),
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(25))
def test_any_list_means_to_berth_what_it_means_to_kubespawner(seed, tmp_path):
    maker = RandomList(seed)
    profiles = maker.make()
    source = tmp_path / "list.yaml"
    source.write_text(maker.text(profiles))
    assert yaml.safe_load(source.read_text()) == profiles
    file, said = imported(source, tmp_path)
    assert "all carried over" in said
    assert compare(profiles, file) >= 1


@pytest.mark.parametrize("seed", range(25, 40))
def test_json_means_the_same_as_yaml(seed, tmp_path):
    profiles = RandomList(seed).make()
    source = tmp_path / "list.json"
    source.write_text(json.dumps({"profile_list": profiles}, indent=1))
    file, _ = imported(source, tmp_path)
    assert compare(profiles, file) >= 1


# What is no profile list.


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"- {display_name: A\n  x: ]", "not YAML"),
        (b"", "is empty"),
        (b"just words", "is the text, and no profile list"),
        (b"proxy: {https: {enabled: true}}", "holds no profile list"),
        (b"singleuser: {profileList: []}", "is empty"),
        (b"singleuser: {profileList: one}", "must be a list of profiles"),
        (b"profile_list: <function f at 0x7f>", "is made by Python code"),
        (b"hub: {extraConfig: {a: 'c.KubeSpawner.profile_list = f'}}", "sets the profile list by Python code"),
        (b"import os\nc.KubeSpawner.profile_list = [{'display_name': 'A'}]\n", "is Python"),
        (b"a: {profile_list: [{display_name: A}]}\nb: {profile_list: [{display_name: B}]}", "one of several"),
        (b"deployments: {}\nprofiles: [{display_name: A}]", "looks like a configuration of Berth's"),
        (b"- 5\n- [x]", "holds no profile that could be imported"),
        (b"[" * 5000, "nested too deeply"),
        (b"\xff\xfe[\x00]\x00", "UTF-16"),
        (b"# " + b"x" * (9 << 20), "larger than"),
        (b"a: &a " + b"x" * 100_000 + b"\nprofile_list: [" + b"{display_name: A, description: *a}," * 200 + b"]",
         "larger than 8 MiB once its aliases are written out"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_said_in_a_sentence(text, words, tmp_path):
    source = tmp_path / "list"
    source.write_bytes(text)
    done = berth("import", "profile-list", source, "--output", tmp_path / "berth.yaml")
    assert done.returncode == 1 and words in done.stderr, done.stderr
    assert not (tmp_path / "berth.yaml").exists() and done.stdout == ""


def test_a_line_break_in_a_name_does_not_end_a_comment(tmp_path):
    source = tmp_path / "a\nprofiles: [].yaml"
    source.write_text('- {display_name: A, "x\\ny: [": 1}\n')
    file, said = imported(source, tmp_path)
    assert "is no key that KubeSpawner reads" in said
    assert [one["slug"] for one in yaml.safe_load(file.read_text())["profiles"]] == ["a"]


def test_a_file_that_is_there_is_kept(tmp_path):
    file = tmp_path / "berth.yaml"
    file.write_text("mine")
    done = berth("import", "profile-list", LISTS / "by-key.yaml", "--output", file)
    assert done.returncode == 1 and "--force" in done.stderr and file.read_text() == "mine"

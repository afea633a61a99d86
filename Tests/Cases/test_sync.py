# SPDX-License-Identifier: Apache-2.0
"""`berth sync`, and the leader of those that serve: a real slapd's people as objects of a real API server."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from berth import Berth, Hub, binary
from namespace import Namespace
from slapd import Directory

ROLE = {"configmaps": ["get", "list", "create", "patch", "delete"], "pods": ["list"]}


class Site:
    """A configuration whose cluster is the test's namespace, and whose directory is the test's slapd."""

    def __init__(self, folder: Path, namespace: Namespace, directory: Directory):
        self.folder, self.namespace, self.directory = folder, namespace, directory
        namespace.allow(ROLE)

    def section(self, **more: Any) -> dict[str, Any]:
        return {
            "kubernetes": {"kubeconfig": self.namespace.kubeconfig()},
            "deployments": {"prod": {"hook_token_file": "secrets/prod.token", "namespace": self.namespace.name}},
            "directory": self.directory.section(overlay={}, sync={}),
            "profiles": [{"slug": "cpu", "display_name": "CPU", "default": True}],
        } | more

    def command(self, *options: str) -> list[str]:
        file = Berth(self.folder, self.section()).write_site()
        return [binary(), "sync", "--config", str(file), *options]

    def sync(self, *options: str) -> tuple[int, dict[str, Any], str]:
        done = subprocess.run(self.command("--json", *options), capture_output=True, text=True, timeout=120)
        return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr

    def modify(self, ldif: str) -> None:
        facts = self.directory.facts
        command = ["ldapmodify", "-x", "-H", facts["ldap"], "-D", facts["admin"], "-w", facts["password"]]
        subprocess.run(command, input=ldif, text=True, check=True, capture_output=True)

    def delete(self, *people: str) -> None:
        for person in people:
            self.modify(f"dn: uid={person},ou=People,dc=example,dc=org\nchangetype: delete\n")

    def users(self) -> list[str]:
        return sorted(one["metadata"]["labels"]["berth.io/user"] for one in self.namespace.all("configmaps"))


@pytest.fixture
def site(tmp_path: Path, namespace: Namespace, directory: Directory) -> Site:
    return Site(tmp_path, namespace, directory)


def counts(report: dict[str, Any]) -> dict[str, int]:
    return {what: sum(n[what] for n in report["namespaces"]) for what in ("created", "restored", "deleted")}


def until(holds: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.1)
    return found


# --- The command


def test_everybody_gets_an_object_and_a_second_run_writes_nothing(site):
    code, report, error = site.sync()
    assert code == 0, error
    assert report["outcome"] == "done" and report["people"] == 60 and report["rejected"]["count"] == 0
    assert counts(report) == {"created": 60, "restored": 0, "deleted": 0}
    assert site.users() == [f"u{number:05d}" for number in range(60)]
    before = site.namespace.all("configmaps")
    code, report, error = site.sync()
    assert (code, counts(report)) == (0, {"created": 0, "restored": 0, "deleted": 0}), error
    assert site.namespace.all("configmaps") == before


def test_the_object_is_the_one_that_a_pod_of_that_person_mounts(site, hub):
    assert site.sync()[0] == 0
    names = site.namespace.names("configmaps")
    berth = hub(site.section())
    allowed = berth.pre_spawn("u00003", {})
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "notebook", "image": "i"}]}}
    answer = berth.pod("u00003", allowed.body["reservation_id"], pod)
    assert answer.status == 200, answer.body
    mounted = {v["configMap"]["name"] for v in answer.body["pod"]["spec"]["volumes"] if "configMap" in v}
    assert mounted <= set(names) and site.namespace.names("configmaps") == names


def test_two_at_once_end_in_the_right_state(site):
    assert site.sync()[0] == 0
    site.delete("u00001", "u00002")
    for name in site.namespace.names("configmaps")[10:30]:
        site.namespace.cluster.delete(site.namespace.path("configmaps", name))
    command = site.command("--json")
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    reports = [json.loads(one.communicate(timeout=120)[0]) for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sum(counts(report)["created"] for report in reports) == 20
    until(lambda: site.sync()[1] and len(site.users()) == 58)


def test_an_entry_that_became_unusable_is_rejected_alone_and_keeps_its_object(site):
    assert site.sync()[0] == 0
    dn = "dn: uid=u00003,ou=People,dc=example,dc=org\nchangetype: modify\n"
    site.modify(f"{dn}replace: uidNumber\nuidNumber: 0\n")
    code, report, error = site.sync()
    assert code == 0, error
    assert report["rejected"]["count"] == 1 and "u00003" in report["rejected"]["first"][0]
    assert counts(report) == {"created": 0, "restored": 0, "deleted": 0}
    assert report["namespaces"][0]["kept"]["unusable-entry"] == 1 and "u00003" in site.users()


def test_when_many_are_gone_nothing_is_deleted_until_an_operator_accepts_it(site):
    assert site.sync()[0] == 0
    site.delete(*(f"u{number:05d}" for number in range(30)))
    code, report, _ = site.sync()
    assert code == 3 and report["outcome"] == "refused" and counts(report)["deleted"] == 0
    assert report["namespaces"][0]["refusal"] == {"people": 60, "lost": 30}
    assert len(site.users()) == 60
    done = subprocess.run(site.command(), capture_output=True, text=True)
    assert done.returncode == 3 and "--accept-shrink" in done.stdout
    until(lambda: site.sync("--accept-shrink")[0] == 0 and len(site.users()) == 30)


def test_a_dry_run_writes_nothing(site):
    code, report, _ = site.sync("--dry-run")
    assert (code, counts(report)["created"], site.users()) == (0, 60, [])


def test_a_directory_that_is_gone_changes_nothing(site):
    assert site.sync()[0] == 0
    site.directory.kill()
    code, report, error = site.sync()
    assert (code, report) == (1, {}) and "Nothing was written" in error
    assert len(site.users()) == 60


def test_a_right_that_is_missing_is_named(site):
    site.namespace.allow({"configmaps": ["get", "list"], "pods": ["list"]})
    code, report, _ = site.sync()
    failure = report["namespaces"][0]["failure"]
    assert code == 1 and failure["code"] == "cluster-forbidden" and "create" in failure["detail"]


@pytest.mark.parametrize(("lacks", "word"), [("directory", "overlay"), ("kubernetes", "kubernetes")])
def test_without_a_cluster_or_an_overlay_it_says_what_to_write(site, lacks, word):
    section = {key: value for key, value in site.section().items() if key != lacks}
    if lacks == "directory":
        section["directory"] = site.directory.section()
    file = Berth(site.folder, section).write_site()
    done = subprocess.run([binary(), "sync", "--config", str(file)], capture_output=True, text=True)
    assert done.returncode == 1 and word in done.stderr, done.stderr


# --- The leader


@pytest.fixture
def replicas(site: Site, tmp_path: Path) -> Iterator[Callable[[str], Berth]]:
    site.namespace.allow_leases()
    running: list[Berth] = []

    def start(name: str) -> Berth:
        folder = tmp_path / name
        folder.mkdir()
        berth = Berth(folder, site.section()).start()
        running.append(berth)
        return berth

    yield start
    for berth in running:
        if berth.process and berth.process.poll() is None:
            assert berth.stop() == 0, berth.log


def standing(berth: Berth) -> str:
    return berth.ask("/readyz", token=None).body["parts"]["sync"]


def test_one_of_two_that_serve_syncs_and_the_other_takes_over_from_one_that_is_killed(site, replicas):
    first = replicas("first")
    until(lambda: standing(first).startswith("ok, 60 people"))
    assert len(site.users()) == 60
    second = replicas("second")
    assert "left to the replica that leads" in standing(second)
    metrics = first.ask("/metrics", token=None).body
    assert 'berth_sync_writes_total{write="create"} 60' in metrics
    assert "berth_sync_last_success_unix_seconds 1" in metrics and "berth_sync_leads 1" in metrics

    site.delete("u00007")
    first.kill()
    until(lambda: standing(second).startswith("ok, 59 people"))
    assert "u00007" not in site.users() and len(site.users()) == 59


def test_a_leader_that_stops_gives_its_lead_back(site, replicas):
    first = replicas("first")
    until(lambda: standing(first).startswith("ok, 60 people"))
    lease = f"/apis/coordination.k8s.io/v1/namespaces/{site.namespace.name}/leases/berth-sync"
    assert site.namespace.cluster.get(lease)["spec"]["holderIdentity"]
    assert first.stop() == 0, first.log
    assert not site.namespace.cluster.get(lease)["spec"].get("holderIdentity")


def test_a_sync_that_is_taken_out_of_the_configuration_ends_without_a_restart(site, hub: Callable[..., Hub]):
    site.namespace.allow_leases()
    running = hub(site.section()).berth
    until(lambda: standing(running).startswith("ok, 60 people"))
    running.site = site.section(directory=site.directory.section(overlay={}))
    running.write_site()
    until(lambda: "sync" not in running.ask("/readyz", token=None).body["parts"])

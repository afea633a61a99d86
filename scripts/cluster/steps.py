# SPDX-License-Identifier: Apache-2.0
"""The steps of `scripts/show cluster`: each says what holds, or raises."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import changes
import jupyterhub
import requests
from client import API, Visitor
from kernel import Kernel
from lab.kube import Refused
from people import Person
from processes import PATIENCE_S
from world import NAMESPACE, OTHER, PEOPLE, USER, World

PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
MEMORY_MIB = 512  # as berth.yaml grants it
STRANGER = "mallory"


class NotSo(Exception):
    """A step that does not hold."""


def holds(condition: object, otherwise: str) -> None:
    if not condition:
        raise NotSo(otherwise)


class Steps:
    #: What the last line says beside how many hold.
    figures = ""

    def __init__(self, world: World):
        self.world, self.api, self.cluster = world, world.api, world.cluster
        self.pods: dict[str, dict] = {}
        self.kernels: dict[str, Kernel] = {}
        self.tokens: dict[str, str] = {}
        self.all = [
            self.all_answer,
            self.a_stranger_is_refused,
            self.a_gpu_is_not_for_everybody,
            self.the_user_logs_in_and_asks_for_a_gpu,
            self.the_api_server_takes_the_pod_as_berth_made_it,
            self.the_overlay_holds_nobody_else,
            self.a_pod_past_the_hub_gets_no_gpu,
            self.the_scheduler_binds_it,
            self.the_notebook_answers_through_the_hub,
            self.the_kernel_is_the_user,
            self.names_resolve,
            self.nothing_else_may_be_done,
            self.memory_and_processors_are_its_own,
            self.one_card_is_taken,
            self.somebody_else_is_served_at_the_same_time,
            self.each_is_nobody_to_the_other,
            self.a_node_without_lxcfs_runs_pods_without_it,
            self.after_the_stop_all_is_gone,
            self.the_card_is_free_again,
            self.berth_asked_the_cluster_for_little,
        ]

    def all_answer(self) -> str:
        version = self.cluster.ask("GET", "/version")["gitVersion"]
        nodes = [node["metadata"]["name"] for node in self.cluster.items("/api/v1/nodes")]
        holds(nodes == ["cpu-1", "gpu-1"], f"the nodes are {nodes}")
        self.free_at_first = self.free_cards()
        holds(self.free_at_first == 2, f"{self.free_at_first} cards are free")
        return (
            f"Kubernetes {version}, nodes {' and '.join(nodes)}, a directory of {PEOPLE:,}, Berth and "
            f"JupyterHub {jupyterhub.__version__} are up; {self.free_at_first} cards are free"
        )

    def a_stranger_is_refused(self) -> str:
        Visitor(self.world.url, STRANGER).log_in()
        answer = self.api.start(STRANGER, {"profile": "gpu"})
        holds(answer.status_code == 403, f"status {answer.status_code}: {answer.text}")
        holds(not self.cluster.items(PODS), "there is a pod")
        return f"{STRANGER}, whom the directory does not know: {answer.json()['message']!r}, and no pod is made"

    def a_gpu_is_not_for_everybody(self) -> str:
        self.log_in(OTHER)
        answer = self.ask_for(OTHER, "gpu")
        holds(answer.status_code == 403, f"status {answer.status_code}: {answer.text}")
        return f"{OTHER} ({self.of(OTHER).shown}) may not have the profile gpu: {answer.json()['message']!r}"

    def the_user_logs_in_and_asks_for_a_gpu(self) -> str:
        self.log_in(USER)
        answer = self.ask_for(USER, "gpu")
        holds(answer.status_code in (201, 202), f"status {answer.status_code}: {answer.text}")
        return f"{USER} ({self.of(USER).shown}) logs in and starts the profile gpu by the hub's API"

    def the_api_server_takes_the_pod_as_berth_made_it(self) -> str:
        self.pods[USER] = self.cluster.wait(pod_of(USER), bool, PATIENCE_S)
        before = json.loads((self.world.scratch / f"jupyter-{USER}.json").read_text())
        told = changes.lines(before, self.pods[USER])
        print("\n    what KubeSpawner made, and what the API server has (+ new, - gone, ~ changed):")
        print("\n".join(f"      {line}" for line in told) + "\n")
        wanted = (" securityContext", "nvidia.com/gpu", "lxcfs", "/etc/passwd")
        missing = [word for word in wanted if not any(word in line for line in told)]
        holds(not missing, f"nothing is said of {missing}")
        return f"the API server has the pod, {len(told)} parts of it by Berth"

    def the_overlay_holds_nobody_else(self) -> str:
        volumes = {volume["name"]: volume for volume in self.pods[USER]["spec"]["volumes"]}
        name = volumes["berth-overlay"]["configMap"]["name"]
        found = self.cluster.get(f"/api/v1/namespaces/{NAMESPACE}/configmaps/{name}")
        names = [line.partition(":")[0] for line in found["data"]["passwd"].splitlines()]
        people = [name for name in names if re.fullmatch(r"u\d+", name)]
        holds(people == [USER], f"it holds {people}")
        holds(found.get("immutable"), "it can be changed")
        return f"ConfigMap {name}, immutable: {USER} and {len(names) - 1} accounts of the image"

    def a_pod_past_the_hub_gets_no_gpu(self) -> str:
        """One that copies the other's reservation too: its seal is for that pod alone."""
        said = []
        for annotations in ({}, self.pods[USER]["metadata"]["annotations"]):
            asks = {"name": "notebook", "image": "any", "resources": {"limits": {"nvidia.com/gpu": "1"}}}
            metadata = {"name": "thief", "annotations": annotations}
            try:
                self.cluster.create(PODS, {"metadata": metadata, "spec": {"containers": [asks]}})
                raise NotSo("the API server takes it")
            except Refused as refused:
                said.append(refused.body["message"])
        print("\n".join(f"      {text}" for text in said))
        return "the API server asks Berth about every pod: one without a reservation is refused, one with a copied one too"

    def the_scheduler_binds_it(self) -> str:
        pod = self.cluster.wait(pod_of(USER), lambda pod: pod["spec"].get("nodeName"), PATIENCE_S)
        node = pod["spec"]["nodeName"]
        holds(node == "gpu-1", f"it is bound to {node}")
        return f"kube-scheduler binds it to {node}, which has nvidia.com/gpu"

    def the_notebook_answers_through_the_hub(self) -> str:
        kernel = self.reach(USER)
        version = kernel.call("GET", "/api").json()["version"]
        holds(kernel.run("print(6 * 7)") == "42\n", "the kernel does not count right")
        status = self.cluster.get(pod_of(USER))["status"]
        runtime = status["containerStatuses"][0]["containerID"].partition(":")[0]
        return f"{runtime} runs it; Jupyter Server {version} and a kernel answer through the hub's proxy"

    # --- Seen from inside

    def inside(self, command: str, user: str = USER) -> str:
        """What `command` prints in that user's notebook; shown too."""
        printed = self.kernels[user].shell(command)
        print("\n".join([f"      {user}$ {command}", *(f"      {line}" for line in printed.splitlines())]))
        return printed

    def the_kernel_is_the_user(self) -> str:
        return f"uid, gid and {self.has_ids(USER)} groups are the directory's"

    def has_ids(self, user: str) -> int:
        """The number of their groups."""
        person, said = self.of(user), self.inside("id", user)
        ids = [int(number) for number in re.findall(r"[=,](\d+)", said)]
        groups = {person.gid, *person.groups.values()}
        holds(ids[:2] == [person.uid, person.gid], f"ids are {ids}")
        holds(set(ids[2:]) == groups, f"groups are {ids[2:]}, the directory has {sorted(groups)}")
        return len(groups)

    def names_resolve(self) -> str:
        person = self.of(USER)
        line = self.inside("getent passwd $USER")
        holds(line == person.passwd_line, f"wanted {person.passwd_line!r}")
        names = set(self.inside("id -nG").split())
        holds(names >= person.groups.keys(), f"missing: {person.groups.keys() - names}")
        holds(not any(name.isdigit() for name in names), "a group has no name")
        holds(self.inside("echo ~; whoami").split() == [person.home, USER], "home or name is another")
        return "user, home and every group have their names"

    def nothing_else_may_be_done(self) -> str:
        status = dict(re.findall(r"(\w+):\s*(\S+)", self.inside("grep -E 'CapBnd|NoNewPrivs' /proc/self/status")))
        holds(status == {"CapBnd": "0" * 16, "NoNewPrivs": "1"}, f"status is {status}")
        refused = self.inside("touch ~/x; chown root ~/x; echo x >> /etc/passwd; mount -t tmpfs x /mnt; echo end")
        words = ("not permitted", "cannot create /etc/passwd", "must be superuser")
        holds(all(word in refused for word in words), "something of it was done")
        return "no capability, no way to get one, no account to change"

    def memory_and_processors_are_its_own(self) -> str:
        free = self.inside("free -m").splitlines()[1].split()
        holds(int(free[1]) == MEMORY_MIB, f"free shows {free[1]} MiB")
        self.host_mib = int(open("/proc/meminfo").readline().split()[1]) // 1024
        processors = self.inside("grep -c ^processor /proc/cpuinfo; python -c 'import os; print(os.cpu_count())'")
        holds(processors.split() == ["1", "1"], f"processors are {processors.split()}")
        return f"LXCFS shows {free[1]} MiB, {free[3]} of them free, and 1 processor; the node has {self.host_mib:,} MiB"

    # --- The GPU, and the end

    def one_card_is_taken(self) -> str:
        limits = self.pods[USER]["spec"]["containers"][0]["resources"]["limits"]
        holds(limits.get("nvidia.com/gpu") == "1", f"limits are {limits}")
        free = self.free_cards()
        holds(free == self.free_at_first - 1, f"{free} cards are free")
        return f"the pod has 1 nvidia.com/gpu, and Berth counts {free} card free"

    def somebody_else_is_served_at_the_same_time(self) -> str:
        answer = self.ask_for(OTHER, "cpu")
        holds(answer.status_code in (201, 202), f"status {answer.status_code}: {answer.text}")
        self.reach(OTHER)
        self.pods[OTHER] = self.cluster.get(pod_of(OTHER))
        node = self.pods[OTHER]["spec"]["nodeName"]
        holds(node == "cpu-1", f"it is bound to {node}")
        return f"{OTHER} has the profile cpu on {node}; uid, gid and {self.has_ids(OTHER)} groups are the directory's"

    def each_is_nobody_to_the_other(self) -> str:
        line = self.inside("getent passwd $USER", OTHER)
        holds(line == self.of(OTHER).passwd_line, f"wanted {self.of(OTHER).passwd_line!r}")
        for user, other in ((USER, OTHER), (OTHER, USER)):
            found = self.inside(f"getent passwd {other} || echo nobody", user)
            holds(found == "nobody", f"{user} sees {found}")
        return "neither sees the other's account, nor any of the other people's"

    def a_node_without_lxcfs_runs_pods_without_it(self) -> str:
        said = self.pods[OTHER]["metadata"]["annotations"].get("berth.io/lxcfs", "")
        holds(said.startswith("left-out: "), f"the annotation says {said!r}")
        holds("/var/lib/lxcfs" not in json.dumps(self.pods[OTHER]["spec"]), "it is mounted")
        total = int(self.inside("free -m", OTHER).splitlines()[1].split()[1])
        holds(total == self.host_mib, f"free shows {total} MiB")
        return f"cpu-1 has no LXCFS; the pod is told {said!r} and sees the node's {total:,} MiB"

    def after_the_stop_all_is_gone(self) -> str:
        nodes = {USER: "gpu-1", OTHER: "cpu-1"}
        folders = {user: self.pod_folder(user, node) for user, node in nodes.items()}
        for user, folder in folders.items():
            holds(folder.exists(), f"{nodes[user]} does not have the pod")
            self.kernels[user].socket.close()
            self.api.stop(user)
        for user, folder in folders.items():
            self.api.wait_gone(user)
            self.cluster.wait(pod_of(user), lambda pod: pod is None, PATIENCE_S)
            holds(not folder.exists(), f"{nodes[user]} still has its files")
        return "both stop: servers, pods and containers are gone"

    def pod_folder(self, user: str, node: str) -> Path:
        return self.world.scratch / node / "pods" / self.pods[user]["metadata"]["uid"]

    def the_card_is_free_again(self) -> str:
        free = self.free_cards()
        holds(free == self.free_at_first, f"{free} cards are free")
        return f"{free} cards are free, as before"

    def berth_asked_the_cluster_for_little(self) -> str:
        """By the API server's own log."""
        asked: Counter[str] = Counter()
        for line in Path(self.cluster.facts["audit"]).read_text().splitlines():
            event = json.loads(line)
            if event["user"]["username"] == "system:serviceaccount:berth:berth":
                what = event.get("objectRef", {}).get("resource") or event["requestURI"]
                asked[f"{event['verb']} {what}"] += 1
                holds(event["responseStatus"]["code"] != 403, f"it may not {event['verb']} {what}")
        said = ", ".join(f"{number} {what}" for what, number in sorted(asked.items()))
        holds(asked["create configmaps"] == len(self.world.people), f"it asked: {said}")
        return f"Berth asked the API server for {said}; config/kubernetes/rbac.yaml lets it"

    def free_cards(self) -> int:
        token = self.world.token_file.read_text().strip()
        answer = requests.get(
            f"{self.world.berth_url}/v1/availability", headers={"Authorization": f"Bearer {token}"}, timeout=10)
        return next(row["free_now"] for row in answer.json() if row["profile"] == "gpu")

    # --- Means

    def of(self, user: str) -> Person:
        return self.world.people[user]

    def log_in(self, user: str) -> None:
        Visitor(self.world.url, user).log_in()
        self.tokens[user] = self.api.token_of(user)

    def ask_for(self, user: str, profile: str) -> requests.Response:
        return API(self.world.url, self.tokens[user]).start(user, {"profile": profile})

    def reach(self, user: str) -> Kernel:
        """A kernel in the user's server, once it is there."""
        self.api.wait_ready(user)
        self.kernels[user] = Kernel(self.world.url, user, self.tokens[user])
        return self.kernels[user]


def pod_of(user: str) -> str:
    return f"{PODS}/jupyter-{user}"

# SPDX-License-Identifier: Apache-2.0
"""The steps of `scripts/show cluster`: each says what holds, or raises."""

from __future__ import annotations

import json
import re

import changes
import jupyterhub
import requests
from client import API, Visitor
from kernel import Kernel
from world import NAMESPACE, PEOPLE, USER, World

PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
POD = f"{PODS}/jupyter-{USER}"
MEMORY_MIB = 512  # as berth.yaml grants it
STRANGER = "mallory"
PATIENCE_S = 150


class NotSo(Exception):
    """A step that does not hold."""


def holds(condition: object, otherwise: str) -> None:
    if not condition:
        raise NotSo(otherwise)


class Steps:
    def __init__(self, world: World):
        self.world, self.api, self.cluster, self.person = world, world.api, world.cluster, world.person
        self.all = [
            self.all_answer,
            self.a_stranger_is_refused,
            self.the_user_logs_in_and_asks_for_a_gpu,
            self.the_api_server_takes_the_pod_as_berth_made_it,
            self.the_overlay_holds_nobody_else,
            self.the_scheduler_binds_it,
            self.the_notebook_answers_through_the_hub,
            self.the_kernel_is_the_user,
            self.names_resolve,
            self.nothing_else_may_be_done,
            self.memory_and_processors_are_its_own,
            self.one_card_is_taken,
            self.after_the_stop_all_is_gone,
            self.the_card_is_free_again,
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

    def the_user_logs_in_and_asks_for_a_gpu(self) -> str:
        Visitor(self.world.url, USER).log_in()
        self.token = self.api.token_of(USER)
        answer = API(self.world.url, self.token).start(USER, {"profile": "gpu"})
        holds(answer.status_code in (201, 202), f"status {answer.status_code}: {answer.text}")
        return f"{USER} ({self.person.shown}) logs in and starts the profile gpu by the hub's API"

    def the_api_server_takes_the_pod_as_berth_made_it(self) -> str:
        self.pod = self.cluster.wait(POD, bool, PATIENCE_S)
        before = json.loads((self.world.scratch / "pod-before.json").read_text())
        told = changes.lines(before, self.pod)
        print("\n    what KubeSpawner made, and what the API server has (+ new, - gone, ~ changed):")
        print("\n".join(f"      {line}" for line in told) + "\n")
        wanted = (" securityContext", "nvidia.com/gpu", "lxcfs", "/etc/passwd")
        missing = [word for word in wanted if not any(word in line for line in told)]
        holds(not missing, f"nothing is said of {missing}")
        return f"the API server has the pod, {len(told)} parts of it by Berth"

    def the_overlay_holds_nobody_else(self) -> str:
        volumes = {volume["name"]: volume for volume in self.pod["spec"]["volumes"]}
        self.overlay = volumes["berth-overlay"]["configMap"]["name"]
        found = self.cluster.get(f"/api/v1/namespaces/{NAMESPACE}/configmaps/{self.overlay}")
        names = [line.partition(":")[0] for line in found["data"]["passwd"].splitlines()]
        people = [name for name in names if re.fullmatch(r"u\d+", name)]
        holds(people == [USER], f"it holds {people}")
        holds(found.get("immutable"), "it can be changed")
        return f"ConfigMap {self.overlay}, immutable: {USER} and {len(names) - 1} accounts of the image"

    def the_scheduler_binds_it(self) -> str:
        pod = self.cluster.wait(POD, lambda pod: pod["spec"].get("nodeName"), PATIENCE_S)
        node = pod["spec"]["nodeName"]
        holds(node == "gpu-1", f"it is bound to {node}")
        return f"kube-scheduler binds it to {node}, which has nvidia.com/gpu"

    def the_notebook_answers_through_the_hub(self) -> str:
        self.api.wait_ready(USER, seconds=PATIENCE_S)
        self.kernel = Kernel(self.world.url, USER, self.token)
        version = self.kernel.call("GET", "/api").json()["version"]
        holds(self.kernel.run("print(6 * 7)") == "42\n", "the kernel does not count right")
        status = self.cluster.get(POD)["status"]
        runtime = status["containerStatuses"][0]["containerID"].partition(":")[0]
        return f"{runtime} runs it; Jupyter Server {version} and a kernel answer through the hub's proxy"

    # --- Seen from inside

    def inside(self, command: str) -> str:
        """What `command` prints in the notebook; shown too."""
        printed = self.kernel.shell(command)
        print("\n".join([f"      $ {command}", *(f"      {line}" for line in printed.splitlines())]))
        return printed

    def the_kernel_is_the_user(self) -> str:
        said = self.inside("id")
        ids = [int(number) for number in re.findall(r"(\d+)(?=\()|(?<=[=,])(\d+)", said) for number in number if number]
        groups = {self.person.gid, *self.person.groups.values()}
        holds(ids[:2] == [self.person.uid, self.person.gid], f"ids are {ids}")
        holds(set(ids[2:]) == groups, f"groups are {ids[2:]}, the directory has {sorted(groups)}")
        return f"uid, gid and {len(groups)} groups are the directory's"

    def names_resolve(self) -> str:
        line = self.inside("getent passwd $USER")
        holds(line == self.person.passwd_line, f"wanted {self.person.passwd_line!r}")
        names = set(self.inside("id -nG").split())
        holds(names >= self.person.groups.keys(), f"missing: {self.person.groups.keys() - names}")
        holds(not any(name.isdigit() for name in names), "a group has no name")
        holds(self.inside("echo ~; whoami").split() == [self.person.home, USER], "home or name is another")
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
        host = int(open("/proc/meminfo").readline().split()[1]) // 1024
        processors = self.inside("grep -c ^processor /proc/cpuinfo; python -c 'import os; print(os.cpu_count())'")
        holds(processors.split() == ["1", "1"], f"processors are {processors.split()}")
        return f"LXCFS shows {free[1]} MiB, {free[3]} of them free, and 1 processor; the node has {host:,} MiB"

    # --- The GPU, and the end

    def one_card_is_taken(self) -> str:
        limits = self.pod["spec"]["containers"][0]["resources"]["limits"]
        holds(limits.get("nvidia.com/gpu") == "1", f"limits are {limits}")
        free = self.free_cards()
        holds(free == self.free_at_first - 1, f"{free} cards are free")
        return f"the pod has 1 nvidia.com/gpu, and Berth counts {free} card free"

    def after_the_stop_all_is_gone(self) -> str:
        self.kernel.socket.close()
        folder = self.world.scratch / "gpu-1" / "pods" / self.pod["metadata"]["uid"]
        holds(folder.exists(), "the node does not have the pod")
        self.api.stop(USER)
        self.api.wait_gone(USER, seconds=PATIENCE_S)
        self.cluster.wait(POD, lambda pod: pod is None, PATIENCE_S)
        holds(not folder.exists(), "the node still has its files")
        return f"{USER} stops: server, pod and containers are gone"

    def the_card_is_free_again(self) -> str:
        free = self.free_cards()
        holds(free == self.free_at_first, f"{free} cards are free")
        return f"{free} cards are free, as before"

    def free_cards(self) -> int:
        token = self.world.token_file.read_text().strip()
        answer = requests.get(
            f"{self.world.berth_url}/v1/availability", headers={"Authorization": f"Bearer {token}"}, timeout=10)
        return next(row["free_now"] for row in answer.json() if row["profile"] == "gpu")

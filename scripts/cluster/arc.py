# SPDX-License-Identifier: Apache-2.0
"""ARC's own client takes its access token in a Jupyter terminal, by nothing but its pod: `scripts/show arc`."""

from __future__ import annotations

import json
import secrets
import sys
import time
from pathlib import Path
from typing import Callable

from world import USER  # first: it says where other modules are

from client import API, Visitor  # noqa: E402
from computing_element import ComputingElement  # noqa: E402
from lab.glewlwyd import Person  # noqa: E402
from provider import Provider  # noqa: E402
from show import main  # noqa: E402
from sidecar_world import SidecarWorld  # noqa: E402
from processes import PATIENCE_S  # noqa: E402
from steps import PODS, Steps, holds  # noqa: E402
from terminal import Terminal  # noqa: E402

#: Each is renewed after half of it.
ACCESS_TOKEN_S = 20
VARIABLE, FILE = "BEARER_TOKEN_FILE", "/run/berth/arc"
SIDECAR = "berth-token"
USES_IT = "INFO: Using OToken"
ARCSTAT = "arcstat -a -d INFO"
#: ARC 6 wants a user's certificate too, and takes any.
OWN_CERTIFICATE = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=any -keyout userkey.pem -out usercert.pem"
ARCSUB = "X509_CERT_DIR={} arcsub -c {} -e '&(executable=/bin/true)' -d INFO"
#: The server's name: nobody else has it, and it is in every place that knows of the server.
NAME = f"k{secrets.token_hex(7)}"


class TokenWorld(SidecarWorld):
    site = ["berth.yaml", "tokens.yaml"]
    trust = "token"

    def start_nodes(self) -> None:
        self.element = self.enter_context(ComputingElement(self.scratch / "element"))
        super().start_nodes()

    def in_every_image(self) -> list[Path]:
        return [*super().in_every_image(), self.element.authorities]

    def start_berth(self) -> None:
        people = [Person(USER, ["staff"], ["/lab"])]
        self.provider = Provider(self.scratch / "provider", self.url, people, access_token_s=ACCESS_TOKEN_S)
        self.provider.start()  # first, so that Berth has its keys
        self.callback(self.provider.stop)
        super().start_berth()

    def marks(self, tls_port: int) -> dict[str, str]:
        return {**super().marks(tls_port), "ISSUER": json.dumps(self.provider.terms)}

    def hub_environment(self) -> dict[str, str]:
        login = {**self.provider.hub_environment, "JUPYTERHUB_CRYPT_KEY": secrets.token_hex(32)}
        return {**super().hub_environment(), **login}


class ArcSteps(Steps):
    def __init__(self, world: TokenWorld):
        super().__init__(world)
        self.provider = world.provider
        self.shown: list[str] = []
        self.all = [
            self.the_user_logs_in_and_starts_a_server,
            self.the_pod_has_the_tokens_and_the_way_to_them,
            self.the_file_is_the_users_alone,
            self.arcstat_uses_the_token,
            self.arcsub_shows_it,
            self.arcsub_shows_the_next_one,
            self.without_the_variable_it_has_none,
        ]

    @property
    def figures(self) -> str:
        return f"; ARC's client in a Jupyter terminal showed a computing element {len(self.shown)} access tokens"

    def the_user_logs_in_and_starts_a_server(self) -> str:
        Visitor(self.world.url, USER).log_in_at_provider(self.provider.password_of(USER))
        self.tokens[USER] = self.api.token_of(USER)
        answer = API(self.world.url, self.tokens[USER]).start(USER, {"profile": "tokens"}, NAME)
        holds(answer.status_code in (201, 202), f"status {answer.status_code}: {answer.text}")
        self.api.wait_ready(USER, NAME)
        self.pod = next(pod for pod in self.cluster.items(PODS) if NAME in pod["metadata"]["name"])
        self.terminal = Terminal(self.world.url, USER, self.tokens[USER], NAME)
        self.world.callback(self.terminal.socket.close)  # the proxy waits for open ones before it ends
        return f"{USER} logs in at Glewlwyd and starts {NAME}; a terminal of its Jupyter Server answers"

    def the_pod_has_the_tokens_and_the_way_to_them(self) -> str:
        spec = self.pod["spec"]
        server, *others = spec["containers"]
        told = {one["name"]: one.get("value") for one in server["env"]}[VARIABLE]
        volumes = {one["name"]: one for one in spec["volumes"]}
        readers, writers = set(), set()
        for container in (server, *others):
            for mount in container["volumeMounts"]:
                if FILE.startswith(mount["mountPath"] + "/"):
                    (readers if mount.get("readOnly") else writers).add(container["name"])
                    medium = volumes[mount["name"]]["emptyDir"]["medium"]
        holds(told == FILE, f"{VARIABLE} is {told}")
        holds((readers, writers) == ({server["name"]}, {SIDECAR}), f"{readers} read it, {writers} write it")
        holds(medium == "Memory", f"the volume is of the kind {medium}")
        return f"the API server's pod has {VARIABLE}={told}, in memory that {SIDECAR} writes and {server['name']} reads"

    def the_file_is_the_users_alone(self) -> str:
        person = self.of(USER)
        file = f"${VARIABLE}"
        said = self.inside(f"id -u; stat -c '%u %a' {file}; stat -f -c %T {file}; touch {file}").split("\n")
        holds(said[:3] == [f"{person.uid}", f"{person.uid} 600", "tmpfs"], f"it says {said}")
        holds("Read-only file system" in said[3], "it can be written")
        return f"the file is uid {person.uid}'s, whom the directory names, mode 600, in memory, and read-only there"

    def arcstat_uses_the_token(self) -> str:
        said = self.inside(f"{ARCSTAT} 2>&1 | grep OToken")
        holds(said == USES_IT, f"it says {said!r}")
        return f"arcstat in that terminal says {said!r}"

    def arcsub_shows_it(self) -> str:
        self.terminal.shell(f"(cd ~/.arc && umask 077 && {OWN_CERTIFICATE})")
        return f"arcsub says it too, and a computing element is shown the token in the file: {self.arcsub()}"

    def arcsub_shows_the_next_one(self) -> str:
        self.wait_for("another token", lambda: self.token() != self.shown[-1])
        return f"the file is replaced, and the computing element is shown the next one: {self.arcsub()}"

    def without_the_variable_it_has_none(self) -> str:
        said = self.inside(f"env -u {VARIABLE} {ARCSTAT} 2>&1 | grep -c OToken")
        holds(said == "0", f"it speaks of a token {said} times")
        return f"without {VARIABLE} it says nothing of a token"

    # --- Means

    def wait_for(self, what: str, is_there: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_there():
            holds(time.monotonic() < deadline, f"no {what} in {PATIENCE_S} s")
            time.sleep(0.2)

    def inside(self, command: str) -> str:
        """What `command` prints in the terminal; shown too."""
        printed = self.terminal.shell(command)
        print("\n".join([f"      {USER}$ {command}", *(f"      {line}" for line in printed.splitlines())]))
        return printed

    @property
    def file(self) -> Path:
        """The token's file as the node has it; whoever read it in the pod would leave the token in one memory more."""
        mounts = self.pod["spec"]["containers"][0]["volumeMounts"]
        volume = next(one["name"] for one in mounts if FILE.startswith(one["mountPath"] + "/"))
        return self.of_pod / "volumes" / volume / Path(FILE).name

    @property
    def of_pod(self) -> Path:
        """What the node has of the pod."""
        return Path(self.world.cpu_node.facts["pods"]) / self.pod["metadata"]["uid"]

    def token(self) -> str:
        """What the file holds, which is a token of the provider's."""
        token = self.file.read_text()
        holds(token in self.provider.given("access_token"), "the file holds what the provider has not given")
        return token

    def arcsub(self) -> str:
        """Has it show the token in the file, which may be replaced meanwhile; says which one that is."""
        element = self.world.element
        element.shown.clear()
        before = self.token()
        said = self.inside(f"{ARCSUB.format(element.authorities, element.url)} 2>&1 | grep OToken")
        holds(said == USES_IT, f"it says {said!r}")
        holds(element.shown and set(element.shown) <= {before, self.token()}, "it shows another token, or none")
        self.shown.append(element.shown[-1])
        return f"number {self.provider.given('access_token').index(self.shown[-1]) + 1} of those that the provider gave"


if __name__ == "__main__":
    sys.exit(main("arc", __doc__, TokenWorld, ArcSteps))

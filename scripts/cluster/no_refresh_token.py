# SPDX-License-Identifier: Apache-2.0
"""Refresh tokens looked for in all that a pod can see, by a search that finds what is there: `scripts/show
no-refresh-token`.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Iterable

from arc import NAME, SIDECAR, ArcSteps, TokenWorld  # first: it says where other modules are

import places  # noqa: E402
from places import Place  # noqa: E402
from search import Search  # noqa: E402
from show import main  # noqa: E402
from processes import PATIENCE_S  # noqa: E402
from steps import PODS, holds  # noqa: E402
from world import NAMESPACE, USER  # noqa: E402

#: So many are given, and all but the last of them spent, before they are looked for.
REFRESH_TOKENS = 5
#: By this name the search tells of the server's.
SERVER = "the server's name"
#: The kinds of places that know that name, or to which it is added.
OBJECTS = {"pods", "events", "secrets", "configmaps"}
IN_THE_POD = {"volumes", "containers' own files", "containers' logs", "command lines", "environments", "memory"}
WRITTEN_DOWN = {"hub.log", "hub.sqlite", "berth.log", "ledger.sqlite", "cluster/etcd", "cluster/audit.log"}
#: What else the API server may tell a pod.
MORE_OBJECTS = {"services", "serviceaccounts", "persistentvolumeclaims"}
#: The provider has its own, and nobody writes to the directory; the node's part is looked into while the pod is there.
NOT_WRITTEN_DOWN = {"provider", "directory", "pods", "host"}
#: What is found, by the kind and the name of each place.
Found = dict[tuple[str, str], set[str]]


class SearchSteps(ArcSteps):
    def __init__(self, world: TokenWorld):
        super().__init__(world)
        self.number, self.count, self.size = 0, 0, 0
        self.all += [
            self.they_are_spent_one_by_one,
            self.nothing_in_the_pod,
            self.nothing_in_the_api_server,
            self.berth_has_none_and_the_hub_has,
            self.nothing_in_what_is_written_down,
        ]

    @property
    def figures(self) -> str:
        return f"; {self.number} refresh tokens are in none of {self.count:,} places ({self.size >> 20:,} MiB)"

    def they_are_spent_one_by_one(self) -> str:
        self.wait_for("more refresh tokens", lambda: len(self.provider.given("refresh_token")) >= REFRESH_TOKENS)
        given = self.provider.given("refresh_token")
        holds(len(set(given)) == len(given), "the provider gives one twice")
        self.number = len(given)
        return f"the provider has given {self.number} refresh tokens, of which one serves still"

    def nothing_in_the_pod(self) -> str:
        self.terminal.shell(f"for place in ~ /tmp /dev/shm; do echo {NAME} >$place/name; done")
        self.terminal.shell(f"(sh -c 'sleep 600; :' {NAME} &)")
        volumes = {volume["name"] for volume in self.pod["spec"]["volumes"]}
        holds(volumes == {path.name for path in (self.of_pod / "volumes").iterdir()}, f"not all of {volumes} can be read")
        found = self.look_into(places.of_containers(self.of_pod), IN_THE_POD)
        silent = [place for place in found if place[0] in ("environments", "memory") and SERVER not in found[place]]
        holds(not silent, f"{SERVER} is not in {silent}")
        there = with_access_token(found)
        elsewhere = [place for place in there if not is_for_access_tokens(*place)]
        holds(not elsewhere, f"access tokens are in {elsewhere}")
        holds({kind for kind, _ in there} == {"volumes", "memory"}, f"access tokens are only in {there}")
        return told(found, IN_THE_POD, f"in the pod; access tokens in their two files and the memory of {SIDECAR}")

    def nothing_in_the_api_server(self) -> str:
        there = f"/api/v1/namespaces/{NAMESPACE}"
        self.cluster.create(f"{there}/secrets", {"metadata": {"name": "known"}, "stringData": {"name": NAME}})
        self.cluster.create(f"{there}/configmaps", {"metadata": {"name": "known"}, "data": {"name": NAME}})
        kept = ((kind, one) for kind in sorted(OBJECTS | MORE_OBJECTS) for one in self.cluster.items(f"/api/v1/{kind}"))
        found = self.look_into((place for kind, one in kept for place in places.of_object(kind, one)), OBJECTS)
        holds(SERVER in found["secrets", "secrets known"], f"{SERVER} is not found in base64")
        holds(not with_access_token(found), f"access tokens are in {with_access_token(found)}")
        return told(found, OBJECTS, "nor access token in what the API server keeps")

    def berth_has_none_and_the_hub_has(self) -> str:
        found = self.look_into(places.of_process("Berth", self.world.berth.child.pid), {"memory"})
        of_hub = Search(self.sought())(places.memory(self.world.hub.child.pid))
        number = sum(name.startswith("refresh") for name in of_hub)
        holds(number, "the hub's memory has no refresh token")
        return told(found, {"memory"}, f"in Berth; in the hub's memory, the same search finds {number}")

    def nothing_in_what_is_written_down(self) -> str:
        self.terminal.socket.close()
        self.api.stop(USER, NAME)
        self.api.wait_gone(USER, NAME)
        self.cluster.wait(f"{PODS}/{self.pod['metadata']['name']}", lambda pod: pod is None, PATIENCE_S)
        found = self.look_into(self.written_down(), WRITTEN_DOWN)
        holds(not with_access_token(found), f"access tokens are in {with_access_token(found)}")
        return told(found, WRITTEN_DOWN, "nor access token in what is written down, after the server's end")

    # --- Means

    def look_into(self, all_of_it: Iterable[Place], knowing: set[str]) -> Found:
        """Raises where a token is that only the hub may have, or where one of the kinds `knowing` does not know the
        server: the search would prove nothing there.
        """
        found: Found = {}
        for place in all_of_it:
            self.count, self.size = self.count + 1, self.size + len(place.content)
            # After its content was read: a token that is in there has been given by now.
            found[place.kind, place.name] = Search(self.sought())(place.content)
        for (kind, name), texts in found.items():
            secrets = [text for text in texts if text.startswith(("refresh", "id"))]
            holds(not secrets, f"{kind}: {name} has {secrets}")
        silent = knowing - {kind for (kind, _), texts in found.items() if SERVER in texts}
        holds(not silent, f"{SERVER} is not found in {sorted(silent)}")
        return found

    def sought(self) -> dict[str, str]:
        tokens = {
            f"{kind} token {number}": token
            for kind in ("refresh", "id", "access")
            for number, token in enumerate(self.provider.given(f"{kind}_token"), 1)
        }
        return {**tokens, SERVER: NAME}

    def written_down(self) -> Iterable[Place]:
        """Each file of the site, its kind the first part of its path; two parts where that is the cluster's."""
        scratch = self.world.scratch
        for file in places.of_files("", scratch, NOT_WRITTEN_DOWN):
            first, *others = Path(file.name).relative_to(scratch).parts
            # A journal counts as its database.
            kind = f"{first}/{others[0]}" if first == "cluster" else first.split("-")[0]
            yield Place(kind, file.name, file.content)


def with_access_token(found: Found) -> list[tuple[str, str]]:
    return [place for place, texts in found.items() if any(text.startswith("access") for text in texts)]


def is_for_access_tokens(kind: str, name: str) -> bool:
    return kind == "memory" and name.startswith(SIDECAR) or kind == "volumes" and Path(name).name in ("arc", "dcache")


def told(found: Found, kinds: set[str], where: str) -> str:
    numbers = Counter(kind if kind in kinds else "others" for kind, _ in found)
    return f"no refresh token {where}: {', '.join(f'{number} {kind}' for kind, number in sorted(numbers.items()))}"


if __name__ == "__main__":
    sys.exit(main("no-refresh-token", __doc__, TokenWorld, SearchSteps))

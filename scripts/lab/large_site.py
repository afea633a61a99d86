# SPDX-License-Identifier: Apache-2.0
"""A site of any size, for what must stay quick in a large one: its configuration, a user, and a choice of theirs."""

import json
from dataclasses import dataclass

#: Texts that claims may match: a site has a handful of these, however many profiles ask for them.
PATTERNS = ["/lab/project-1.*", "/lab/project-[2-4].+", "/lab/.+/leads", "/beamlines/.+", "/external/[a-z]+/.+"]
RESTRICTED = 3  # one in so many choices and images is not for everyone


@dataclass(frozen=True)
class LargeSite:
    """Four choices a profile in two options, and four images of `images` in another; the user is in `groups` groups."""

    groups: int = 200
    profiles: int = 500
    images: int = 300
    rules: int = 50

    @property
    def choices(self) -> int:
        return 4 * self.profiles

    def times(self, factor: float) -> "LargeSite":
        return LargeSite(*(int(count * factor) for count in (self.groups, self.profiles, self.images, self.rules)))

    def configuration(self) -> str:
        """YAML reads JSON."""
        return json.dumps({
            "ledger": {"path": "ledger.sqlite"},
            "deployments": {"hub": {"hook_token_env": "BERTH_TOKEN", "trust": "auth_state"}},
            "identity": {
                "issuers": [{"issuer": "https://idp.example.org", "roles": ["roles"], "groups": ["groups"]}]
            },
            "images": [self._image(number) for number in range(self.images)],
            "profiles": [self._profile(number) for number in range(self.profiles)],
            "rules": [self._site_rule(number) for number in range(self.rules)],
            "base": {"mem_limit": "4G", "node_selector": {"example.org/pool": "user"}},
        })

    def claims(self) -> str:
        """Of a user who has half of what rules ask for."""
        return json.dumps({
            "iss": "https://idp.example.org",
            "sub": "ana",
            "assurance": 2,
            "roles": ["staff", "gpu-user", *(f"role-{number}" for number in range(10))],
            "groups": [
                *(f"/lab/project-{number}" for number in range(self.groups // 2)),
                *(f"/beamlines/b{number}" for number in range(self.groups // 2)),
            ],
        })

    def guest_claims(self) -> str:
        """Of somebody in as many groups, none of which the site knows: the last profile alone is theirs."""
        groups = [f"/guests/g{number}" for number in range(self.groups)]
        return json.dumps({"iss": "https://idp.example.org", "sub": "guest", "roles": ["guest"], "groups": groups})

    def options(self) -> str:
        """A start in the middle of the list that takes nothing by default."""
        number = self.profiles // 2 // 10 * 10
        image = (4 * number + 1) % self.images
        chosen = {"profile": f"profile-{number}", "size": "large", "queue": "long", "image": f"image-{image}"}
        return json.dumps(chosen)

    def _image(self, number: int) -> dict:
        image = {
            "id": f"image-{number}",
            "display_name": f"Image {number}",
            "image": f"registry.example.org/lab/image-{number}:2026.1",
        }
        return image | (self._restricted(number) if number % RESTRICTED == 2 else {})

    def _profile(self, number: int) -> dict:
        sizes = {
            "small": {"display_name": "Small", "kubespawner_override": {"cpu_limit": 2, "mem_limit": "8G"}},
            "large": {"display_name": "Large", "kubespawner_override": {"cpu_limit": 8, "mem_limit": "64G"}},
        }
        queues = {
            "short": {"display_name": "Short", "kubespawner_override": {"priority_class_name": "short"}},
            "long": {"display_name": "Long", "kubespawner_override": {"priority_class_name": "long"}},
        }
        if number % RESTRICTED == 2:
            sizes["large"] |= self._restricted(number)
            queues["long"] |= {"allow": {"role": "staff"}}
        return {
            "display_name": f"Profile {number}",
            "slug": f"profile-{number}",
            "description": f"What project {number} works with.",
            "kubespawner_override": {"node_selector": {"example.org/pool": f"pool-{number % 7}"}},
            "walltime": {"default": "8h", "max": "2d"},
            "images": [f"image-{(4 * number + place) % self.images}" for place in range(4)],
            "profile_options": {
                "size": {"display_name": "Size", "choices": sizes},
                "queue": {"display_name": "Queue", "choices": queues},
            },
        } | self._rule(number)

    def _restricted(self, number: int) -> dict:
        return {"allow": {"any": [{"role": f"role-{number % 20}"}, {"group": self._group(number)}]}}

    def _rule(self, number: int) -> dict:
        """Each kind of rule, ten profiles in turn; half of what they ask for is given."""
        group = {"group": self._group(number)}
        suspended = {"not": {"group": f"/suspended/project-{number}"}}
        rules = {
            0: {"role": "staff"},
            1: group,
            2: {"any": [{"role": f"role-{number % 20}"}, group, {"user": "root"}]},
            3: {"all": [{"role": "staff"}, suspended]},
            4: {"group": {"matches": PATTERNS[number // 10 % len(PATTERNS)]}},
            5: {"claim": "assurance", "at_least": 1 + number % 3},
            6: {"all": [{"any": [group, {"role": "gpu-user"}]}, suspended, {"deployment": "hub"}]},
            7: {"role": f"role-{number % 20}"},
            8: {"all": [group, suspended]},
            9: {"any": [{"role": "staff"}, {"user": "root"}]},
        }
        is_last = number == self.profiles - 1
        return {"allow": {"role": "guest"} if is_last else rules[number % 10]}

    def _group(self, number: int) -> str:
        return f"/lab/project-{number * 7 % self.groups}"

    def _site_rule(self, number: int) -> dict:
        """One is applied for half of the user's groups, one in ten bounds the time, one in ten refuses others."""
        when = [{"group": self._group(number)}, {"role": f"role-{number % 20}"}, {"profile": f"profile-{number}"}]
        rule = {"name": f"rule-{number}", "when": when[number % 3]}
        if number == 0:
            mounts = {"/beamlines/${beamline}": {"name": "beamlines", "subPath": "${beamline}"}}
            each = {"for_each": {"group": "/beamlines/{beamline}"}, "set": {"server": {"volumeMounts": mounts}}}
            return {"name": "beamlines"} | each
        if number % 10 == 1:
            return rule | {"when": when[0], "set": {"walltime": {"$min": f"{10 + number}h"}}}
        if number % 10 == 2:
            return rule | {"when": {"group": f"/suspended/b{number}"}, "refuse": "You are suspended."}
        return rule | {"set": {"spawner": {"environment": {f"RULE_{number}": "${user.name}"}}}}

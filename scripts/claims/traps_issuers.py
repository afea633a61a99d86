# SPDX-License-Identifier: Apache-2.0
"""Tokens that only their issuer can tell of, tokens that say too little, and issuers that answer badly."""

import json
from collections.abc import Iterator
from typing import Any

from forge import Key
from issuer import DISCOVERY, INTROSPECTION, KEYS, USERINFO, Issuer
from world import ACCEPTED, Case, World

ONCE, NOT = "; the issuer asked once", "; the issuer not asked"
INACTIVE = "403 token-inactive"
LIGHTWEIGHT = "403 token-lightweight"
ELSEWHERE = "403 token-groups-elsewhere"
OVERAGE = {
    "groups": None,
    "_claim_names": {"groups": "src1"},
    "_claim_sources": {"src1": {"endpoint": "http://127.0.0.1:9/"}},
}
LIGHT = {"jti": "onltac:5f0c7a1e", "roles": None, "groups": None}


class OpaqueTraps:
    def __init__(self, world: World):
        self.world = world
        self.key = Key.rsa("key")
        self.silent = world.issuer("silent", self.key.jwk())
        self.asked = world.issuer("asked", self.key.jwk(), tokens="introspect", **world.asking())
        self.both = world.issuer("both", self.key.jwk(), tokens=["verify", "introspect"], **world.asking())
        self.userinfo = world.issuer("userinfo", self.key.jwk(), tokens="userinfo")

    def cases(self) -> Iterator[Case]:
        yield Case("opaque, nobody may be asked", "no proof, and no way to one", "opaque", "403 token-opaque", "silent")
        yield from self.introspected()
        yield from self.told_by_userinfo()
        yield from self.too_little()

    def introspected(self) -> Iterator[Case]:
        told = self.world.claims(self.asked)
        answers: dict[str, tuple[str, dict[str, Any], str]] = {
            "active": ("introspection (RFC 7662)", told, ACCEPTED),
            "for-another": ("what is told counts as in a token", told | {"aud": "account"}, "403 token-audience-wrong"),
            "over": ("what is told counts as in a token", told | {"exp": 1}, "403 token-expired"),
            "refresh": ("no access token", told | {"token_type": "refresh_token"}, "403 token-type-wrong"),
            "nonsense": ("neither active nor not", told | {"active": "yes"}, "503 issuer-answer-unusable"),
        }
        self.asked.told = {token: claims for token, (_, claims, _) in answers.items()}
        for token, (trap, _, wanted) in answers.items():
            yield self.asking(f"opaque, {token}", trap, token, wanted + ONCE)
        yield self.asking("opaque, active, again", "an answer stands for a minute", "active", ACCEPTED + NOT)
        yield self.asking("opaque, unknown to its issuer", "introspection (RFC 7662)", "unknown", INACTIVE + ONCE)
        yield self.asking(
            "opaque, with a line break", "would be a header of its own", "a\r\nX-A: b", "403 token-unaskable" + NOT
        )
        forged = Key.rsa("key").token(self.world.claims(self.both))
        yield self.asking("forged", "a forgery is not asked about", forged, "403 token-signature-invalid" + NOT, "both")

    def asking(self, input: str, trap: str, token: str, wanted: str, hub: str = "asked") -> Case:
        return Case(input, trap, token, wanted, hub, asked=(self.world.issuers[hub], INTROSPECTION))

    def told_by_userinfo(self) -> Iterator[Case]:
        self.userinfo.told = {"known": self.world.claims(self.userinfo, aud=None, exp=None)}
        asked = (self.userinfo, USERINFO)
        yield Case("opaque, known", "userinfo", "known", ACCEPTED + ONCE, "userinfo", asked=asked)
        yield Case("opaque, not known", "userinfo answers 401", "unknown", INACTIVE + ONCE, "userinfo", asked=asked)

    def too_little(self) -> Iterator[Case]:
        """Proven tokens whose claims are elsewhere, which is not the same as having none."""
        token = self.key.token(self.world.claims(self.silent, **OVERAGE))
        yield Case("Entra: _claim_names has groups", "groups overage", token, ELSEWHERE, "silent")
        token = self.key.token(self.world.claims(self.silent, groups=None, hasgroups=True))
        yield Case("Entra: hasgroups", "groups overage", token, ELSEWHERE, "silent")
        light = self.key.token(self.world.claims(self.silent, **LIGHT, sub=None, aud=None))
        yield Case("Keycloak: lightweight, without sub", "says nothing about its user", light, LIGHTWEIGHT, "silent")
        yield from self.completed()

    def completed(self) -> Iterator[Case]:
        """The same where the issuer may be asked for the rest."""
        whole = self.world.claims(self.both)
        light = self.key.token(self.world.claims(self.both, **LIGHT))
        others = self.key.token(self.world.claims(self.both, **LIGHT, n=1))
        overage = self.key.token(self.world.claims(self.both, **OVERAGE))
        hopeless = self.key.token(self.world.claims(self.both, **OVERAGE, n=1))
        self.both.told = {
            light: whole,
            others: whole | {"sub": "another"},
            overage: whole,
            hopeless: self.world.claims(self.both, groups=None),
        }
        cases = {
            "Keycloak: lightweight": ("completed by introspection", light, ACCEPTED),
            "the same, the answer names another sub": ("not this user", others, "403 token-subject-differs"),
            "Entra: groups overage": ("completed by introspection", overage, ACCEPTED),
            "the same, the answer has no groups": ("still not the same as none", hopeless, ELSEWHERE),
        }
        for input, (trap, token, wanted) in cases.items():
            yield self.asking(input, trap, token, wanted + ONCE, "both")


class BadIssuers:
    """Issuers that answer something else than keys."""

    def __init__(self, world: World):
        self.world = world
        self.key = Key.rsa("key")
        self.elsewhere = world.bystander(Issuer(self.key.jwk()))
        text, short = {"Content-Type": "text/html"}, {"Content-Length": "9999"}
        unusable, unreachable = "503 issuer-answer-unusable", "503 issuer-unreachable"
        keys = json.dumps({"keys": [self.key.jwk()]}).encode()
        moved = {"Location": self.elsewhere.url + KEYS}
        self.sets: dict[str, tuple[str, tuple[int, dict[str, str], bytes], str]] = {
            "HTML": ("no key set", (200, text, b"<html>log in</html>"), unusable),
            "status 500": ("no key set", (500, {}, b""), unusable),
            "a redirect to another host": ("not followed", (302, moved, b""), unusable),
            "keys cut short": ("a lie about the length", (200, short, keys), unreachable),
            "2 MiB": ("a mebibyte is read", (200, {}, b" " * (2 << 20) + keys), unreachable),
            "keys twice": ("read in one way or not at all", (200, {}, keys[:-1] + b', "keys": []}'), unusable),
            "no keys": ("nothing is proven", (200, {}, b'{"keys": []}'), "503 issuer-without-keys"),
        }
        for place, (_, answer, _) in enumerate(self.sets.values()):
            world.issuer(f"odd-{place}", self.key.jwk()).answers[KEYS] = answer
        self.documents = {
            "another issuer": ({"issuer": "https://idp.example.org"}, "503 issuer-document-foreign"),
            "its issuer with a slash": ({"issuer": "/"}, "503 issuer-document-foreign"),
            "keys in a file": ({"jwks_uri": "file:///etc/passwd"}, "503 issuer-endpoint-unusable"),
            "no place of keys": ({"jwks_uri": None}, "503 issuer-endpoint-unusable"),
        }
        for place, (changes, _) in enumerate(self.documents.values()):
            issuer = world.issuer(f"document-{place}", self.key.jwk())
            slashed = {"issuer": issuer.url + "/"} if changes == {"issuer": "/"} else changes
            issuer.answers[DISCOVERY] = (200, {}, json.dumps(issuer.discovery(**slashed)).encode())

    def cases(self) -> Iterator[Case]:
        for place, (name, (trap, _, wanted)) in enumerate(self.sets.items()):
            yield self.sound(f"sound; the key set is {name}", trap, wanted, f"odd-{place}")
        for place, (name, (_, wanted)) in enumerate(self.documents.items()):
            trap = "not the issuer that is configured" if "foreign" in wanted else "nowhere to ask"
            yield self.sound(f"sound; discovery names {name}", trap, wanted, f"document-{place}")

    def sound(self, input: str, trap: str, wanted: str, hub: str) -> Case:
        token = self.key.token(self.world.claims(self.world.issuers[hub]))
        return Case(input, trap, token, wanted + "; the key set not asked", hub, asked=(self.elsewhere, KEYS))

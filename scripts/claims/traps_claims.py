# SPDX-License-Identifier: Apache-2.0
"""Tokens that are signed well: from whom, for whom, of which kind, when, about whom, and in what form."""

import json
import time
from collections.abc import Iterator
from typing import Any

from forge import Key, base64url, unsigned
from world import ACCEPTED, LONG_ROLE, Case, World

ANY = "https://wlcg.cern.ch/jwt/v1/any"
MALFORMED = "403 token-malformed"
NOTHING = "403 nothing-allowed"


class ClaimTraps:
    def __init__(self, world: World):
        self.world = world
        self.key = Key.rsa("key")
        self.issuer = world.issuer("claims", self.key.jwk())
        self.grid = world.issuer("grid", self.key.jwk(), audiences=[ANY])
        world.hub("id-tokens", "claims", token_auth_state_key="id_token")

    def cases(self) -> Iterator[Case]:
        for group in (
            self.issuers, self.audiences, self.parties, self.kinds, self.times, self.forms, self.spellings, self.names
        ):  # fmt: skip
            yield from group()

    def sent(self, input: str, trap: str, wanted: str, hub: str = "claims", **claims: Any) -> Case:
        """These claims, soundly signed."""
        token = self.key.token(self.world.claims(self.issuer, **claims))
        return Case(input, trap, token, wanted, hub)

    def issuers(self) -> Iterator[Case]:
        wrong = "403 token-issuer-wrong"
        yield self.sent("iss with a slash behind it", "issuers are compared exactly", wrong, iss=self.issuer.url + "/")
        yield self.sent(
            "iss of another realm", "issuers are compared exactly", wrong, iss=self.issuer.url + "/realms/b"
        )
        yield self.sent("no iss", "nothing is guessed", wrong, iss=None)
        yield self.sent("iss a list with ours in it", "an issuer is one text", wrong, iss=[self.issuer.url])

    def audiences(self) -> Iterator[Case]:
        wrong = "403 token-audience-wrong"
        yield self.sent(
            "aud a list with ours in it", "one of them must be ours", ACCEPTED, aud=["account", "jupyterhub"]
        )
        yield self.sent("aud another's", "a token for another program", wrong, aud="account")
        yield self.sent("aud a list of others", "a token for other programs", wrong, aud=["account", "Jupyterhub"])
        yield self.sent("aud an empty list", "for nobody", wrong, aud=[])
        yield self.sent("no aud", "nothing is guessed", wrong, aud=None)
        yield self.sent("aud a list with a number in it", "no audience", MALFORMED, aud=["jupyterhub", 5])
        yield self.sent("aud for anybody (WLCG)", "counts only where opted in to", wrong, aud=ANY)
        token = self.key.token(self.world.claims(self.grid, aud=ANY))
        yield Case("aud for anybody (WLCG)", "opted in to", token, ACCEPTED, "grid")

    def parties(self) -> Iterator[Case]:
        two, wrong = ["account", "jupyterhub"], "403 token-party-wrong"
        yield self.sent(
            "ID token, two audiences, azp ours", "OIDC Core 3.1.3.7", ACCEPTED, "id-tokens", aud=two, azp="jupyterhub"
        )
        yield self.sent("ID token, two audiences, no azp", "OIDC Core 3.1.3.7", wrong, "id-tokens", aud=two)
        yield self.sent("ID token, azp another's", "OIDC Core 3.1.3.7", wrong, "id-tokens", azp="account")
        yield self.sent("access token, azp another's", "aud alone decides", ACCEPTED, azp="account")

    def kinds(self) -> Iterator[Case]:
        wrong = "403 token-type-wrong"
        yield self.sent("ID token (at_hash), as access token", "one is never the other", wrong, at_hash="x" * 22)
        yield self.sent("Keycloak's ID token, as access token", "one is never the other", wrong, typ="ID")
        yield self.sent("Keycloak's refresh token", "no access token either", wrong, typ="Refresh")
        yield self.sent("Keycloak's access token", "its typ is Bearer", ACCEPTED, typ="Bearer")
        yield self.sent("ID token, as ID token", "at_hash belongs there", ACCEPTED, "id-tokens", at_hash="x" * 22)
        yield self.sent(
            "Keycloak's access token, as ID token", "one is never the other", wrong, "id-tokens", typ="Bearer"
        )
        token = self.key.token(self.world.claims(self.issuer), typ="at+jwt")
        yield Case("access token (at+jwt), as ID token", "one is never the other", token, wrong, "id-tokens")
        token = self.key.token(self.world.claims(self.issuer), typ="logout+jwt")
        yield Case("logout token", "no access token either", token, wrong, "claims")

    def times(self) -> Iterator[Case]:
        now = int(time.time())
        unusable, early = "403 token-time-unusable", "403 token-not-yet-valid"
        yield self.sent("exp a second ago", "no grace at the end", "403 token-expired", exp=now - 1)
        yield self.sent("exp 1970", "long over", "403 token-expired", exp=0)
        yield self.sent("no exp", "would never end", "403 token-expiry-missing", exp=None)
        yield self.sent("exp with a fraction", "numbers may have one", ACCEPTED, exp=now + 300.5)
        for words, exp in {"a text": str(now + 300), "negative": -1, "true": True, "a list": [now + 300]}.items():
            yield self.sent(f"exp {words}", "no time", unusable, exp=exp)
        for spelling in ("1e400", "1e12"):
            yield Case(
                f"exp {spelling}", "no time", self.key.token(self.respelled("exp", spelling)), unusable, "claims"
            )
        yield self.sent("nbf in 30 s", "clocks may differ by a minute", ACCEPTED, nbf=now + 30)
        yield self.sent("nbf in 3 min", "not yet", early, nbf=now + 180)
        yield self.sent("nbf in 3 min, with a fraction", "not zero because it is no integer", early, nbf=now + 180.5)
        yield self.sent("nbf a text", "no time", unusable, nbf=str(now))
        yield self.sent("iat in 30 s", "clocks may differ by a minute", ACCEPTED, iat=now + 30)
        yield self.sent("iat in 3 min", "issued in the future", "403 token-issued-in-future", iat=now + 180)
        yield self.sent("iat a text", "no time", unusable, iat="today")

    def respelled(self, name: str, spelling: str) -> bytes:
        claims = json.dumps(self.world.claims(self.issuer, **{name: "HERE"}))
        return claims.replace('"HERE"', spelling).encode()

    def forms(self) -> Iterator[Case]:
        """What JSON readers disagree on, and what is no token of the kind."""
        claims = json.dumps(self.world.claims(self.issuer)).encode()
        payloads = {
            "sub twice": claims[:-1] + b', "sub": "root"}',
            "roles twice, once escaped": claims[:-1] + b', "rol\\u0065s": ["staff"]}',
            "a NUL and more behind the claims": claims + b"\0trailing",
            "\\u0000 in a text": claims.replace(b'"5f0c7a1e"', b'"ana\\u0000root"'),
            "a list of claims": b"[" + claims + b"]",
            "a text": b'"claims"',
            "null": b"null",
            "two objects": claims + claims,
            "no UTF-8": claims.replace(b"5f0c7a1e", b"\xff\xfe"),
            "no JSON": b"<html>login</html>",
            "nested 10,000 deep": claims[:-1] + b', "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
            "nothing": b"",
        }
        for words, payload in payloads.items():
            yield Case(
                f"payload: {words}", "read in one way or not at all", self.key.token(payload), MALFORMED, "claims"
            )
        header = b'{"alg": "RS256", "kid": "key", "alg": "none"}'
        text = unsigned(header, claims)
        token = f"{text}.{base64url(self.key.signature(text.encode(), 'RS256'))}"
        yield Case("header: alg twice", "read in one way or not at all", token, MALFORMED, "claims")
        large = self.key.token(claims[:-1] + b', "x": "' + b"x" * 50_000 + b'"}')
        yield Case(f"a token of {len(large) // 1024} KiB", "64 KiB are read", large, "403 token-too-large", "claims")
        header = unsigned({"alg": "RSA-OAEP", "enc": "A256GCM"}, b"key")
        yield Case(
            "five parts (JWE)", "encrypted, which is said", f"{header}.aXY.dGV4dA.dGFn", "403 token-encrypted", "claims"
        )
        nested = self.key.token(self.key.token(claims).encode(), cty="JWT")
        yield Case("a token in a token", "nested, which is said", nested, "403 token-nested", "claims")

    def spellings(self) -> Iterator[Case]:
        """Second spellings of the same bytes: one signature would prove many texts."""
        while True:
            token = self.key.token(self.world.claims(self.issuer, jti=str(time.monotonic())))
            text, signature = token.rsplit(".", 1)
            if "-" in signature or "_" in signature:
                break
        spellings = {
            "= behind": token + "==",
            "a line break behind": token + "\n",
            "a blank within": f"{text}.{signature[:9]} {signature[9:]}",
            "+ and / for - and _": f"{text}.{signature.replace('-', '+').replace('_', '/')}",
            "stray low bits": token[:-1] + stray(token[-1]),
        }
        yield Case("a sound token", "the spelling that counts", token, ACCEPTED, "claims")
        for words, spelling in spellings.items():
            yield Case(f"the same, {words}", "a second spelling of base64url", spelling, MALFORMED, "claims")
        longer = "403 token-signature-invalid"
        yield Case("the same, a letter more", "another signature, a byte longer", token + "A", longer, "claims")
        payload = self.key.token(b'{"a": 1}').split(".")
        padded = f"{payload[0]}.{payload[1]}="
        signed = f"{padded}.{base64url(self.key.signature(padded.encode(), 'RS256'))}"
        yield Case("a payload with = behind, signed so", "a second spelling of base64url", signed, MALFORMED, "claims")

    def names(self) -> Iterator[Case]:
        invalid = "422 claims-invalid"
        alike = "names are compared byte by byte"
        only: dict[str, Any] = {"groups": []}
        yield self.sent("role gpu-us\u0435r with a Cyrillic letter", alike, NOTHING, **only, roles=["gpu-us\u0435r"])
        yield self.sent("role in full-width letters", alike, NOTHING, **only, roles=["\uff47\uff50\uff55-user"])
        yield self.sent("role GPU-USER", alike, NOTHING, **only, roles=["GPU-USER"])
        yield self.sent("role with a zero-width space", alike, NOTHING, **only, roles=["gpu-user\u200b"])
        yield self.sent(
            "group /lab/café, composed as in the rule", alike, "200 cafe", roles=[], groups=["/lab/caf\u00e9"]
        )
        yield self.sent("group /lab/café, composed otherwise", alike, NOTHING, roles=[], groups=["/lab/cafe\u0301"])
        yield self.sent("role with a line break", "no control characters", invalid, roles=["gpu-user\n"])
        yield self.sent("role with an escape character", "no control characters", invalid, roles=["\u001b[2Jgpu-user"])
        yield self.sent("role of 256 bytes", "names have a bound", "200 long-role", **only, roles=[LONG_ROLE])
        yield self.sent("role of 257 bytes", "names have a bound", invalid, **only, roles=[LONG_ROLE + "r"])
        yield self.sent(
            "2,001 roles", "their number has a bound", invalid, **only, roles=[f"r{n}" for n in range(2001)]
        )
        yield self.sent("roles an object", "nothing is guessed", invalid, roles={"gpu-user": True})
        yield self.sent(
            "no roles, no groups", "unknown is not none, and allows nothing", NOTHING, roles=None, groups=None
        )
        yield self.sent(
            "preferred_username bo", "another user's token", "403 username-mismatch", preferred_username="bo"
        )
        yield self.sent("no preferred_username", "nobody's token", "403 username-mismatch", preferred_username=None)
        beside = {"oauth_user": {"iss": self.issuer.url, "roles": ["gpu-user"]}}
        yield Case(
            "no token, claims beside it", "what is not proven counts for nothing", beside, "403 token-missing", "claims"
        )
        yield Case("no auth state", "nothing is guessed", None, "403 token-missing", "claims")


def stray(letter: str) -> str:
    """The letter after it: the last letter of 256 bytes carries two bits and four that must be zero."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return letters[letters.index(letter) + 1]

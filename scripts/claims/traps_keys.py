# SPDX-License-Identifier: Apache-2.0
"""Which key counts: ids, changes of keys, a provider that is away, and keys that must not be used."""

import time
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import ec
from forge import Key, base64url, by_hmac, number, unraised, unsigned
from issuer import KEYS
from world import ACCEPTED, Case, World

UNKNOWN = "403 token-key-unknown"
#: Within the cool-down nobody can tell a made-up key from one that has just come: try again in a moment.
RESTING = "503 issuer-keys-resting"
ONCE, NOT = "; the key set asked once", "; the key set not asked"
COOLDOWN_S = 5  # the shortest that a configuration may say


class KeyTraps:
    def __init__(self, world: World):
        self.world = world
        self.first, self.second, self.third = (Key.rsa(f"key-{number}") for number in (1, 2, 3))
        self.single = world.issuer("single", self.first.jwk())
        self.several = world.issuer("several", self.first.jwk(), self.second.jwk())
        self.flooded = world.issuer("flooded", self.first.jwk())
        self.turning = world.issuer("turning", self.first.jwk(), keys={"cooldown": f"{COOLDOWN_S}s"})
        self.leaving = world.issuer("leaving", self.first.jwk())
        self.absent = world.issuer("absent", self.first.jwk())
        self.absent.is_gone = True

    def cases(self) -> Iterator[Case]:
        yield from self.without_id()
        yield from self.unknown_ids()
        yield from self.changes()
        yield from self.provider_away()

    def without_id(self) -> Iterator[Case]:
        nameless = self.first.token(self.world.claims(self.single), kid=None)
        yield Case("no kid, the issuer has one key", "only one can have signed it", nameless, ACCEPTED, hub="single")
        nameless = self.first.token(self.world.claims(self.several), kid=None)
        yield Case(
            "no kid, the issuer has two keys", "keys are not tried in turn", nameless, "403 token-key-id-missing",
            hub="several",
        )  # fmt: skip
        wlcg = self.first.token(self.world.claims(self.single, **{"wlcg.ver": "1.0"}), kid=None)
        yield Case("WLCG, no kid", "its profile wants one", wlcg, "403 token-key-id-missing", hub="single")
        borrowed = self.second.token(self.world.claims(self.single), kid="key-1")
        yield Case(
            "the kid of another key", "an id proves nothing", borrowed, "403 token-signature-invalid", hub="single"
        )

    def unknown_ids(self) -> Iterator[Case]:
        claims = self.world.claims(self.flooded)
        known = self.first.token(claims)
        yield Case("a known kid", "before any other", known, ACCEPTED, "flooded")
        made_up = [self.second.token(claims, kid=f"made-up-{place}") for place in range(50)]
        yield Case(
            "50 tokens with made-up kids", "one question, then a cool-down", made_up, f"{UNKNOWN}; {RESTING}{ONCE}",
            "flooded", asked=(self.flooded, KEYS),
        )  # fmt: skip
        yield Case(
            "the first again", "a flood does not cost the others", known, ACCEPTED + NOT, "flooded",
            asked=(self.flooded, KEYS),
        )  # fmt: skip

    def changes(self) -> Iterator[Case]:
        asked = (self.turning, KEYS)
        tokens = {
            key.kid: key.token(self.world.claims(self.turning)) for key in (self.first, self.second, self.third)
        }
        yield Case("by key-1", "before any change", tokens["key-1"], ACCEPTED, "turning")
        self.turning.keys = [key.jwk() for key in (self.second, self.first)]
        yield Case(
            "by key-2, published just now", "one question finds it", tokens["key-2"], ACCEPTED + ONCE, "turning",
            asked=asked,
        )  # fmt: skip
        searched = time.monotonic()
        self.turning.keys = [key.jwk() for key in (self.third, self.second)]
        yield Case(
            "by key-3, a moment later", "the cool-down holds", tokens["key-3"], RESTING + NOT, "turning", asked=asked
        )
        yield Case(
            "by key-1, withdrawn meanwhile", "known until keys are read again", tokens["key-1"], ACCEPTED + NOT,
            "turning", asked=asked,
        )  # fmt: skip
        time.sleep(max(0, searched + COOLDOWN_S + 0.2 - time.monotonic()))
        yield Case(
            "by key-3, after the cool-down", "found by one question", tokens["key-3"], ACCEPTED + ONCE, "turning",
            asked=asked,
        )  # fmt: skip
        yield Case(
            "by key-1, proven before", "what is withdrawn proves nothing more", tokens["key-1"], UNKNOWN + NOT,
            "turning", asked=asked,
        )  # fmt: skip

    def provider_away(self) -> Iterator[Case]:
        claims = self.world.claims(self.leaving)
        yield Case("a known key", "the provider is there", self.first.token(claims), ACCEPTED, hub="leaving")
        self.leaving.is_gone = True
        later = self.first.token(claims | {"jti": "later"})
        yield Case("another token by that key", "the provider is away", later, ACCEPTED, hub="leaving")
        away = "503 issuer-unreachable"
        yield Case("by a key that is not known", "the provider is away", self.second.token(claims), away, hub="leaving")
        token = self.first.token(self.world.claims(self.absent))
        yield Case("a sound token", "the provider was never there", token, away, hub="absent")


class BadKeys:
    """Key sets in which one key must not be used; the sound one beside it counts all the same."""

    def __init__(self, world: World):
        self.world = world
        self.sound = Key.rsa("sound")
        self.bad = Key.rsa("bad")
        self.small = Key.rsa("bad", bits=1024)
        self.curve = Key.curve("bad", ec.SECP256R1())
        self.short = key_with_short_x("bad")
        self.secret = base64url(b"a secret that everybody can read")
        numbers = self.bad.private.private_numbers()
        self.sets = {
            "use enc": self.bad.jwk(use="enc"),
            "key_ops [encrypt]": self.bad.jwk(use=None, key_ops=["encrypt"]),
            "kty oct": {"kty": "oct", "kid": "bad", "use": "sig", "alg": "HS256", "k": self.secret},
            "private members": self.bad.jwk(d=base64url(number(numbers.d))),
            "RSA of 1024 bits": self.small.jwk(),
            "RSA with the exponent 1": self.bad.jwk(e="AQ"),
            "alg ES256 on an RSA key": self.bad.jwk(alg="ES256"),
            "a point off its curve": self.curve.jwk(y=off_curve(self.curve)),
            "x without its leading zero": self.short.jwk(x=shortened(self.short)),
            "crv secp256k1": self.curve.jwk(crv="secp256k1"),
        }
        for place, jwk in enumerate(self.sets.values()):
            world.issuer(f"bad-{place}", jwk, self.sound.jwk())
        self.twice = world.issuer("twice", self.sound.jwk(), self.bad.jwk(kid="sound"))
        self.many = world.issuer("many", *(self.sound.jwk(kid=f"key-{place}") for place in range(300)))

    def cases(self) -> Iterator[Case]:
        for place, name in enumerate(self.sets):
            hub = f"bad-{place}"
            claims = self.world.claims(self.world.issuers[hub])
            wanted = "403 token-algorithm-unknown" if name == "kty oct" else UNKNOWN
            yield Case(f"by a key: {name}", "left out of the set", self.by_bad(name, claims), wanted, hub)
            yield Case("by the key beside it", "the rest of the set counts", self.sound.token(claims), ACCEPTED, hub)
        claims = self.world.claims(self.twice)
        yield Case(
            "by the first of two keys with one kid", "the first counts", self.sound.token(claims), ACCEPTED, "twice"
        )
        second = self.bad.token(claims, kid="sound")
        yield Case("by the second of them", "the first counts", second, "403 token-signature-invalid", "twice")
        claims = self.world.claims(self.many)
        yield Case(
            "by the first of 300 keys", "a set has a bound", self.sound.token(claims, kid="key-0"), ACCEPTED, "many"
        )
        yield Case(
            "by the last of 300 keys", "a set has a bound", self.sound.token(claims, kid="key-299"), UNKNOWN, "many"
        )

    def by_bad(self, name: str, claims: dict) -> str:
        """Signed as it would have to be if the key were used."""
        if name == "kty oct":
            return by_hmac({"alg": "HS256", "kid": "bad"}, claims, b"a secret that everybody can read")
        if name == "RSA with the exponent 1":
            return unraised(unsigned({"alg": "RS256", "kid": "bad"}, claims), 256)
        if name == "x without its leading zero":
            return self.short.token(claims, "ES256")
        if name in ("a point off its curve", "crv secp256k1"):
            return self.curve.token(claims, "ES256")
        return (self.small if "1024" in name else self.bad).token(claims)


def key_with_short_x(kid: str) -> Key:
    """One in some hundred has a coordinate that begins with a zero."""
    while True:
        key = Key.curve(kid, ec.SECP256R1())
        if key.private.public_key().public_numbers().x < 1 << 248:
            return key


def shortened(key: Key) -> str:
    return base64url(number(key.private.public_key().public_numbers().x))


def off_curve(key: Key) -> str:
    return base64url(number(key.private.public_key().public_numbers().y ^ 1, 32))

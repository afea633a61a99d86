# SPDX-License-Identifier: Apache-2.0
"""Tokens whose signature is sound, missing, borrowed, or said to be by another algorithm than it is."""

import base64
from collections.abc import Iterator

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from forge import Key, base64url, by_hmac, unsigned
from issuer import KEYS, Issuer
from world import ACCEPTED, Case, World

UNKNOWN = "403 token-algorithm-unknown"
INVALID = "403 token-signature-invalid"
UNFIT = "403 token-key-unfit"


class SignatureTraps:
    def __init__(self, world: World):
        self.world = world
        self.rsa = Key.rsa("rsa")
        self.pinned = Key.rsa("pinned")
        self.p256, self.p384, self.p521 = (
            Key.curve(kid, curve)
            for kid, curve in (("p256", ec.SECP256R1()), ("p384", ec.SECP384R1()), ("p521", ec.SECP521R1()))
        )
        self.edwards = Key.edwards("ed25519")
        keys = [key.jwk() for key in (self.rsa, self.p256, self.p384, self.p521, self.edwards)]
        self.issuer = world.issuer("plain", *keys, self.pinned.jwk(alg="RS256"))
        self.narrow = world.issuer("narrow", self.rsa.jwk(), algorithms=["RS256", "ES256"])
        self.attacker_key = Key.rsa("attacker")
        self.attacker = world.bystander(Issuer(self.attacker_key.jwk()))

    @property
    def claims(self) -> dict:
        return self.world.claims(self.issuer)

    def cases(self) -> Iterator[Case]:
        yield from self.sound()
        yield from self.unsigned()
        yield from self.swapped()
        yield from self.brought_along()

    def sound(self) -> Iterator[Case]:
        by = {"ES256": self.p256, "ES384": self.p384, "ES512": self.p521, "EdDSA": self.edwards}
        for alg in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", *by):
            yield Case(alg, "sound, by a published key", by.get(alg, self.rsa).token(self.claims, alg), ACCEPTED)
        yield Case("RS256, typ at+jwt", "sound, RFC 9068", self.rsa.token(self.claims, typ="at+jwt"), ACCEPTED)
        yield Case("RS256, no typ", "sound, as older issuers write it", self.rsa.token(self.claims, typ=None), ACCEPTED)

    def unsigned(self) -> Iterator[Case]:
        header = {"typ": "JWT", "kid": "rsa"}
        yield Case(
            "HS256, the secret is the public key's PEM", "algorithm confusion",
            by_hmac(header | {"alg": "HS256"}, self.claims, self.rsa.public_pem), UNKNOWN,
        )  # fmt: skip
        yield Case(
            "the same, its header says RS256", "algorithm confusion",
            by_hmac(header | {"alg": "RS256"}, self.claims, self.rsa.public_pem), INVALID,
        )  # fmt: skip
        for alg in ("none", "None", "NONE", "nOnE"):
            text = unsigned(header | {"alg": alg}, self.claims)
            yield Case(f"alg {alg}, no signature", "unsigned", text + ".", "403 token-unsigned")
        text = unsigned(header | {"alg": "RS256"}, self.claims)
        yield Case("RS256, no signature", "unsigned", text + ".", INVALID)
        for alg in ("rs256", "Rs256", "RS256 ", "RS257", "ES256K"):
            token = self.rsa.token(self.claims, alg, by="RS256")
            yield Case(f"alg {alg!r}, signed by RS256", "another spelling is another algorithm", token, UNKNOWN)
        yield Case(
            "no alg", "nothing is guessed", self.rsa.token(self.claims, None, by="RS256"), "403 token-malformed"
        )

    def swapped(self) -> Iterator[Case]:
        yield Case(
            "RS512, the key says RS256", "a key is for one algorithm", self.pinned.token(self.claims, "RS512"), UNFIT
        )
        yield Case(
            "PS256, the key says RS256", "a key is for one algorithm", self.pinned.token(self.claims, "PS256"), UNFIT
        )
        narrow = self.rsa.token(self.world.claims(self.narrow), "RS512")
        yield Case(
            "RS512, configured are RS256 and ES256", "algorithms are pinned", narrow, "403 token-algorithm-refused",
            hub="narrow",
        )  # fmt: skip
        yield Case("RS256, signed by PS256", "the padding differs", self.rsa.token(self.claims, by="PS256"), INVALID)
        yield Case("RS256, signed by RS512", "the hash differs", self.rsa.token(self.claims, by="RS512"), INVALID)
        swapped = self.p384.token(self.claims, "ES256", by="ES256")
        yield Case("ES256 by a P-384 key", "a hash belongs to one curve", swapped, UNFIT)
        yield Case("ES384 by a P-256 key", "a hash belongs to one curve", self.p256.token(self.claims, "ES384"), UNFIT)
        borrowed = self.edwards.token(self.claims, "EdDSA", kid="rsa")
        yield Case("EdDSA, the kid of an RSA key", "another type of key", borrowed, UNFIT)
        text = unsigned({"alg": "ES256", "kid": "p256"}, self.claims)
        der = self.p256.private.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
        yield Case("ES256, the signature as DER", "not how a token carries it", f"{text}.{base64url(der)}", INVALID)
        zeros = f"{text}.{base64url(bytes(64))}"
        yield Case("ES256, the signature is zeros", "no number of a signature", zeros, INVALID)

    def brought_along(self) -> Iterator[Case]:
        """Keys that the token itself names: they are not read, and nobody is asked for them."""
        key, jwk = self.attacker_key, self.attacker_key.jwk()
        leads = {
            "jku": self.attacker.url + KEYS,
            "jwk": jwk,
            "x5u": self.attacker.url + KEYS,
            "x5c": [base64.b64encode(key.public_pem).decode()],
        }
        for name, value in leads.items():
            yield Case(
                f"{name} in the header, the kid of ours", "the token brings its own key",
                key.token(self.claims, kid="rsa", **{name: value}), f"{INVALID}; the key set not asked",
                asked=(self.attacker, KEYS),
            )  # fmt: skip
        yield Case(
            "jku in the header, the attacker's kid", "the token brings its own key",
            key.token(self.claims, jku=leads["jku"]), "403 token-key-unknown; the key set not asked",
            asked=(self.attacker, KEYS),
        )  # fmt: skip
        yield Case(
            "jku in the header, signed by our key", "what is not read does no harm",
            self.rsa.token(self.claims, jku=leads["jku"]), f"{ACCEPTED}; the key set not asked",
            asked=(self.attacker, KEYS),
        )  # fmt: skip
        critical = "403 token-critical-header"
        yield Case(
            "crit [exp]", "a demand that is not known", self.rsa.token(self.claims, crit=["exp"], exp=1), critical
        )
        yield Case(
            "crit [b64], b64 false", "a demand that is not known",
            self.rsa.token(self.claims, crit=["b64"], b64=False), critical,
        )  # fmt: skip
        yield Case("b64 false", "the payload would be read otherwise", self.rsa.token(self.claims, b64=False), critical)

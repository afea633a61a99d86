# SPDX-License-Identifier: Apache-2.0
"""Signs tokens as an issuer would, and as somebody who would like to be one."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

#: The JWS name of a curve, and the bytes of a coordinate on it.
CURVES = {"secp256r1": ("P-256", 32), "secp384r1": ("P-384", 48), "secp521r1": ("P-521", 66)}
HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


@dataclass
class Key:
    """A private key, and the name that a key set gives it."""

    kid: str | None
    private: Any

    @staticmethod
    def rsa(kid: str | None, bits: int = 2048) -> "Key":
        return Key(kid, rsa.generate_private_key(public_exponent=65537, key_size=bits))

    @staticmethod
    def curve(kid: str, curve: ec.EllipticCurve) -> "Key":
        return Key(kid, ec.generate_private_key(curve))

    @staticmethod
    def edwards(kid: str) -> "Key":
        return Key(kid, ed25519.Ed25519PrivateKey.generate())

    def jwk(self, **more: Any) -> dict[str, Any]:
        """Its public half (RFC 7517); a member that is None is left out."""
        members = {"kid": self.kid, "use": "sig"} | self._public_members() | more
        return {name: value for name, value in members.items() if value is not None}

    def _public_members(self) -> dict[str, str]:
        public = self.private.public_key()
        if isinstance(public, ed25519.Ed25519PublicKey):
            return {"kty": "OKP", "crv": "Ed25519", "x": base64url(public.public_bytes_raw())}
        numbers = public.public_numbers()
        if isinstance(public, rsa.RSAPublicKey):
            return {"kty": "RSA", "n": base64url(number(numbers.n)), "e": base64url(number(numbers.e))}
        name, width = CURVES[public.curve.name]
        x, y = (base64url(number(value, width)) for value in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": name, "x": x, "y": y}

    @property
    def public_pem(self) -> bytes:
        """As everybody can have it."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.private.public_key().public_bytes(serialization.Encoding.PEM, form)

    def signature(self, text: bytes, alg: str) -> bytes:
        """As a JWS by `alg` carries it (RFC 7518 section 3)."""
        if alg == "EdDSA":
            return self.private.sign(text)
        hashed = HASHES[alg[-3:]]
        if alg.startswith("RS"):
            return self.private.sign(text, padding.PKCS1v15(), hashed)
        if alg.startswith("PS"):
            return self.private.sign(text, padding.PSS(padding.MGF1(hashed), hashed.digest_size), hashed)
        _, width = CURVES[self.private.curve.name]
        numbers = utils.decode_dss_signature(self.private.sign(text, ec.ECDSA(hashed)))
        return b"".join(number(value, width) for value in numbers)

    def token(
        self, claims: dict | list | bytes, alg: str = "RS256", *, by: str | None = None, **header: Any
    ) -> str:  # fmt: skip
        """Signed by `alg`, or by `by` whatever its header says. A header's member that is None is left out."""
        members = {"alg": alg, "typ": "JWT", "kid": self.kid} | header
        text = unsigned({name: value for name, value in members.items() if value is not None}, claims)
        return f"{text}.{base64url(self.signature(text.encode(), by or alg))}"


def unsigned(header: dict | bytes, claims: dict | list | bytes) -> str:
    """Header and claims, as a signature is made over them."""
    return ".".join(
        base64url(part if isinstance(part, bytes) else json.dumps(part).encode()) for part in (header, claims)
    )


def by_hmac(header: dict, claims: dict, secret: bytes) -> str:
    text = unsigned(header, claims)
    return f"{text}.{base64url(hmac.digest(secret, text.encode(), 'sha256'))}"


def unraised(text: str, modulus_bytes: int) -> str:
    """What an RSA key with the exponent 1 takes for its signature: the padded hash itself (RFC 8017 section 9.2)."""
    prefix = bytes.fromhex("3031300d060960864801650304020105000420")
    tail = b"\0" + prefix + hashlib.sha256(text.encode()).digest()
    padded = b"\0\1" + b"\xff" * (modulus_bytes - 2 - len(tail)) + tail
    return f"{text}.{base64url(padded)}"


def number(value: int, width: int = 0) -> bytes:
    """Big-endian, as short as can be or as wide as asked for."""
    return value.to_bytes(width or (value.bit_length() + 7) // 8, "big")


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

# SPDX-License-Identifier: Apache-2.0
"""Tokens that the provider did not sign so: what somebody would try who wants another's rights."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm


def parts(token: str) -> tuple[dict, dict]:
    """Header and claims."""
    header, claims, _ = token.split(".")
    return _decoded(header), _decoded(claims)


def signed(
    token: str, key: dict | None, header: dict | None = None, claims: dict | None = None
) -> str:
    """The token with some of it changed, signed with a private JWK, or one of our own."""
    private = RSAAlgorithm.from_jwk(json.dumps(key)) if key else _own_key()
    text = _changed(token, header, claims)
    return f"{text}.{_encoded(RSAAlgorithm(RSAAlgorithm.SHA256).sign(text.encode(), private))}"


def unsigned(token: str, claims: dict) -> str:
    return _changed(token, {"alg": "none"}, claims) + "."


def signed_with_public_key(token: str, key: dict, claims: dict) -> str:
    """An HMAC under the public key's text, for a verifier that lets the header choose."""
    public = RSAAlgorithm.from_jwk(json.dumps(key)).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = _changed(token, {"alg": "HS256"}, claims)
    return f"{text}.{_encoded(hmac.digest(pem, text.encode(), hashlib.sha256))}"


def expired(token: str, key: dict) -> str:
    return signed(token, key, claims={"exp": int(time.time()) - 1})


def _own_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _changed(token: str, header: dict | None, claims: dict | None) -> str:
    own = parts(token)
    changed = [{**own[0], **(header or {})}, {**own[1], **(claims or {})}]
    return ".".join(_encoded(json.dumps(part).encode()) for part in changed)


def _decoded(part: str) -> dict:
    return json.loads(base64.urlsafe_b64decode(part + "=="))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

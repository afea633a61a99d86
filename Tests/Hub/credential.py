# SPDX-License-Identifier: Apache-2.0
"""The credential that a pod's Secret would hold, made as Berth makes it: these hubs have no cluster."""

import base64
import hashlib
import hmac
import json


def credential(seal_key: str, **claims: str) -> str:
    key = _hmac(seal_key.encode(), _with_lengths("berth.io/derived-key 1", "sidecar tokens"))
    said = {"iss": "berth", "aud": "berth-sidecar", "use": "credential", **claims}
    text = f"{_part({'typ': 'JWT', 'alg': 'HS256'})}.{_part(said)}"
    return f"{text}.{_base64(_hmac(key, text.encode()))}"


def _with_lengths(*texts: str) -> bytes:
    return b"".join(len(text).to_bytes(8, "big") + text.encode() for text in texts)


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _part(value: dict) -> str:
    return _base64(json.dumps(value).encode())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

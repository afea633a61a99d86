# SPDX-License-Identifier: Apache-2.0
"""A real identity provider for tests: Glewlwyd in a folder of its own, on loopback, with two people and one client."""

from __future__ import annotations

import base64
import gzip
import http.cookiejar
import json
import shutil
import sqlite3
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT = "jupyterhub"
SECRET = "hub-secret-of-the-tests"
PEOPLE = {
    "ana": {"name": "Ana Öberg", "groups": ["/lab/imaging", "/lab/staff"], "roles": ["gpu-user", "staff"]},
    "bo": {"name": "Bo Ek", "groups": ["/lab/guests"], "roles": ["basic"]},
}
TABLES = Path("/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz")
# Glewlwyd answers where it says it is; the rest is what it needs to start.
CONFIGURATION = """
port={port}
bind_address="127.0.0.1"
external_url="http://127.0.0.1:{port}"
login_url="login.html"
api_prefix="api"
log_mode="file"
log_level="WARNING"
log_file="{folder}/glewlwyd.log"
cookie_domain="127.0.0.1"
cookie_secure=0
cookie_same_site="empty"
session_expiration=2419200
session_key="GLEWLWYD2_SESSION_ID"
login_api_enabled=true
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="/usr/lib/glewlwyd/user"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
hash_algorithm="SHA512"
database = {{ type = "sqlite3" path = "{folder}/glewlwyd.sqlite" }};
"""


def is_installed() -> bool:
    return shutil.which("glewlwyd") is not None and TABLES.exists()


@dataclass
class Glewlwyd:
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    keys: list[dict[str, str]] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/oidc"

    def start(self) -> Glewlwyd:
        self.folder.mkdir(exist_ok=True)
        database = self.folder / "glewlwyd.sqlite"
        is_new = not database.exists()
        if is_new:
            with sqlite3.connect(database) as tables:
                tables.executescript(gzip.decompress(TABLES.read_bytes()).decode())
        configuration = self.folder / "glewlwyd.conf"
        configuration.write_text(CONFIGURATION.format(port=self.port, folder=self.folder))
        output = (self.folder / "output").open("ab")
        self.process = subprocess.Popen(["glewlwyd", "-c", str(configuration)], stdout=output, stderr=output)
        self._wait()
        if is_new:
            self._set_up()
        return self

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=10)

    def tokens(self, user: str) -> dict[str, Any]:
        """`access_token`, `id_token`, `refresh_token`, as a hub would keep them in its auth state."""
        password = {"grant_type": "password", "username": user, "password": f"{user}-password-1", "scope": "openid"}
        return self._post("token", password)

    def revoke(self, token: str) -> None:
        self._post("revoke", {"token": token})

    def rotate(self) -> str:
        """Signs with a new key from now on, and gives its id. The one before stays published, older ones do not."""
        self.keys = [_private_key(f"k{time.monotonic_ns()}"), *self.keys][:2]
        admin = Admin(self.port)
        plugin = admin.call("GET", "/mod/plugin/oidc")
        plugin["parameters"]["jwks-private"] = json.dumps({"keys": self.keys})
        plugin["parameters"]["default-kid"] = self.keys[0]["kid"]
        admin.call("PUT", "/mod/plugin/oidc", plugin)
        admin.call("PUT", "/mod/plugin/oidc/reset")
        return self.keys[0]["kid"]

    def _post(self, endpoint: str, form: dict[str, str]) -> Any:
        pair = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        request = urllib.request.Request(
            f"{self.issuer}/{endpoint}",
            data=urllib.parse.urlencode(form).encode(),
            headers={"Authorization": f"Basic {pair}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def _wait(self) -> None:
        for _ in range(200):
            assert self.process and self.process.poll() is None, (self.folder / "output").read_text()
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/config", timeout=5).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("Glewlwyd does not answer")

    def _set_up(self) -> None:
        admin = Admin(self.port)
        users = admin.call("GET", "/mod/user/database")
        for name in ("groups", "roles"):
            users["parameters"]["data-format"][name] = {
                "multiple": True, "read": True, "write": True, "profile-read": True, "profile-write": False,
            }
        admin.call("PUT", "/mod/user/database", users)
        admin.call("PUT", "/mod/user/database/reset")
        for user, person in PEOPLE.items():
            about = {"username": user, "password": f"{user}-password-1", "email": f"{user}@example.org"}
            admin.call("POST", "/user/", about | person | {"enabled": True, "scope": ["openid", "g_profile"]})
        admin.call("POST", "/client/", {
            "client_id": CLIENT, "client_name": "hub", "client_secret": SECRET, "confidential": True, "enabled": True,
            "redirect_uri": ["http://127.0.0.1:9/hub/oauth_callback"],
            "authorization_type": ["code", "password", "refresh_token", "client_credentials"],
            "token_endpoint_auth_method": ["client_secret_basic", "client_secret_post"], "scope": ["openid"],
        })
        self.keys = [_private_key("k1")]
        admin.call("POST", "/mod/plugin/", {
            "module": "oidc", "name": "oidc", "display_name": "OIDC", "enabled": True,
            "parameters": _oidc(self.issuer, self.keys),
        })


class Admin:
    """Glewlwyd's own API, as its administrator."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}/api"
        cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
        self.call("POST", "/auth/", {"username": "admin", "password": "password"})

    def call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.base + path, data=data, method=method, headers={"Content-Type": "application/json"}
        )
        try:
            with self.opener.open(request, timeout=10) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error
        return json.loads(text) if text else None


def _oidc(issuer: str, keys: list[dict[str, str]]) -> dict[str, Any]:
    claim = {"type": "string", "mandatory": True}
    return {
        "iss": issuer, "jwks-private": json.dumps({"keys": keys}), "jwks-show": True, "default-kid": keys[0]["kid"],
        "jwt-type": "rsa", "jwt-key-size": "256", "access-token-duration": 300, "refresh-token-duration": 3600,
        "refresh-token-rolling": True, "refresh-token-one-use": "always", "code-duration": 60,
        "allow-non-oidc": True, "auth-type-code-enabled": True, "auth-type-code-revoke-replayed": True,
        "auth-type-token-enabled": False, "auth-type-implicit-enabled": False, "auth-type-password-enabled": True,
        "auth-type-client-enabled": True, "auth-type-refresh-enabled": True, "auth-type-device-enabled": False,
        "pkce-allowed": True, "pkce-method-plain-allowed": False, "subject-type": "public",
        "introspection-revocation-allowed": True, "introspection-revocation-allow-target-client": True,
        "introspection-revocation-auth-scope": [], "name-claim": "mandatory", "email-claim": "mandatory",
        "scope-claim": "mandatory",
        "additional-parameters": [{"user-parameter": name, "token-parameter": name} for name in ("groups", "roles")],
        "claims": [
            claim | {"name": "groups", "user-property": "groups"},
            claim | {"name": "roles", "user-property": "roles"},
            claim | {"name": "preferred_username", "user-property": "username"},
        ],
    }


def _private_key(kid: str) -> dict[str, str]:
    numbers = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_numbers()

    def text(number: int) -> str:
        return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()

    private = {"d": numbers.d, "p": numbers.p, "q": numbers.q}
    private |= {"dp": numbers.dmp1, "dq": numbers.dmq1, "qi": numbers.iqmp}
    public = {"n": numbers.public_numbers.n, "e": numbers.public_numbers.e}
    return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid} | {k: text(v) for k, v in (public | private).items()}

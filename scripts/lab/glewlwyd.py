# SPDX-License-Identifier: Apache-2.0
"""A real identity provider on loopback: Debian's Glewlwyd with a database, people, clients and signing keys of its own.

Its OpenID Connect plugin signs access tokens (`at+jwt`, RS256) in which a claim with several values is one text,
`"staff,gpu-user"`. Refresh tokens serve once; one that is shown again ends the whole chain. A token's `aud` is the
`resource` that the client asked for (RFC 8707), and the scopes where it asked for none.
"""

import base64
import gzip
import json
import secrets
import shutil
import sqlite3
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path

from .children import free_port
from .servers import Server

SCHEMA = Path("/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz")
PAGES = Path("/usr/share/glewlwyd/webapp")
MODULES = Path("/usr/lib/glewlwyd")
#: The administrator that the schema makes.
ADMINISTRATOR = {"username": "admin", "password": "password"}
SCOPE = "openid"


def is_installed() -> bool:
    return shutil.which("glewlwyd") is not None and SCHEMA.exists()


@dataclass(frozen=True)
class Person:
    """Somebody who can log in; `roles` and `groups` go into their tokens."""

    name: str
    roles: list[str]
    groups: list[str] = field(default_factory=list)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))


@dataclass(frozen=True)
class Client:
    """A program that people log in to."""

    id: str
    redirect_uri: str
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))


class Glewlwyd(Server):
    """A running Glewlwyd; it is set up when it first starts, and a stop loses nothing."""

    def __init__(
        self,
        folder: Path,
        people: list[Person],
        clients: list[Client],
        audiences: list[str],
        *,
        access_token_s: int = 300,
        public_url: str | None = None,
        port: int | None = None,
    ):
        """`public_url` is where others reach it, if something stands in between."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.people, self.clients, self.audiences = folder, people, clients, audiences
        self.access_token_s = access_token_s
        port = port or free_port()
        self.public_url = public_url or f"http://127.0.0.1:{port}"
        self.issuer = f"{self.public_url}/api/oidc"
        #: The keys as they are published, the signing key first.
        self.keys: list[dict] = []
        super().__init__(
            "Glewlwyd", ["glewlwyd", "-c", folder / "glewlwyd.conf"], port, folder / "output.log"
        )  # fmt: skip

    def start(self) -> None:
        is_new = not self.keys
        if is_new:
            self._write_files()
        super().start()
        if is_new:
            self._set_up()

    # What a test does with it

    def rotate(self, keep: int = 1) -> str:
        """Signs with a new key from here on; `keep` earlier ones stay published. Gives the new key's id."""
        self.keys = [new_key(), *self.keys[:keep]]
        self.publish()
        return self.keys[0]["kid"]

    def publish(self) -> None:
        """Puts `keys` into force."""
        self._change_plugin(self._key_parameters())

    def _change_plugin(self, parameters: dict) -> None:
        admin = self._administrator()
        plugin = admin.call("GET", "mod/plugin/oidc")
        plugin["parameters"].update(parameters)
        admin.call("PUT", "mod/plugin/oidc", plugin)
        admin.call("PUT", "mod/plugin/oidc/reset")

    def password_of(self, name: str) -> str:
        return next(person.password for person in self.people if person.name == name)

    def tokens(self, name: str) -> dict:
        """`access_token`, `id_token` and `refresh_token`, without a browser; their `aud` is the scopes."""
        who = {"username": name, "password": self.password_of(name)}
        return self._post("token", {"grant_type": "password", "scope": SCOPE, **who})

    def end_logins(self, name: str) -> None:
        """As somebody does on their profile's page: none of their refresh tokens serves any more.

        To disable a user would not do: Glewlwyd goes on to renew what they had.
        """
        visit = Visit(f"http://127.0.0.1:{self.port}")
        visit.call("POST", "auth/", {"username": name, "password": self.password_of(name)})
        for token in visit.call("GET", "oidc/token/"):
            if token["enabled"]:
                # It answers with the hash in base64, and takes it with URL's letters.
                visit.call("DELETE", f"oidc/token/{urllib.parse.quote(token['token_hash'], safe='')}")

    @contextmanager
    def without(self, name: str):
        """Within the block, this person has no account: nothing of theirs is renewed and they cannot log in.

        One that is disabled instead goes on to be renewed, also without a scope (Glewlwyd 2.7.5).
        """
        self._administrator().call("DELETE", f"user/{name}")
        try:
            yield
        finally:
            person = next(person for person in self.people if person.name == name)
            self._administrator().call("POST", "user/", self._user(person))

    def change_life(self, access_token_s: int) -> None:
        """Of the access tokens that come."""
        self._change_plugin({"access-token-duration": access_token_s})

    def revoke(self, token: str) -> None:
        self._post("revoke", {"token": token})

    def _post(self, endpoint: str, form: dict[str, str]) -> object:
        """A question of the first client."""
        client = self.clients[0]
        pair = base64.b64encode(f"{client.id}:{client.secret}".encode()).decode()
        data = urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(f"{self.issuer}/{endpoint}", data, {"Authorization": f"Basic {pair}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    # Setting it up

    def _write_files(self) -> None:
        database = self.folder / "glewlwyd.sqlite"
        database.unlink(missing_ok=True)
        connection = sqlite3.connect(database)
        connection.executescript(gzip.decompress(SCHEMA.read_bytes()).decode())
        connection.close()
        # A copy, since it does not follow links that lead out of the folder.
        pages = self.folder / "pages"
        shutil.rmtree(pages, ignore_errors=True)
        shutil.copytree(PAGES, pages, ignore=shutil.ignore_patterns("config.json"))
        (pages / "config.json").write_text(json.dumps(PAGE_SETTINGS))
        (self.folder / "glewlwyd.conf").write_text(self._settings(database, pages))

    def _settings(self, database: Path, pages: Path) -> str:
        """`use_secure_connection` is left out: even `false` makes it look for a certificate."""
        modules = {"user": "user", "client": "client", "user_auth_scheme": "scheme", "plugin": "plugin"}
        settings = {
            "port": self.port,
            "bind_address": "127.0.0.1",
            "external_url": self.public_url,
            "login_url": "login.html",
            "api_prefix": "api",
            "static_files_path": pages,
            "log_mode": "file",
            "log_level": "INFO",
            "log_file": self.folder / "glewlwyd.log",
            "cookie_domain": "127.0.0.1",
            "cookie_secure": 0,
            "cookie_same_site": "empty",
            "session_expiration": 3600,
            "session_key": "GLEWLWYD2_SESSION_ID",
            "login_api_enabled": True,
            "admin_scope": "g_admin",
            "profile_scope": "g_profile",
            "hash_algorithm": "SHA512",
            **{f"{name}_module_path": MODULES / folder for name, folder in modules.items()},
        }
        lines = [f"{name} = {_libconfig(value)}" for name, value in settings.items()]
        kinds = [f'{{ extension = "{end}" mime_type = "{kind}" }}' for end, kind in PAGE_KINDS.items()]
        lines.append(f'database = {{ type = "sqlite3" path = "{database}" }}')
        lines.append(f"static_files_mime_types = ( {', '.join(kinds)} )")
        return "\n".join(lines) + "\n"

    def _set_up(self) -> None:
        self.keys = [new_key()]
        admin = self._administrator()
        self._allow_properties(admin)
        for person in self.people:
            admin.call("POST", "user/", self._user(person))
        for client in self.clients:
            admin.call("POST", "client/", self._client(client))
        admin.call("POST", "mod/plugin/", self._plugin())

    def _allow_properties(self, admin: "Visit") -> None:
        """A person's roles and groups are lists of the site's own, which the database has to be told of."""
        backend = admin.call("GET", "mod/user/database")
        kind = {"multiple": True, "read": True, "write": True, "profile-read": True, "profile-write": False}
        backend["parameters"]["data-format"].update(roles=kind, groups=kind)
        admin.call("PUT", "mod/user/database", backend)
        admin.call("PUT", "mod/user/database/reset")

    def _user(self, person: Person) -> dict:
        return {
            "username": person.name,
            "password": person.password,
            "name": person.name.capitalize(),
            "email": f"{person.name}@example.org",
            "enabled": True,
            "scope": [SCOPE, "g_profile"],
            "roles": person.roles,
            "groups": person.groups,
        }

    def _client(self, client: Client) -> dict:
        return {
            "client_id": client.id,
            "client_name": client.id,
            "client_secret": client.secret,
            "confidential": True,
            "enabled": True,
            "redirect_uri": [client.redirect_uri],
            "authorization_type": ["code", "password", "refresh_token", "client_credentials"],
            "token_endpoint_auth_method": ["client_secret_basic", "client_secret_post"],
            "scope": [SCOPE],
        }

    def _plugin(self) -> dict:
        carried = {"username": "preferred_username", "roles": "roles", "groups": "groups"}
        parameters = {
            "iss": self.issuer,
            **self._key_parameters(),
            "jwks-show": True,
            "jwt-type": "rsa",
            "jwt-key-size": "256",
            "access-token-duration": self.access_token_s,
            "refresh-token-duration": 3600,
            "refresh-token-rolling": True,
            "refresh-token-one-use": "always",
            "code-duration": 60,
            "allow-non-oidc": True,
            "auth-type-code-enabled": True,
            "auth-type-code-revoke-replayed": True,
            "auth-type-token-enabled": False,
            "auth-type-implicit-enabled": False,
            "auth-type-password-enabled": True,
            "auth-type-client-enabled": True,
            "auth-type-refresh-enabled": True,
            "auth-type-device-enabled": False,
            "pkce-allowed": True,
            "pkce-required": True,
            "pkce-method-plain-allowed": False,
            "subject-type": "public",
            "introspection-revocation-allowed": True,
            "introspection-revocation-allow-target-client": True,
            "introspection-revocation-auth-scope": [],
            "scope-claim": "mandatory",
            "resource-allowed": True,
            "resource-scope": {SCOPE: self.audiences},
            "resource-client-property": "resource",
            "resource-scope-and-client-property": False,
            "resource-change-allowed": False,
            "additional-parameters": [
                {"user-parameter": own, "token-parameter": claim} for own, claim in carried.items()
            ],
            "claims": [
                {"name": claim, "user-property": own, "type": "string", "mandatory": True}
                for own, claim in carried.items()
            ],
        }
        return {
            "module": "oidc", "name": "oidc", "display_name": "OpenID Connect", "enabled": True,
            "parameters": parameters,
        }  # fmt: skip

    def _key_parameters(self) -> dict:
        return {"jwks-private": json.dumps({"keys": self.keys}), "default-kid": self.keys[0]["kid"]}

    def _administrator(self) -> "Visit":
        """Directly, past whatever stands in front of it."""
        admin = Visit(f"http://127.0.0.1:{self.port}")
        admin.call("POST", "auth/", ADMINISTRATOR)
        return admin


class Visit:
    """A session at its API, with a browser's cookies."""

    def __init__(self, url: str):
        self.url = url
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def call(self, method: str, path: str, body: object = None) -> object:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/{path}", data, headers, method=method)
        try:
            with self.opener.open(request, timeout=10) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise SystemExit(f"Glewlwyd answers {error.code} to {method} {path}: {error.read().decode()}") from None
        return json.loads(text) if text else None


def new_key() -> dict:
    """A private RSA key as a JWK with an id of its own (RFC 7517, RFC 7518 section 6.3)."""
    made = subprocess.run(["openssl", "genrsa", "-traditional", "2048"], capture_output=True, check=True)
    # RFC 8017 appendix A.1.2: a sequence of a version and these numbers.
    numbers = _der_integers(base64.b64decode(b"".join(made.stdout.splitlines()[1:-1])))
    names = ["n", "e", "d", "p", "q", "dp", "dq", "qi"]
    parts = {name: _base64url(number) for name, number in zip(names, numbers[1:], strict=True)}
    return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": f"key-{secrets.token_hex(4)}", **parts}


def _der_integers(sequence: bytes) -> list[bytes]:
    """The INTEGERs of a DER SEQUENCE of nothing else."""
    rest, integers = _der_value(sequence)[0], []
    while rest:
        value, rest = _der_value(rest)
        integers.append(value.lstrip(b"\0"))
    return integers


def _der_value(data: bytes) -> tuple[bytes, bytes]:
    """The content of the first element, and what follows it."""
    length, start = data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    return data[start : start + length], data[start + length :]


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _libconfig(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else f'"{value}"'


#: For its login page; the package's own would do too, where its place is known.
PAGE_SETTINGS = {
    "GlewlwydUrl": "./",
    "ProfileUrl": "profile.html",
    "AdminUrl": "index.html",
    "LoginUrl": "login.html",
    "CallbackPage": "callback.html",
    "PasswordMinLength": 8,
    "lang": ["en"],
    "pattern": {"user": [], "client": [], "scope": []},
    "profilePicture": False,
    "sessionSchemes": [],
}
PAGE_KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "application/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".ttf": "font/ttf",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}

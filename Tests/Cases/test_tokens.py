# SPDX-License-Identifier: Apache-2.0
"""`trust: token`: tokens of a real provider (Glewlwyd) are proven by a running Berth, and nothing else is taken."""

from __future__ import annotations

import base64
import datetime
import http.server
import importlib
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from berth import ROOT, Answer, Berth, Hub, free_port
from glewlwyd import CLIENT, SECRET, Glewlwyd, is_installed

pytestmark = pytest.mark.skipif(not is_installed(), reason="Glewlwyd is not installed: scripts/setup does it")


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Glewlwyd]:
    glewlwyd = Glewlwyd(tmp_path_factory.mktemp("glewlwyd"), free_port()).start()
    yield glewlwyd
    glewlwyd.stop()


@pytest.fixture
def berth(provider: Glewlwyd, hub: Callable[[dict[str, Any]], Hub]) -> Callable[..., Hub]:
    """A Berth that takes the provider's tokens; what is given is said of the issuer besides."""

    def start(*, key: str = "access_token", allow: Any = None, more: Any = None, **issuer: Any) -> Hub:
        common = {
            "issuer": provider.issuer,
            "audiences": ["openid", CLIENT],
            "roles": [{"claim": "roles", "split": ","}],
            "groups": [{"claim": "groups", "split": ","}],
        }
        return hub({
            "deployments": {
                "prod": {"hook_token_file": "secrets/prod.token", "trust": "token", "token_auth_state_key": key}
            },
            "identity": {"issuers": [common | issuer]},
            "profiles": [
                {"display_name": "GPU", "slug": "gpu", "allow": allow or {"role": "gpu-user"}},
                {"display_name": "Guest", "slug": "guest", "allow": {"group": "/lab/guests"}},
            ],
        } | (more or {}))

    return start


@pytest.fixture
def hub_file(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "config" / "jupyterhub"))
    return importlib.import_module("berth_hub")


def form(hub: Hub, user: str, auth_state: Any) -> Answer:
    body = hub.person(user, "", None, False) | {"auth_state": auth_state}
    return hub.berth.ask("/v1/hub/options-form", body)


def offered(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [profile["slug"] for profile in answer.body["profiles"]]


def decoded(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims, _ = token.split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims))  # type: ignore


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def forged(token: str, header: dict[str, Any] | None = None, claims: dict[str, Any] | None = None) -> str:
    """The same with some of it changed, signed with a key of our own."""
    own_header, own_claims = decoded(token)
    text = ".".join(
        encoded(json.dumps(part).encode()) for part in (own_header | (header or {}), own_claims | (claims or {}))
    )
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return f"{text}.{encoded(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def keys_reads(provider: Glewlwyd, hub: Hub) -> str:
    return hub.berth.ask("/readyz", token=None).body["parts"][f"issuer {provider.issuer}"]


def test_each_sees_what_their_token_allows(provider: Glewlwyd, berth: Callable[..., Hub]) -> None:
    hub = berth()
    assert offered(form(hub, "ana", provider.tokens("ana"))) == ["gpu"]
    assert offered(form(hub, "bo", provider.tokens("bo"))) == ["guest"]
    assert keys_reads(provider, hub) == "ok"


def test_the_whole_way_of_a_start(provider: Glewlwyd, berth: Callable[..., Hub]) -> None:
    hub = berth()
    state = provider.tokens("ana")
    ask = hub.person("ana", "", None, False) | {"auth_state": state}
    chosen = hub.berth.ask("/v1/hub/options", ask | {"form": {"profile": ["gpu"]}})
    assert chosen.status == 200, chosen.body
    ask["server"]["start"] = "start-1"
    granted = hub.berth.ask("/v1/hub/pre-spawn", ask | {"options": chosen.body["user_options"]})
    assert granted.status == 200 and granted.body["profile"] == "gpu"
    refused = hub.berth.ask("/v1/hub/pre-spawn", ask | {"options": {"profile": "guest"}})
    assert (refused.status, refused.code) == (403, "profile-not-allowed")


def test_an_id_token_is_taken_where_one_is_expected_and_nowhere_else(
    provider: Glewlwyd, berth: Callable[..., Hub]
) -> None:
    state = provider.tokens("ana")
    # In ID tokens Glewlwyd sends a list.
    hub = berth(key="id_token", roles=["roles"], groups=["groups"])
    assert offered(form(hub, "ana", state)) == ["gpu"]
    swapped = form(hub, "ana", {"id_token": state["access_token"]})
    assert (swapped.status, swapped.code) == (403, "token-type-wrong")


def test_an_id_token_is_no_access_token(provider: Glewlwyd, berth: Callable[..., Hub]) -> None:
    state = provider.tokens("ana")
    swapped = form(berth(), "ana", {"access_token": state["id_token"]})
    assert (swapped.status, swapped.code) == (403, "token-type-wrong")


def test_what_proves_nothing_is_refused_and_nothing_is_taken_instead(
    provider: Glewlwyd, berth: Callable[..., Hub]
) -> None:
    hub = berth()
    token = provider.tokens("bo")["access_token"]
    header, payload, signature = token.split(".")
    wanted = {
        forged(token, claims={"roles": "gpu-user"}): "token-signature-invalid",
        forged(token, header={"kid": "another"}): "token-key-unknown",
        forged(token, header={"alg": "none"}): "token-unsigned",
        forged(token, header={"alg": "HS256"}): "token-algorithm-unknown",
        f"{header}.{payload}.": "token-signature-invalid",
        f"{header}.{payload}.{signature}=": "token-malformed",
        "a" * 70_000: "token-too-large",
        "opaque": "token-opaque",
        "": "token-opaque",
    }
    # What a hub would believe stands beside it, and counts for nothing.
    beside = {"oauth_user": {"iss": provider.issuer, "sub": "bo", "roles": ["gpu-user"]}}
    for forgery, code in wanted.items():
        answer = form(hub, "bo", {"access_token": forgery} | beside)
        assert (answer.status, answer.code) == (403, code), forgery[:40]
        assert answer.body["user_message"]
        assert len(forgery) < 20 or forgery[-20:] not in json.dumps(answer.body)
    for state in (None, {}, beside, {"access_token": None}):
        answer = form(hub, "bo", state)
        assert (answer.status, answer.code) == (403, "token-missing")
    assert (form(hub, "bo", {"access_token": 5}).status) == 422
    assert (form(hub, "bo", []).status) == 422
    assert token not in hub.berth.log and signature not in hub.berth.log


@pytest.fixture
def shown() -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """A service that lets everybody in, and what it was asked and shown."""
    asked: list[tuple[str, str | None]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Authorization")))
            self.send_response(200)
            self.send_header("Content-Length", "13")
            self.end_headers()
            self.wfile.write(b'{"may": true}')

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


def test_a_service_is_shown_the_users_token_only_when_it_is_proven(
    provider: Glewlwyd, berth: Callable[..., Hub], shown: tuple[str, list[tuple[str, str | None]]]
) -> None:
    url, asked = shown
    look_up = {"name": "vo", "url": url + "/of/{claims.groups}", "user_token": "proven"}
    hub = berth(allow={"claim": "vo.may", "equals": True}, more={"lookups": [look_up]})
    token = provider.tokens("ana")["access_token"]
    refused = form(hub, "ana", {"access_token": forged(token)})
    assert (refused.status, asked) == (403, [])
    assert offered(form(hub, "ana", {"access_token": token})) == ["gpu"]
    assert offered(form(hub, "ana", {"access_token": token})) == ["gpu"]
    groups = decoded(token)[1]["groups"].replace("/", "%2F").replace(",", "%2C")
    assert asked == [(f"/of/{groups}", f"Bearer {token}")]
    other = provider.tokens("ana")["access_token"]
    assert offered(form(hub, "ana", {"access_token": other})) == ["gpu"]
    assert asked[1:] == [(f"/of/{groups}", f"Bearer {other}")]
    assert token not in hub.berth.log


def test_a_token_for_somebody_else_is_refused(provider: Glewlwyd, berth: Callable[..., Hub]) -> None:
    hub = berth(audiences=["another"])
    answer = form(hub, "ana", provider.tokens("ana"))
    assert (answer.status, answer.code) == (403, "token-audience-wrong")


def test_keys_rotate_while_tokens_come(provider: Glewlwyd, berth: Callable[..., Hub]) -> None:
    hub = berth()
    before = provider.tokens("ana")
    assert offered(form(hub, "ana", before)) == ["gpu"]
    provider.rotate()
    after = provider.tokens("ana")
    assert decoded(after["access_token"])[0]["kid"] != decoded(before["access_token"])[0]["kid"]
    assert offered(form(hub, "ana", after)) == ["gpu"]
    assert offered(form(hub, "ana", before)) == ["gpu"], "the key before is still published"


def test_without_the_provider_known_keys_count_and_unknown_ones_fail_closed(
    provider: Glewlwyd, berth: Callable[..., Hub]
) -> None:
    hub = berth()
    ana, bo = provider.tokens("ana"), provider.tokens("bo")
    assert offered(form(hub, "ana", ana)) == ["gpu"]
    provider.stop()
    try:
        assert offered(form(hub, "bo", bo)) == ["guest"], "proven by the key that is known"
        unknown = form(hub, "bo", {"access_token": forged(bo["access_token"], header={"kid": "new"})})
        assert (unknown.status, unknown.code) == (503, "issuer-unreachable")
        assert unknown.body["retry_after_s"] == 30
        assert "are used until" in keys_reads(provider, hub)
        other = Berth(hub.berth.folder / "other", hub.berth.site)
        other.folder.mkdir()
        try:
            answer = form(Hub(other.start()), "ana", ana)
            assert (answer.status, answer.code) == (503, "issuer-unreachable"), "a Berth that never had keys"
        finally:
            assert other.stop() == 0
    finally:
        provider.start()


def secret(folder: Path) -> str:
    file = folder / "client.secret"
    file.write_text(SECRET + "\n")
    file.chmod(0o600)
    return str(file)


@pytest.mark.parametrize("method", ["basic", "post"])
def test_the_provider_is_asked_about_tokens(
    provider: Glewlwyd, berth: Callable[..., Hub], tmp_path: Path, method: str
) -> None:
    hub = berth(
        tokens="introspect", client_id=CLIENT, client_secret_file=secret(tmp_path), client_secret_by=method,
        answers_kept="1s", allow={"claim": "username", "equals": "ana"},
    )
    state = provider.tokens("ana")
    assert offered(form(hub, "ana", state)) == ["gpu"]
    provider.revoke(state["access_token"])
    deadline = time.monotonic() + 20
    while (answer := form(hub, "ana", state)).status == 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert (answer.status, answer.code) == (403, "token-inactive")
    assert form(hub, "ana", {"access_token": "opaque"}).code == "token-inactive"
    assert SECRET not in hub.berth.log


def test_a_wrong_secret_leaves_tokens_unknown(provider: Glewlwyd, berth: Callable[..., Hub], tmp_path: Path) -> None:
    file = tmp_path / "client.secret"
    file.write_text("not-the-secret\n")
    hub = berth(tokens="introspect", client_id=CLIENT, client_secret_file=str(file))
    answer = form(hub, "ana", provider.tokens("ana"))
    assert (answer.status, answer.code) == (503, "issuer-answer-unusable")


def test_userinfo_tells_of_tokens(provider: Glewlwyd, berth: Callable[..., Hub]) -> None:
    hub = berth(tokens="userinfo", roles=["roles"], groups=["groups"])
    assert offered(form(hub, "ana", provider.tokens("ana"))) == ["gpu"]
    answer = form(hub, "ana", {"access_token": "opaque"})
    assert (answer.status, answer.code) == (403, "token-inactive")


# Issuers with TLS: Glewlwyd speaks HTTP here, so a small server publishes keys over a certificate of our own.


def certificate(folder: Path) -> Path:
    """For localhost, signed by itself; the key stands behind it in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, text = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file = folder / "localhost.pem"
    file.write_bytes(signed.public_bytes(pem) + key.private_bytes(pem, text, serialization.NoEncryption()))
    return file


class Publisher:
    """An issuer with TLS that publishes one key, and what its document leads to."""

    def __init__(self, folder: Path) -> None:
        self.certificate = certificate(folder)
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        publisher = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(publisher.documents.get(self.path)).encode()
                self.send_response(200 if self.path in publisher.documents else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.issuer = f"https://localhost:{self.server.server_port}"
        numbers = self.key.public_key().public_numbers()
        jwk = {"kty": "RSA", "kid": "k", "n": encoded(numbers.n.to_bytes(256, "big")), "e": "AQAB"}
        self.documents = {
            "/.well-known/openid-configuration": {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"},
            "/keys": {"keys": [jwk]},
        }
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token(self) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": "ana", "aud": "hub", "exp": now + 60, "iat": now, "roles": ["gpu-user"]}
        parts = ({"alg": "RS256", "kid": "k", "typ": "at+jwt"}, claims)
        text = ".".join(encoded(json.dumps(part).encode()) for part in parts)
        return f"{text}.{encoded(self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def site(self, **identity: Any) -> dict[str, Any]:
        issuer = {"issuer": self.issuer, "audiences": ["hub"], "roles": ["roles"]}
        return {
            "deployments": {"prod": {"hook_token_file": "secrets/prod.token", "trust": "token"}},
            "identity": {"issuers": [issuer]} | identity,
            "profiles": [{"display_name": "GPU", "slug": "gpu", "allow": {"role": "gpu-user"}}],
        }


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Publisher]:
    publisher = Publisher(tmp_path)
    yield publisher
    publisher.server.shutdown()


def test_an_issuer_is_believed_by_its_certificate(publisher: Publisher, hub: Callable[[dict[str, Any]], Hub]) -> None:
    asking = hub(publisher.site(ca_file=str(publisher.certificate)))
    assert offered(form(asking, "ana", {"access_token": publisher.token()})) == ["gpu"]


def test_an_issuer_with_a_strange_certificate_is_not_believed(
    publisher: Publisher, hub: Callable[[dict[str, Any]], Hub]
) -> None:
    answer = form(hub(publisher.site()), "ana", {"access_token": publisher.token()})
    assert (answer.status, answer.code) == (503, "issuer-unreachable")
    assert "certificate" in answer.body["detail"]


def test_a_document_that_leads_out_of_tls_is_not_followed(
    publisher: Publisher, hub: Callable[[dict[str, Any]], Hub]
) -> None:
    publisher.documents["/.well-known/openid-configuration"]["jwks_uri"] = "http://127.0.0.1:9/keys"
    asking = hub(publisher.site(ca_file=str(publisher.certificate)))
    answer = form(asking, "ana", {"access_token": publisher.token()})
    assert (answer.status, answer.code) == (503, "issuer-endpoint-unusable")


def test_the_hubs_file_sends_the_token_and_nothing_else(hub_file: Any) -> None:
    auth_state = {"access_token": "a", "refresh_token": "r", "id_token": "i", "oauth_user": {"sub": "ana"}}
    hooks = hub_file.Hooks(None, "deny", "oauth_user", {}, "access_token")
    assert hooks._sendable(auth_state) == {"access_token": "a"}
    assert hooks._sendable({"access_token": 5}) is None
    assert hooks._sendable(None) is None
    claims = hub_file.Hooks(None, "deny", "oauth_user", {})
    assert claims._sendable(auth_state) == {"oauth_user": {"sub": "ana"}}
    with pytest.raises(ValueError, match="refresh token"):
        hub_file.install(None, "http://127.0.0.1:1", "none", token_key="refresh_token")


def test_an_access_token_with_a_role_is_an_operators_and_a_forged_one_nobodys(
    provider: Glewlwyd, berth: Callable[..., Hub]
) -> None:
    roles = {"viewer": "basic", "operator": ["staff"]}
    admin = {"issuer_tokens": {"issuer": provider.issuer, "roles": roles}}
    hub = berth(more={"admin": admin})
    ana, bo = (provider.tokens(name)["access_token"] for name in ("ana", "bo"))

    def ask(token: str, path: str = "nodes", body: Any = None) -> Answer:
        return hub.berth.ask(f"/v1/admin/{path}", body, token=token)

    assert ask(ana).status == 200 and ask(bo).status == 200
    assert ask(bo, "nodes/n1/drain", {"reason": "x"}).code == "role-too-low"
    # Known, and may: it is the node that is not there.
    assert ask(ana, "nodes/n1/drain", {"reason": "x"}).code == "node-unknown"
    for token in (forged(bo, claims={"roles": "staff"}), forged(ana), provider.tokens("ana")["id_token"]):
        assert ask(token).code == "admin-token-invalid"
    assert ana not in hub.berth.log

# SPDX-License-Identifier: Apache-2.0
"""TLS as a running Berth speaks it: its certificates change under it, and clients show theirs."""

from __future__ import annotations

import http.client
import json
import os
import re
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from berth import ROOT, Berth, Hub, free_port
from test_admission import pod, review, site

sys.path.insert(0, str(ROOT / "scripts"))
from lab.certificates import authority, certificate  # noqa: E402

SERVER = "subjectAltName=IP:127.0.0.1"
CLIENT = "extendedKeyUsage=clientAuth"


class Secure:
    """A Berth that listens for TLS besides; `pair` is a link that is turned, as kubelet turns that of a secret."""

    def __init__(self, folder: Path, hub: Callable[[dict[str, Any]], Hub], **tls: Any):
        self.folder = folder
        for name in ["ca", "stranger"]:
            authority(folder, name)
        for name in ["first", "second"]:
            certificate(folder, name, f"/CN={name}", SERVER)
            self.put(name, name, name)
        certificate(folder, "apiserver", "/CN=kube-apiserver", CLIENT)
        certificate(folder, "kubelet", "/CN=kubelet", CLIENT)
        certificate(folder, "foreign", "/CN=kube-apiserver", CLIENT, by="stranger")
        self.turn("first")
        self.port = free_port()
        (folder / "secrets").mkdir()
        for name, text in [("seal.key", "k" * 32), ("webhook.secret", "s" * 32)]:
            (folder / "secrets" / name).touch(mode=0o600)
            (folder / "secrets" / name).write_text(text)
        self.hub = hub(site(client_names=["kube-apiserver"]) | {
            "tls": {
                "listen": f"127.0.0.1:{self.port}", "certificate_file": "pair/tls.crt", "key_file": "pair/tls.key",
                "client_ca_file": "ca.pem", **tls,
            },
        })  # fmt: skip
        self.berth: Berth = self.hub.berth

    def put(self, folder: str, certificate: str, key: str) -> None:
        """A folder with that pair."""
        place = self.folder / f"pair-{folder}"
        place.mkdir()
        (place / "tls.crt").write_bytes((self.folder / f"{certificate}.pem").read_bytes())
        (place / "tls.key").touch(mode=0o600)
        (place / "tls.key").write_bytes((self.folder / f"{key}.key").read_bytes())

    def turn(self, name: str) -> None:
        (self.folder / "next").symlink_to(f"pair-{name}")
        os.replace(self.folder / "next", self.folder / "pair")

    def connection(self, client: str | None = None) -> http.client.HTTPSConnection:
        context = ssl.create_default_context(cafile=self.folder / "ca.pem")
        if client:
            context.load_cert_chain(self.folder / f"{client}.pem", self.folder / f"{client}.key")
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=20)

    def shown(self) -> str:
        """The name in the certificate that a new connection sees."""
        line = self.connection()
        line.connect()
        try:
            return line.sock.getpeercert()["subject"][0][0][1]
        finally:
            line.close()

    def part(self, name: str) -> str:
        return self.berth.ask("/readyz", token=None).body["parts"][name]

    def metric(self, name: str) -> float:
        found = re.search(rf"^{name} (\S+)$", self.berth.ask("/metrics", token=None).body, re.MULTILINE)
        assert found, name
        return float(found[1])

    def wait(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not holds():
            assert time.monotonic() < deadline, self.berth.log[-2000:]
            time.sleep(0.05)


@pytest.fixture
def secure(hub, tmp_path):
    return lambda **tls: Secure(tmp_path, hub, **tls)


def answer(line: http.client.HTTPSConnection, path: str, body: Any = None) -> tuple[int, Any]:
    line.request("GET" if body is None else "POST", path, None if body is None else json.dumps(body))
    found = line.getresponse()
    return found.status, json.loads(found.read())


def test_health_is_told_over_tls_and_says_until_when_the_certificate_counts(secure):
    server = secure()
    status, health = answer(server.connection(), "/readyz")
    assert status == 200 and health["parts"]["tls"].startswith("ok, until ")
    assert server.metric("berth_tls_certificate_expires_unix_seconds") > time.time() + 86_400


def test_a_turned_link_is_taken_without_a_signal_and_open_connections_go_on(secure):
    server = secure()
    line = server.connection()
    assert answer(line, "/readyz")[0] == 200
    held = line.sock
    server.turn("second")
    server.wait(lambda: server.shown() == "second")
    assert answer(line, "/readyz")[0] == 200
    assert line.sock is held and held.getpeercert()["subject"][0][0][1] == "first"
    assert server.part("configuration") == "ok"


def test_a_pair_that_does_not_fit_keeps_the_old_one_in_force_and_is_told(secure):
    server = secure()
    server.put("mixed", "second", "first")
    server.turn("mixed")
    server.wait(lambda: "is another certificate's key" in server.part("configuration"))
    assert server.shown() == "first"
    server.wait(lambda: server.metric("berth_config_file_in_force") == 0)
    server.wait(lambda: "configuration not reloaded" in server.berth.log)
    server.turn("second")
    server.wait(lambda: server.shown() == "second")
    server.wait(lambda: server.part("configuration") == "ok")


def test_a_renewed_certificate_is_taken_while_another_part_of_the_file_is_wrong(secure):
    server = secure()
    file = server.folder / "berth.yaml"
    file.write_text(file.read_text().replace('"profiles"', '"profilez"'))
    server.wait(lambda: "profilez" in server.part("configuration"))
    server.turn("second")
    server.wait(lambda: server.shown() == "second")
    assert "profilez" in server.part("configuration")


def test_the_webhook_is_open_to_the_named_client_only(secure):
    server = secure()
    for client, wanted in [("apiserver", 200), ("kubelet", 403), (None, 403)]:
        assert answer(server.connection(client), "/v1/admission/pods", review(pod()))[0] == wanted, client
    with pytest.raises((ssl.SSLError, OSError)):
        answer(server.connection("foreign"), "/v1/admission/pods", review(pod()))
    server.wait(lambda: '"reason":"certificate verify failed"' in server.berth.log)
    failed = 'berth_tls_handshakes_failed_total{reason="certificate verify failed"} 1'
    assert failed in server.berth.ask("/metrics", token=None).body


def test_a_hub_asks_over_tls_as_it_does_without(secure):
    server = secure()
    line = server.connection()
    line.request("GET", "/v1/availability", headers={"Authorization": "Bearer prod-hook-token-0123456789abcdef"})
    assert line.getresponse().status == 200


def test_certificates_can_be_demanded(secure):
    server = secure(client_certificates="required")
    assert answer(server.connection("kubelet"), "/readyz")[0] == 200
    with pytest.raises((ssl.SSLError, OSError)):
        answer(server.connection(), "/readyz")

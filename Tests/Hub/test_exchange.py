# SPDX-License-Identifier: Apache-2.0
"""Tokens of one audience each, for which a real provider exchanges the hub's own (RFC 8693): idpyoidc's, since
Glewlwyd cannot.
"""

from __future__ import annotations

from pathlib import Path

import jupyterhub
import pytest
import requests
from forging import parts
from hand_off import ARC, DCACHE, HandOff, server
from hub import eventually
from lab.exchange import Client, ExchangeProvider

#: As the hub asks for it.
LIFE_S = 300
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"

pytestmark = pytest.mark.skipif(
    jupyterhub.version_info[0] < 6, reason="what differs between hubs is tested with the other provider"
)


class Exchanging(HandOff):
    """Its provider knows Berth as the hub, and gives tokens for ARC and not for dCache."""

    def _new_provider(self, folder: Path, hub_url: str, access_token_s: int) -> ExchangeProvider:
        self.client = Client("jupyterhub", f"{hub_url}/hub/oauth_callback")
        provider = ExchangeProvider(folder / "idpyoidc", "ana", [self.client], [ARC], life_s=access_token_s)
        provider.hub_environment = {
            "LOGIN_ISSUER": provider.issuer,
            "LOGIN_CLIENT_ID": self.client.id,
            "LOGIN_CLIENT_SECRET": self.client.secret,
            "LOGIN_CALLBACK_URL": self.client.redirect_uri,
            "LOGIN_AUDIENCE": self.client.id,
            "LOGIN_PLAIN": "1",
        }
        secret = folder / "exchange.secret"
        secret.touch(mode=0o600)
        secret.write_text(self.client.secret)
        provider.terms = {
            "issuer": provider.issuer,
            "audiences": [self.client.id],
            "username": "preferred_username",
            "roles": ["roles"],
            "exchange": {"client_id": self.client.id, "client_secret_file": "../exchange.secret"},
        }
        return provider

    def log_in(self) -> None:
        """To the provider, which asks nothing, and back."""
        browser = requests.Session()
        place = f"{self.hub.url}/hub/oauth_login"
        for _ in ("the hub", "the provider", "the hub again"):
            answer = browser.get(place, timeout=30, allow_redirects=False)
            assert answer.status_code == 302, answer.text[-500:]
            place = answer.headers["Location"]

    def held(self) -> str:
        """The access token that the hub has."""
        bearer = {"Authorization": f"token {self.hub.token_of_berth}"}
        url = f"{self.hub.url}/hub/api/berth/access-token"
        return requests.post(url, headers=bearer, json={"user": "ana"}, timeout=30).json()["access_token"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Exchanging(tmp_path_factory.mktemp("exchange"), access_token_s=LIFE_S)
    site.berth = site.new_berth()
    site.log_in()
    yield site
    site.berth.stop()
    site.stop()


@pytest.fixture(scope="module")
def environment(site):
    with server(site) as environment:
        yield environment


def exchanges(site) -> list[dict]:
    return [asked for asked in site.provider.asked if asked.get("grant_type") == EXCHANGE]


def test_the_hubs_token_is_exchanged_for_one_of_the_audience(site, environment):
    answer = site.as_sidecar(environment, ARC)
    told = answer.json()
    assert (answer.status_code, told["narrowed_by"], told["warning"]) == (200, "exchange", None)
    _, claims = parts(told["access_token"])
    assert (claims["aud"], claims["preferred_username"]) == ([ARC], "ana")
    assert claims["exp"] - claims["iat"] == LIFE_S and LIFE_S - 60 < told["expires_in_s"] <= LIFE_S
    held = site.held()
    assert told["access_token"] != held and parts(held)[1]["aud"] == [site.client.id]
    asked = exchanges(site)[-1]
    assert asked == {
        "grant_type": EXCHANGE,
        "subject_token_type": ACCESS_TOKEN,
        "requested_token_type": ACCESS_TOKEN,
        "audience": ARC,
        "answer": ["access_token", "expires_in", "issued_token_type", "scope", "token_type"],
    }
    # It is kept: whoever asks next costs no exchange.
    before = len(exchanges(site))
    assert site.as_sidecar(environment, ARC).json()["access_token"] == told["access_token"]
    assert len(exchanges(site)) == before


def test_an_audience_that_the_provider_refuses_gets_nothing(site, environment):
    answer = site.as_sidecar(environment, DCACHE)
    assert (answer.status_code, answer.json()["code"]) == (503, "token-not-exchanged")
    assert "answers 400" in answer.json()["detail"] and exchanges(site)[-1]["answer"] == ["error", "error_description"]
    nothing_of_the_hubs_is_in(site, answer)


def test_an_answer_that_does_not_say_how_long_the_token_lasts_is_told_by_the_token(site, environment):
    site.provider.change_life(None)
    site.log_in()
    site.berth.stop()
    site.berth = site.restarted_berth()  # which has kept no token
    told = site.as_sidecar(environment, ARC).json()
    assert "expires_in" not in exchanges(site)[-1]["answer"]
    _, claims = parts(told["access_token"])
    life_s = claims["exp"] - claims["iat"]
    assert life_s != LIFE_S and life_s - 60 < told["expires_in_s"] <= life_s


def test_without_the_provider_no_wider_token_takes_its_place(site, environment):
    site.berth.stop()
    site.berth = site.restarted_berth()
    held = site.held()
    site.provider.stop()
    answer = site.as_sidecar(environment, ARC)
    assert (answer.status_code, answer.json()["code"]) == (503, "token-not-exchanged")
    assert held not in answer.text and held not in site.berth.log.read_text()
    # It is back, and knows none of its logins: the subject token is none of its own any more.
    site.provider.start()
    assert eventually(lambda: "answers 400" in site.as_sidecar(environment, ARC).json()["detail"])
    nothing_of_the_hubs_is_in(site, answer)


def nothing_of_the_hubs_is_in(site, answer) -> None:
    held = site.held()
    assert held not in answer.text and held not in site.berth.log.read_text()
    assert "access_token" not in answer.json()
    assert all("refresh" not in f"{asked}" for asked in exchanges(site))

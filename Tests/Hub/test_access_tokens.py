# SPDX-License-Identifier: Apache-2.0
"""Users' access tokens as the hub gives them to Berth, at a real provider whose refresh tokens serve
once.
"""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from forging import parts
from login_site import Login
from provider import PEOPLE, TOKENS

#: Shorter than a hub ever asks for, so that every renewal is seen.
LIFE_S = 6
JWT = re.compile(r"eyJ[\w-]+\.eyJ")


@pytest.fixture(scope="module", params=["OIDCLogin", "OAuthenticator"])
def whole_login(request, tmp_path_factory):
    plain = {"LOGIN_PLAIN": "1"} if request.param == "OAuthenticator" else {}
    login = Login(tmp_path_factory.mktemp("tokens"), access_token_s=LIFE_S, **plain)
    yield login
    login.stop()


@pytest.fixture
def login(whole_login):
    """Everybody newly logged in, and nothing noted."""
    for person in PEOPLE:
        whole_login.visitor(person.name)
    whole_login.provider.gate.passed.clear()
    whole_login.provider.gate.answered.clear()
    yield whole_login
    log = whole_login.hub.log
    assert "refresh_token" not in log and not JWT.search(log)


def ask(login, name: str = "ana", bearer: str | None = None, **more) -> requests.Response:
    return requests.post(
        f"{login.hub.url}/hub/api/berth/access-token",
        headers={"Authorization": f"token {bearer or login.hub.token_of_berth}"},
        json={"user": name, **more},
        timeout=30,
    )


def given(login, name: str = "ana", **more) -> dict:
    answer = ask(login, name, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refreshes(login) -> int:
    return login.provider.gate.count(TOKENS)


def test_a_token_that_lasts_is_given_as_it_is(login):
    first, second = given(login, least_s=1), given(login, least_s=1)
    assert first.keys() == {"access_token", "expires_in_s", "narrowed_by"}
    assert (first["access_token"], refreshes(login)) == (second["access_token"], 0)
    assert 0 < first["expires_in_s"] <= LIFE_S and first["narrowed_by"] == "nothing"
    assert parts(first["access_token"])[1]["preferred_username"] == "ana"


def test_one_that_is_about_to_lapse_is_renewed_and_one_that_has_too(login):
    first = given(login)["access_token"]
    time.sleep(LIFE_S / 2 + 1)
    second = given(login)
    assert second["access_token"] != first and second["expires_in_s"] >= LIFE_S / 2
    time.sleep(LIFE_S + 1)
    third = given(login)
    assert third["access_token"] != second["access_token"]
    assert parts(third["access_token"])[1]["exp"] > time.time()
    assert refreshes(login) == 2


def test_no_refresh_token_is_spent_twice_whoever_asks(login):
    """The hub renews logins itself, as users use it, while Berth asks for tokens."""
    is_over = threading.Event()
    own = {person.name: login.hub.api.token_of(person.name) for person in PEOPLE}

    def as_berth(name):
        while not is_over.is_set():
            answer = ask(login, name)
            # What the machine is too busy for is said, and goes on without who asked.
            if answer.status_code == 200 or answer.json()["code"] != "login-not-renewed":
                assert parts(answer.json()["access_token"])[1]["exp"] > time.time()

    def as_hub(name):
        while not is_over.is_set():
            # A spawn has the hub renew the login; with such options nothing starts.
            login.hub.api.start(name, {"profile": "nosuch"}, "other")
            requests.get(
                f"{login.hub.url}/hub/api/user",
                headers={"Authorization": f"token {own[name]}"},
                timeout=30,
            )

    berth = login.new_berth()
    with ThreadPoolExecutor(16) as pool:
        names = list(own) * 4
        work = [pool.submit(ask_on, name) for name in names for ask_on in (as_berth, as_hub)]
        deadline = time.monotonic() + 300
        while refreshes(login) < 30 and time.monotonic() < deadline:
            time.sleep(0.5)
            if any(one.done() for one in work):
                break
        is_over.set()
        for one in work:
            one.result()
    berth.stop()
    assert refreshes(login) >= 30
    assert {line for line in login.provider.gate.answered if TOKENS in line} == {f"{TOKENS} 200"}


def test_a_login_that_the_provider_has_ended_is_told(login):
    login.provider.end_logins("ana")
    time.sleep(LIFE_S + 1)
    answer = ask(login)
    assert (answer.status_code, answer.json()["code"]) == (403, "login-expired")
    assert given(login, "bo")["access_token"]
    login.visitor("ana")
    assert given(login)["access_token"]


def test_while_the_provider_is_away_it_is_said_when_to_come_again(login):
    time.sleep(LIFE_S + 1)
    login.provider.stop()
    try:
        answer = ask(login)
        assert (answer.status_code, answer.json()["code"]) == (503, "login-not-renewed")
        assert answer.headers["Retry-After"] == "5"
    finally:
        login.provider.start()
    an_answer_without_an_access_token_is_not_logged(login)
    assert given(login)["access_token"]


def an_answer_without_an_access_token_is_not_logged(login):
    gate = login.provider.gate
    gate.instead[TOKENS] = b'{"token_type": "bearer", "refresh_token": "of-nobody"}'
    try:
        assert ask(login).json()["code"] == "login-not-renewed"
        # The hub's own renewal, before a start.
        login.hub.api.start("ana", {"profile": "nosuch"}, "other")
        assert gate.count(TOKENS) >= 1
    finally:
        gate.instead.clear()
    assert "of-nobody" not in login.hub.log


def test_nobody_but_a_service_with_the_scope_is_given_tokens(login):
    hub = login.hub
    # An administrator may read auth state, and is not Berth.
    admin = hub.api.call("POST", "/users", json={"usernames": ["root"]})
    assert admin.status_code in (201, 409), admin.text
    hub.api.call("PATCH", "/users/root", json={"admin": True})
    without_scope = hub.token_of_berth[::-1]
    for bearer in (without_scope, hub.api.token_of("root"), hub.api.token_of("ana"), "nonsense"):
        answer = ask(login, bearer=bearer)
        assert answer.status_code == 403 and "access_token" not in answer.text
        assert "code" not in answer.json()


def test_unknown_users_and_questions_that_make_no_sense_are_told_apart(login):
    answer = ask(login, "nobody")
    assert (answer.status_code, answer.json()["code"]) == (404, "user-unknown")
    for body in ({"name": ""}, {"least_s": "60"}, {"least_s": -1}, {"scope": 'a"b'}, {"scope": 1}):
        assert ask(login, body.pop("name", "ana"), **body).status_code == 400, body
    login.hub.api.call("POST", "/users", json={"usernames": ["new"]})
    assert ask(login, "new").json()["code"] == "login-expired"


@pytest.fixture(scope="module")
def narrowing_login(tmp_path_factory):
    login = Login(tmp_path_factory.mktemp("narrow"), access_token_s=LIFE_S, LOGIN_NARROWS="1")
    yield login
    login.stop()


def test_a_token_is_narrow_only_where_the_provider_says_so_and_the_login_lives_on(narrowing_login):
    """Glewlwyd gives all scopes of the login, whatever it is asked for; here that is one."""
    login = narrowing_login
    login.visitor("ana")
    for scope, by in [("openid", "scope"), ("storage.read", "nothing"), ("openid", "scope")]:
        assert given(login, scope=scope)["narrowed_by"] == by
    time.sleep(LIFE_S + 1)
    assert given(login)["narrowed_by"] == "nothing"
    assert {line for line in login.provider.gate.answered if TOKENS in line} == {f"{TOKENS} 200"}

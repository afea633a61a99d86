# SPDX-License-Identifier: Apache-2.0
"""Login at a real provider (Glewlwyd), and what Berth makes of the access token that the hub hands
on.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from client import API
from forging import expired, parts, signed, signed_with_public_key, unsigned
from login_site import Login
from provider_login import BREAKS
from provider import KEYS, PEOPLE, TOKENS


@pytest.fixture(scope="module")
def whole_login(tmp_path_factory):
    login = Login(tmp_path_factory.mktemp("login"))
    yield login
    login.stop()


@pytest.fixture
def berth(whole_login):
    process = whole_login.new_berth()
    yield process
    process.stop()


@pytest.fixture
def login(whole_login, berth):
    """A Berth that has seen no token yet, everybody newly logged in, and nothing noted."""
    whole_login.reset()
    for person in PEOPLE:
        whole_login.visitor(person.name)
    whole_login.provider.gate.passed.clear()
    yield whole_login
    whole_login.reset()
    hub = whole_login.hub
    assert hub.is_healthy, hub.process.last_lines()
    for user in hub.api.call("GET", "/users?state=active").json():
        hub.stop_server(user["name"])


def sent(login, question: str = "pre-spawn") -> list[str]:
    """The tokens that the hub has handed on."""
    return [call.body["auth_state"]["access_token"] for call in login.middleman.of(question)]


def own_token(login, name: str) -> str:
    """The access token that the hub hands on when the user's form is made."""
    login.middleman.reset()
    login.visitor(name).spawn_page()
    return sent(login, "options-form")[-1]


def refusal(login, name: str, options: dict) -> tuple[int, str, str]:
    """A start by the hub's API: the status and the sentence that the user gets, Berth's code."""
    login.middleman.reset()
    answer = login.hub.api.start(name, options)
    problem = login.middleman.of("pre-spawn")[-1].answer
    assert answer.json().get("message") == problem.get("user_message"), answer.text
    assert login.hub.api.server(name) is None
    return answer.status_code, problem["user_message"], problem["code"]


def test_each_sees_what_their_roles_at_the_provider_allow(login):
    assert login.visitor("ana").spawn_page().profiles == ["cpu", "gpu"]
    assert login.visitor("bo").spawn_page().profiles == ["cpu"]


def test_a_start_is_decided_on_the_token_whichever_way_it_comes(login):
    environment = login.hub.start_server("ana", {"profile": "gpu", "gpu": "dedicated"})
    assert (environment["BERTH_PROFILE"], environment["CUDA_VISIBLE_DEVICES"]) == (
        "gpu",
        "GPU-0001",
    )
    own = API(login.hub.url, login.hub.api.token_of("bo"))
    assert own.start("bo", {"profile": "gpu"}).status_code == 403
    assert refusal(login, "bo", {"profile": "gpu"})[::2] == (403, "profile-not-allowed")


def test_the_access_token_leaves_the_hub_and_nothing_else(login, berth):
    login.visitor("ana").spawn_page()
    login.hub.start_server("ana", {"profile": "gpu"})
    asked = [call for call in login.middleman.calls if "auth_state" in call.body]
    assert {call.question for call in asked} >= {"options-form", "pre-spawn"}
    assert all(call.body["auth_state"].keys() == {"access_token"} for call in asked)
    token = sent(login)[-1]
    header, claims = parts(token)
    assert header["typ"] == "at+jwt" and claims["roles"] == "staff,gpu-user,gpu-dedicated"
    for log in (login.hub.log, berth.log.read_text()):
        assert token not in log and token.split(".")[2] not in log


def test_keys_change_while_people_come_and_the_new_one_is_asked_for_once(login):
    old = {person.name: own_token(login, person.name) for person in PEOPLE}
    visitors = [login.visitor(person.name) for person in PEOPLE for _ in range(3)]
    login.provider.gate.passed.clear()
    is_over = threading.Event()

    def look(visitor):
        pages = []
        while not is_over.is_set() or len(pages) < 3:
            pages.append(visitor.spawn_page())
        return pages

    with ThreadPoolExecutor(len(visitors)) as pool:
        looking = [pool.submit(look, visitor) for visitor in visitors]
        try:
            kid = login.provider.rotate()
            login.lapse()
            # Each with a token that is made for it; of another server, so that the page stays.
            starts = [login.hub.api.start(name, {"profile": "nosuch"}, "other") for name in old]
        finally:
            is_over.set()
        pages = [page for visitor in looking for page in visitor.result()]
    assert [start.status_code for start in starts] == [422, 422]
    assert {page.status for page in pages} == {200}
    assert {tuple(page.profiles) for page in pages} == {("cpu", "gpu"), ("cpu",)}
    assert {parts(token)[0]["kid"] for token in sent(login)} == {kid}
    assert login.provider.gate.count(KEYS) == 1
    # The key before is still published, so tokens that it signed are proven.
    (login.hub.scratch / "lapsed").unlink()
    for name, token in old.items():
        login.plant(name, token)
        assert login.hub.api.start(name, {"profile": "nosuch"}).status_code == 422


def test_tokens_of_a_key_that_is_withdrawn_end_with_a_word(login):
    old = own_token(login, "bo")
    login.provider.rotate(keep=0)
    login.lapse()
    assert login.hub.api.start("ana", {"profile": "nosuch"}).status_code == 422
    login.plant("bo", old)
    status, words, code = refusal(login, "bo", {"profile": "cpu"})
    assert (status, code) == (403, "token-key-unknown")
    assert "Log out of the hub and in again" in words


def test_made_up_keys_are_asked_for_once(login):
    token = own_token(login, "bo")
    login.provider.gate.passed.clear()
    answers = []
    for number in range(5):
        login.plant("bo", signed(token, None, header={"kid": f"made-up-{number}"}))
        answers.append(refusal(login, "bo", {"profile": "cpu"})[::2])
    # While keys rest, nobody can tell a made-up one from one of a second rotation.
    assert answers == [(403, "token-key-unknown")] + [(503, "issuer-keys-resting")] * 4
    assert login.provider.gate.count(KEYS) == 1


def test_refresh_tokens_serve_once_and_starts_at_one_time_do_not_spend_one_twice(login):
    login.lapse()
    servers = ["one", "two", "three", "four", "five", "six"]
    with ThreadPoolExecutor(len(servers)) as pool:
        starts = [
            pool.submit(login.hub.api.start, "ana", {"profile": "nosuch"}, name) for name in servers
        ]
        assert [start.result().status_code for start in starts] == [422] * len(servers)
    assert len(set(sent(login))) == len(servers)
    assert login.provider.gate.count(TOKENS) == len(servers)
    # The chain of refresh tokens is whole: a token that was spent twice would have ended it.
    assert refusal(login, "ana", {"profile": "nosuch"})[0] == 422
    assert login.provider.gate.count(TOKENS) == len(servers) + 1


def test_without_the_provider_known_keys_count_and_unknown_ones_do_not(login, berth):
    visitor = login.visitor("ana")
    token = own_token(login, "ana")
    login.provider.stop()
    try:
        assert visitor.spawn_page().profiles == ["cpu", "gpu"]
        login.lapse()  # a token that is due to be renewed, and cannot be, still counts
        login.hub.start_server("ana", {"profile": "gpu"})
        login.plant(
            "bo",
            signed(token, None, header={"kid": "of-tomorrow"}, claims={"preferred_username": "bo"}),
        )
        status, words, code = refusal(login, "bo", {"profile": "gpu"})
        assert (status, code) == (503, "issuer-unreachable")
        assert "the login service does not answer" in words
        ready = requests.get(
            f"http://127.0.0.1:{login.middleman.berth_port}/readyz", timeout=5
        ).json()
        assert "are used until" in ready["parts"][f"issuer {login.provider.issuer}"]
    finally:
        login.provider.start()


def test_a_token_that_has_expired_says_log_in_again(login):
    login.plant("bo", expired(own_token(login, "bo"), login.provider.keys[0]))
    status, words, code = refusal(login, "bo", {"profile": "cpu"})
    assert (status, code) == (403, "token-expired")
    assert "Log out of the hub and in again" in words


@pytest.mark.parametrize("looked", ["for a moment", "for long"])
def test_whose_login_ends_while_they_look_at_the_spawn_page_is_told_so(login, looked):
    visitor = login.visitor("bo")
    form = visitor.spawn_page()
    if looked == "for long":
        login.age()
    login.lapse()
    with login.provider.without("bo"):
        page = visitor.send(form, {"profile": "cpu"})
        assert page.status == 403 and "Log out of the hub and in again" in page.text
        assert login.hub.api.server("bo") is None
    assert login.middleman.of("pre-spawn") == []


def test_whose_login_has_ended_is_told_so_by_what_a_page_asks_of_the_hubs_api(login):
    visitor = login.visitor("bo")
    token = visitor.spawn_page().soup.select_one("#spawn_form")["action"].partition("_xsrf=")[2]
    login.age()
    login.lapse()
    with login.provider.without("bo"):
        answer = visitor.session.delete(
            f"{login.hub.url}/hub/api/users/bo/server",
            headers={"X-XSRFToken": token, "Origin": login.hub.url, "Referer": f"{login.hub.url}/hub/home"},
            timeout=30,
        )
    assert answer.status_code == 403 and "Log out of the hub and in again" in answer.json()["message"]


def test_who_sends_the_spawn_page_while_the_login_service_is_away_is_told_so(login):
    visitor = login.visitor("bo")
    form = visitor.spawn_page()
    login.plant("bo", expired(own_token(login, "bo"), login.provider.keys[0]))
    assert refusal(login, "bo", {"profile": "cpu"})[2] == "token-expired"
    login.reset()
    login.age()
    login.provider.stop()
    try:
        page = visitor.send(form, {"profile": "cpu"})
        assert page.status == 503 and "The login service cannot be asked now." in page.text
    finally:
        login.provider.start()


@pytest.mark.parametrize("looked", ["for a moment", "for long"])
def test_a_login_that_an_authenticator_fails_to_look_after_is_told_of_in_words(login, looked):
    visitor = login.visitor("bo")
    form = visitor.spawn_page()
    login.plant("bo", BREAKS)
    if looked == "for long":
        login.age()
    page = visitor.send(form, {"profile": "cpu"})
    assert page.status == 503 and "Your login cannot be renewed" in page.text
    assert "ConnectionError" not in page.html


STOLEN = {"roles": "gpu-user"}
FOR_ANOTHER = {**STOLEN, "aud": "openid"}
BY_ANOTHER = {**STOLEN, "iss": "https://idp.example.org"}
FORGERIES = {
    "token-signature-invalid": lambda token, key: signed(token, None, claims=STOLEN),
    "token-unsigned": lambda token, key: unsigned(token, STOLEN),
    "token-algorithm-unknown": lambda token, key: signed_with_public_key(token, key, STOLEN),
    "token-type-wrong": lambda token, key: "id_token",
    "token-audience-wrong": lambda token, key: signed(token, key, claims=FOR_ANOTHER),
    "token-issuer-wrong": lambda token, key: signed(token, key, claims=BY_ANOTHER),
    "token-opaque": lambda token, key: "opaque",
}


@pytest.mark.parametrize("code", FORGERIES)
def test_a_forged_token_is_refused_on_every_way(login, code):
    forged = FORGERIES[code](own_token(login, "bo"), login.provider.keys[0])
    visitor = login.visitor("bo")
    login.plant("bo", forged)
    for options in ({"profile": "gpu"}, {"profile": "cpu"}, {}):
        status, words, found = refusal(login, "bo", options)
        assert (status, found) == (403, code)
    # What the hub holds now is the forgery, so the form has it too.
    page = visitor.spawn_page()
    assert page.status == 403 and words in page.text
    assert forged == sent(login, "options-form")[0] or code == "token-type-wrong"
    assert code == "token-opaque" or forged not in login.hub.log


def test_somebody_elses_token_gives_nobody_their_rights(login):
    login.plant("bo", own_token(login, "ana"))
    assert refusal(login, "bo", {"profile": "gpu"})[::2] == (403, "username-mismatch")


def test_a_deployment_that_trusts_nothing_takes_no_claims(login):
    login.token_file.write_text(login.tokens["none"])
    page = login.visitor("ana").spawn_page()
    assert page.status == 403
    assert sent(login, "options-form")
    assert refusal(login, "ana", {"profile": "cpu"})[::2] == (403, "profile-not-allowed")

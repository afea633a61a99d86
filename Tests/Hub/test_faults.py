# SPDX-License-Identifier: Apache-2.0
"""Berth gone, slow, broken or talking nonsense: every question ends in time, with words, and starts
nothing.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from hub import eventually

FAULTS = [
    "cut",
    "half",
    "hang",
    "status:500",
    "status:404",
    "status:301",
    "problem:500",
    "problem:503:60",
    "problem:401",
    "body:",
    "body:not json",
    "body:[]",
    "body:{}",
    'body:{"html": "", "profile": ""}',
    'body:{"html": "x", "profiles": [], "profile": 1}',
]


def answers_to_the_stop(berth, start: str) -> list:
    """What Berth said when it was told of the end of `start`; stops of earlier tests may still be
    told too.
    """
    return [
        call.answer for call in berth.of("post-stop") if call.body["server"].get("start") == start
    ]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_start_is_refused_with_words(hub, berth, fault):
    berth.fault = fault
    answer = hub.api.start("ben", {"profile": "cpu"})
    assert answer.status_code == 503
    message = answer.json()["message"]
    assert message.endswith(".") and "Traceback" not in message and "127.0.0.1" not in message
    assert hub.api.server("ben") is None


@pytest.mark.parametrize("fault", FAULTS)
def test_the_spawn_page_is_an_error_page_and_not_a_default_server(hub, berth, fault):
    visitor = hub.visitor("ben")
    berth.fault = fault
    page = visitor.spawn_page()
    assert page.status == 503
    assert page.soup.select_one("#spawn_form") is None
    assert hub.api.server("ben") is None


def test_a_form_that_cannot_be_checked_starts_nothing(hub, berth):
    berth.faults = {"options": ["cut", "cut"]}
    page = hub.visitor("ben").send_form({"profile": "cpu"})
    assert page.status == 503
    assert "cannot be reached" in page.error
    assert hub.api.server("ben") is None


def test_a_form_that_can_neither_be_checked_nor_shown_again_is_an_error_page(hub, berth):
    berth.faults = {"options-form": ["slow:0", "cut", "cut"], "options": ["cut", "cut"]}
    page = hub.visitor("ben").send_form({"profile": "cpu"})
    assert page.status == 503
    assert "cannot be reached" in page.text and page.profiles == []


def test_a_hanging_berth_does_not_hold_up_the_hub(hub, berth):
    berth.fault = "hang"
    with ThreadPoolExecutor() as pool:
        began = time.monotonic()
        start = pool.submit(hub.api.start, "ben", {"profile": "cpu"})
        assert eventually(lambda: len(berth.of("pre-spawn")) == 1)
        asked = time.monotonic()
        assert requests.get(f"{hub.url}/hub/health", timeout=5).status_code == 200
        assert not start.done(), "the hub answered only after the hook had ended"
        assert time.monotonic() - asked < 5
        assert start.result().status_code == 503
        assert time.monotonic() - began < 10


@pytest.mark.parametrize("fault", ["cut", "half", "hang", "status:502", "problem:503:1"])
def test_a_lost_answer_is_asked_for_once_more_as_the_same_start(hub, berth, fault):
    berth.faults = {"pre-spawn": [fault]}
    hub.start_server("ada", {"profile": "gpu", "gpu": "dedicated"})
    first, second = berth.of("pre-spawn")
    assert first.text == second.text
    assert first.body["server"]["start"]


def test_a_start_that_berth_granted_into_the_void_is_not_granted_twice(hub, berth):
    """The first answer comes too late for the hub; the second is for the same reservation."""
    berth.faults = {"pre-spawn": ["slow:1.8"]}
    hub.start_server("ada", {"profile": "gpu", "gpu": "dedicated"})
    assert eventually(lambda: all(call.answer for call in berth.of("pre-spawn")))
    first, second = berth.of("pre-spawn")
    assert first.answer["reservation_id"] == second.answer["reservation_id"]


def test_there_is_no_third_attempt_and_none_after_a_refusal(hub, berth):
    berth.fault = "cut"
    hub.api.start("ben", {"profile": "cpu"})
    assert len(berth.of("pre-spawn")) == 2
    berth.reset()
    hub.api.start("ben", {"profile": "gpu"})
    assert len(berth.of("pre-spawn")) == 1


def test_a_stop_that_berth_did_not_hear_is_told_later(hub, berth):
    hub.start_server("ada", {"profile": "gpu", "gpu": "dedicated"})
    start = berth.of("pre-spawn")[0].body["server"]["start"]
    berth.close()
    hub.stop_server("ada")
    berth.open()
    assert eventually(lambda: {"outcome": "released", "delete": []} in answers_to_the_stop(berth, start))


def test_a_late_word_of_a_stop_leaves_the_next_start_alone(hub, berth):
    hub.start_server("ada", {"profile": "gpu", "gpu": "dedicated"})
    start = berth.of("pre-spawn")[0].body["server"]["start"]
    berth.close()
    hub.stop_server("ada")
    berth.open()
    hub.start_server("ada", {"profile": "gpu", "gpu": "dedicated"})
    assert eventually(lambda: any(answers_to_the_stop(berth, start)))
    assert hub.api.start("cal", {"profile": "gpu", "gpu": "dedicated"}).status_code == 409


def test_a_cancelled_start_is_told_as_a_stop_and_leaves_nothing_behind(hub, berth):
    berth.fault = "hang"
    with ThreadPoolExecutor() as pool:
        pool.submit(hub.api.start, "ada", {"profile": "gpu"})
        assert eventually(lambda: len(berth.of("pre-spawn")) == 1)
        berth.fault = None
        hub.api.stop("ada")
        berth.released.set()
    assert eventually(lambda: hub.api.server("ada") is None)
    assert eventually(lambda: len(berth.of("post-stop")) >= 1)
    environment = hub.start_server("ada", {"profile": "cpu"})
    assert environment["PLACE"] == "cpu" and "CACHE" not in environment

# SPDX-License-Identifier: Apache-2.0
"""The spawn page, what it sends, and links that send it without being seen."""

import pytest


def test_the_form_shows_each_user_only_what_they_may_start(hub):
    assert hub.visitor("ada").spawn_page().profiles == ["cpu", "gpu"]
    assert hub.visitor("ben").spawn_page().profiles == ["cpu"]


def test_nothing_allowed_is_a_page_with_a_reason_and_no_server(hub, berth):
    page = hub.visitor("eve").spawn_page()
    assert page.status == 403
    assert berth.of("options-form")[0].answer["user_message"] in page.text
    assert hub.api.server("eve") is None


def test_a_form_starts_the_profile_and_the_choice_that_were_sent(hub, berth):
    page = hub.visitor("ada").send_form({"profile": "gpu", "profile-option-gpu--gpu": "dedicated"})
    assert page.status == 302, page.error
    hub.api.wait_ready("ada")
    assert berth.of("pre-spawn")[0].body["options"] == {"profile": "gpu", "gpu": "dedicated"}


def test_a_forged_form_comes_back_with_the_reason_and_starts_nothing(hub, berth):
    page = hub.visitor("ben").send_form({"profile": "gpu"})
    assert page.status in (403, 422)
    assert page.error == berth.of("options")[0].answer["user_message"]
    assert page.profiles == ["cpu"]
    assert berth.of("pre-spawn") == []
    assert hub.api.server("ben") is None


def test_a_file_in_the_form_is_dropped_and_the_rest_counts(hub, berth):
    page = hub.visitor("ben").send_form(
        {"profile": "cpu"}, files={"homework": ("h.bin", b"\x00\xff")}
    )
    assert page.status == 302, page.error
    hub.api.wait_ready("ben")
    assert berth.of("options")[0].body["form"] == {"profile": ["cpu"]}
    assert "is a file: dropped" in hub.log


@pytest.mark.parametrize("query", ["?opt-profile=gpu&opt-gpu=shared", "?profile=gpu&gpu=shared"])
def test_a_link_starts_what_it_names(hub, berth, query):
    assert hub.visitor("ada").spawn_page(query).status == 302
    hub.api.wait_ready("ada")
    assert berth.of("pre-spawn")[0].body["options"] == {"profile": "gpu", "gpu": "shared"}


def test_a_link_in_the_forms_own_fields_is_read_like_the_form(hub, berth):
    query = (
        "?opt-profile=gpu&opt-profile-option-gpu--gpu=dedicated&opt-profile-option-cpu--image=base"
    )
    assert hub.visitor("ada").spawn_page(query).status == 302
    server = hub.api.wait_ready("ada")
    assert berth.of("pre-spawn")[0].body["options"] == {"profile": "gpu", "gpu": "dedicated"}
    assert server["user_options"] == {"profile": "gpu", "gpu": "dedicated"}


@pytest.mark.parametrize(
    "query",
    [
        "?opt-profile=gpu",
        "?opt-profile=nosuch",
        "?opt-profile-option-gpu--gpu=shared&opt-profile=gpu",
        "?opt-profile=cpu&opt-profile=gpu",
        "?opt-nosuch=1",
    ],
)
def test_a_link_to_what_is_not_allowed_shows_the_form_and_the_reason(hub, berth, query):
    page = hub.visitor("ben").spawn_page(query)
    assert page.status in (403, 422)
    assert page.error and page.error in [call.answer.get("user_message") for call in berth.calls]
    assert hub.api.server("ben") is None

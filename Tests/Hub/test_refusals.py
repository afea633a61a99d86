# SPDX-License-Identifier: Apache-2.0
"""A refusal is an answer: users read it wherever they look, and no number of them brings the hub
down.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import berth_hub
import pytest
from hub import eventually

#: A hub that has decided to exit says so at once, and does so two seconds later.
EXIT_TEXT = "Aborting due to"
EXIT_S = 2.5


def is_still_up(hub) -> bool:
    return EXIT_TEXT not in hub.log and hub.is_healthy


def test_six_refusals_in_a_row_leave_the_hub_up(hub):
    answers = [hub.api.start("ben", {"profile": "gpu"}).status_code for _ in range(6)]
    assert answers == [403] * 6
    time.sleep(EXIT_S)
    assert is_still_up(hub)


def test_six_starts_without_berth_leave_the_hub_up(hub, berth):
    berth.close()
    answers = [hub.api.start("ben", {"profile": "cpu"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [503] * 6
    assert "cannot be reached" in answers[0].json()["message"]
    assert is_still_up(hub)


def test_six_starts_with_a_wrong_token_leave_the_hub_up(hub, real_berth):
    token = real_berth.token_file.read_text()
    try:
        real_berth.token_file.write_text("not-the-token-of-any-deployment\n")
        answers = [hub.api.start("ben", {"profile": "cpu"}).status_code for _ in range(6)]
    finally:
        real_berth.token_file.write_text(token)
    assert answers == [503] * 6
    assert is_still_up(hub)


def test_refusals_that_end_around_a_success_do_not_add_up(hub, berth):
    """Each refused start is still being cleaned up while another start succeeds and sets the hub's
    count to zero.
    """
    users = [f"ben{number}" for number in range(6)]
    for user in users:
        hub.visitor(user)
    berth.reset()
    with ThreadPoolExecutor(len(users)) as pool:
        berth.fault = "slow:0.7"
        refused = [pool.submit(hub.api.start, user, {"profile": "gpu"}) for user in users]
        assert eventually(lambda: len(berth.of("post-stop")) >= len(users))
        berth.fault = None
        hub.start_server("ada", {"profile": "cpu"})
        assert [answer.result().status_code for answer in refused] == [403] * len(users)
    assert is_still_up(hub)


def test_refusals_do_not_finish_what_real_failures_began(hub):
    (hub.scratch / "fail").touch()
    try:
        answers = [hub.api.start("tim", {"profile": "cpu"}).status_code for _ in range(4)]
    finally:
        (hub.scratch / "fail").unlink()
    assert answers == [500] * 4
    assert [hub.api.start("ben", {"profile": "gpu"}).status_code for _ in range(3)] == [403] * 3
    assert is_still_up(hub)
    hub.start_server("ben", {"profile": "cpu"})


def test_a_full_pool_is_refused_with_words_and_is_free_again_after_the_stop(hub, berth):
    dedicated = {"profile": "gpu", "gpu": "dedicated"}
    hub.start_server("ada", dedicated)
    answer = hub.api.start("cal", dedicated)
    assert answer.status_code == 409
    assert answer.json()["message"] == berth.of("pre-spawn")[1].answer["user_message"]
    assert answer.headers.get("Retry-After") == berth.of("pre-spawn")[1].headers.get("Retry-After")
    hub.stop_server("ada")
    hub.start_server("cal", dedicated)


def test_the_form_shows_a_refusal_in_its_own_words(hub, berth):
    dedicated = {"profile": "gpu", "profile-option-gpu--gpu": "dedicated"}
    hub.start_server("ada", {"profile": "gpu", "gpu": "dedicated"})
    page = hub.visitor("cal").send_form(dedicated)
    assert page.status == 409
    assert page.error == berth.of("pre-spawn")[1].answer["user_message"]


def test_a_slow_refusal_shows_the_same_words_on_the_pending_page(hub, berth):
    hub.start_server("ada", {"profile": "gpu", "gpu": "dedicated"})
    visitor = hub.visitor("cal")
    visitor.spawn_page()
    berth.faults = {"pre-spawn": ["slow:1.3"]}
    page = visitor.send_form({"profile": "gpu", "profile-option-gpu--gpu": "dedicated"})
    assert page.status == 302
    events = hub.progress("cal")
    text = berth.of("pre-spawn")[1].answer["user_message"]
    assert events[-1]["failed"] and text in events[-1]["message"]
    assert "SpawnException" not in events[-1]["message"]
    assert text in visitor.page("/hub/spawn-pending/cal").text


def test_what_a_profile_sets_wrongly_is_told_and_holds_nothing(hub, berth):
    answer = hub.api.start("tim", {"profile": "broken"})
    assert answer.status_code == 503
    assert "not set up right" in answer.json()["message"]
    assert berth.of("post-stop")[0].answer == {"outcome": "released", "delete": []}


@pytest.mark.parametrize("user", ["ada", "ben"])
def test_a_refusal_never_shows_what_is_meant_for_the_log(hub, berth, user):
    answer = hub.api.start(user, {"profile": "nosuch"})
    detail = berth.of("pre-spawn")[0].answer["detail"]
    assert detail not in answer.text
    assert berth.of("pre-spawn")[0].answer["request_id"] in hub.log


def test_a_start_with_objects_that_nobody_would_create_is_refused(hub):
    answer = hub.api.start("tim", {"profile": "with-object"})
    assert answer.status_code == 503
    assert "is not set up right at this hub" in answer.json()["message"]
    assert "has no cluster to make them in" in hub.log


def made(**more):
    metadata = {"name": "cred", "namespace": "jupyter", "uid": "1"}
    return {"kind": "Secret", "metadata": metadata, "state": "created"} | more


def test_a_start_whose_objects_stand_goes_on():
    berth_hub._check_objects([], "jupyter")
    berth_hub._check_objects([made(), made(kind="Namespace", metadata={"name": "own"})], "jupyter")
    berth_hub._check_objects([made()], None)


def test_a_pod_is_not_made_in_another_namespace_than_its_objects():
    with pytest.raises(berth_hub.Misfit, match="in namespace jupyter, and the server runs in next"):
        berth_hub._check_objects([made()], "next")

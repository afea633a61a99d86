# SPDX-License-Identifier: Apache-2.0
"""A start and its stop: whose settings win, what is taken back, what leaves the hub."""

import os
import signal

from hub import eventually


def test_the_hubs_own_hooks_run_and_berth_has_the_last_word(hub):
    environment = hub.start_server("ada", {"profile": "gpu"})
    hub.stop_server("ada")
    assert environment["OWN_HOOK"] == "ran"
    assert environment["PLACE"] == "gpu"
    chained = (hub.scratch / "chained.log").read_text().splitlines()[-3:]
    assert chained == ["auth_state ada", "pre_spawn ada", "post_stop ada"]


def test_a_hook_of_the_spawners_class_beats_the_one_for_all_spawners(hub):
    hub.start_server("ben", {"profile": "cpu"})
    hub.stop_server("ben")
    assert "post_stop of the base class" not in (hub.scratch / "chained.log").read_text()


def test_nothing_of_a_gpu_start_is_left_in_the_next(hub):
    with_gpu = hub.start_server("ada", {"profile": "gpu", "gpu": "dedicated"})
    hub.stop_server("ada")
    without = hub.start_server("ada", {"profile": "cpu"})
    assert (with_gpu["CACHE"], with_gpu["CUDA_VISIBLE_DEVICES"]) == ("/scratch", "GPU-0001")
    assert "CACHE" not in without and without["CUDA_VISIBLE_DEVICES"] == ""
    assert without["HUB_OWN"] == "always"


def test_berths_words_are_shown_while_the_server_starts(hub, berth):
    visitor = hub.visitor("ada")
    (hub.scratch / "slow").touch()
    try:
        assert visitor.send_form({"profile": "gpu"}).status == 302
        messages = [event.get("message") for event in hub.progress("ada")]
    finally:
        (hub.scratch / "slow").unlink()
    assert berth.of("pre-spawn")[0].answer["message"] in messages


def test_no_token_leaves_the_hub_or_enters_its_log(hub, berth):
    hub.visitor("ada").send_form({"profile": "gpu"})
    hub.api.wait_ready("ada")
    hub.stop_server("ada")
    sent = "".join(call.text for call in berth.calls)
    assert "secret-" not in sent and "secret-" not in hub.log
    hook_token = berth.calls[0].authorization.removeprefix("Bearer ")
    assert len(hook_token) >= 16 and hook_token not in hub.log
    assert {call.question for call in berth.calls} == {
        "options-form",
        "options",
        "pre-spawn",
        "post-stop",
    }


def test_a_server_without_a_pod_says_so(hub, berth):
    hub.start_server("ben", {"profile": "cpu"})
    assert berth.of("pre-spawn")[0].body["pod"] is False
    assert berth.of("pod") == []


def test_a_stop_after_a_hub_restart_is_told_by_the_starts_name(hub, berth):
    hub.start_server("ada", {"profile": "gpu", "gpu": "dedicated"})
    start = berth.of("pre-spawn")[0].body["server"]["start"]
    hub.stop()
    hub.start()
    assert hub.api.wait_ready("ada")
    hub.stop_server("ada")
    assert berth.of("post-stop")[-1].body["server"] == {"name": "", "start": start}
    assert berth.of("post-stop")[-1].answer == {"outcome": "released", "delete": []}


def test_a_server_that_died_while_the_hub_was_down_gives_its_card_back(hub, berth):
    environment = hub.start_server("ada", {"profile": "gpu", "gpu": "dedicated"})
    hub.stop()
    os.kill(int(environment["SERVER_PID"]), signal.SIGTERM)
    hub.start()
    assert eventually(
        lambda: any(call.answer == {"outcome": "released", "delete": []} for call in berth.of("post-stop"))
    )

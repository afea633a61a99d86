# SPDX-License-Identifier: Apache-2.0
"""Cases 01 to 04: what a user may choose, whichever way the choice comes in."""

from __future__ import annotations

import html

STAFF = {"groups": ["staff"]}

MIG_CARD = {
    "uuid": "GPU-1",
    "product": "A100",
    "memory": "80Gi",
    "mig": [
        {"profile": "1g.10gb", "memory": "9728Mi", "pools": ["slice"], "count": 3}
    ],
}
SLICES = {
    "pools": {"slice": {"mode": "mig", "mig_profile": "1g.10gb", "resource": "nvidia.com/mig-1g.10gb"}},
    "inventory": {"nodes": {"n1": {"cards": [MIG_CARD]}}},
}


class Case01ApiProfileNotAllowed:
    site = SLICES | {
        "images": [{"id": "base", "display_name": "Base", "image": "registry.example.org/base:1"}],
        "profiles": [
            {"slug": "cpu-small", "display_name": "Small", "default": True},
            {
                "slug": "gpu-slice",
                "display_name": "GPU slice",
                "allow": {"group": "gpu-users"},
                "images": ["base"],
                "custom_image": {"allow": {"group": "image-builders"}},
                "gpu": {"pool": "slice", "mig_instances": 1},
            },
        ],
    }


def test_a_profile_that_is_not_allowed_is_refused_and_holds_nothing(hub):
    berth = hub(Case01ApiProfileNotAllowed.site)
    answer = berth.pre_spawn("user-a1", {"profile": "gpu-slice"}, STAFF)
    assert (answer.status, answer.code) == (403, "profile-not-allowed")
    assert "GPU slice" in answer.body["user_message"] and "gpu-users" not in answer.body["user_message"]
    assert "overrides" not in answer.body
    assert berth.free("slice") == 3


def test_an_unknown_profile_is_never_answered_with_the_default(hub):
    answer = hub(Case01ApiProfileNotAllowed.site).pre_spawn("user-a1", {"profile": "no-such-profile"}, STAFF)
    assert (answer.status, answer.code) == (422, "unknown-profile")


def test_an_allowed_profile_does_not_open_its_free_text_image(hub):
    options = {"profile": "gpu-slice", "image": "registry.example.org/u/own:1"}
    berth = hub(Case01ApiProfileNotAllowed.site)
    answer = berth.pre_spawn("user-a2", options, {"groups": ["gpu-users"]})
    assert (answer.status, answer.code) == (403, "custom-image-not-allowed")
    assert berth.free("slice") == 3


def test_options_are_checked_and_never_merged_as_a_patch(hub):
    overrides = {"extra_resource_limits": {"nvidia.com/gpu": "1"}, "service_account": "cluster-root"}
    options = {"profile": "cpu-small", "overrides": overrides}
    answer = hub(Case01ApiProfileNotAllowed.site).pre_spawn("user-a1", options, STAFF)
    assert (answer.status, answer.code) == (422, "unknown-option")
    assert "overrides" in answer.body["user_message"]


def test_an_administrator_does_not_lend_their_rights(hub):
    berth = hub(Case01ApiProfileNotAllowed.site)
    answer = berth.pre_spawn(
        "user-a1", {"profile": "gpu-slice"}, STAFF, acting_for={"name": "user-a3", "admin": True}
    )
    assert (answer.status, answer.code) == (403, "profile-not-allowed")
    assert berth.berth.stop() == 0
    assert '"acting_for":"user-a3"' in berth.berth.log


def test_each_refusal_is_counted_once_under_its_code(hub):
    berth = hub(Case01ApiProfileNotAllowed.site)
    berth.pre_spawn("user-a1", {"profile": "gpu-slice"}, STAFF)
    berth.pre_spawn("user-a1", {"profile": "gpu-slice"}, STAFF)
    berth.pre_spawn("user-a1", {"profile": "no-such-profile"}, STAFF)
    metrics = berth.berth.ask("/metrics", token=None).body
    assert 'berth_decisions_total{code="profile-not-allowed",route="/v1/hub/pre-spawn"} 2' in metrics
    assert 'berth_decisions_total{code="unknown-profile",route="/v1/hub/pre-spawn"} 1' in metrics


class Case02StaleSavedProfile:
    site = {
        "profiles": [
            {
                "slug": "std-2026",
                "display_name": "Standard",
                "default": True,
                "profile_options": {
                    "size": {
                        "display_name": "Size",
                        "choices": {
                            "s": {
                                "display_name": "S",
                                "default": True,
                                "kubespawner_override": {"mem_limit": "4G"},
                            },
                            "m": {"display_name": "M", "kubespawner_override": {"mem_limit": "8G"}},
                        },
                    }
                },
            }
        ]
    }


def test_a_saved_choice_that_is_gone_gives_a_form_with_a_notice(hub):
    berth = hub(Case02StaleSavedProfile.site)
    answer = berth.options_form("user-b1", STAFF, last_options={"profile": "std-2025", "size": "xl"})
    assert answer.status == 200
    profile = answer.body["profiles"][0]
    assert profile["slug"] == "std-2026" and profile["default"] is True
    assert profile["profile_options"]["size"]["choices"]["s"]["default"] is True
    assert answer.body["notice"] and answer.body["notice"] in html.unescape(answer.body["html"])


def test_a_replayed_profile_that_is_gone_is_refused_with_the_way_out(hub):
    berth = hub(Case02StaleSavedProfile.site)
    answer = berth.pre_spawn("user-b1", {"profile": "std-2025", "size": "xl"}, STAFF)
    assert (answer.status, answer.code) == (422, "unknown-profile")
    assert "Open the form again" in answer.body["user_message"]


def test_a_replayed_choice_that_is_gone_names_what_is_open(hub):
    berth = hub(Case02StaleSavedProfile.site)
    answer = berth.pre_spawn("user-b1", {"profile": "std-2026", "size": "xl"}, STAFF, server="other")
    assert (answer.status, answer.code) == (422, "unknown-choice")
    for word in ("size", "xl", "s", "m"):
        assert word in answer.body["user_message"]


def test_no_options_mean_the_defaults_as_the_form_would_send_them(hub):
    answer = hub(Case02StaleSavedProfile.site).pre_spawn("user-b1", {}, STAFF)
    assert answer.status == 200
    assert answer.body["profile"] == "std-2026" and answer.body["overrides"]["mem_limit"] == "4G"


def _sized(size: str, limit: str, request: str, default: bool = False) -> dict:
    return {
        "display_name": size,
        "default": default,
        "allow": {"role": f"size-{size}"},
        "kubespawner_override": {"mem_limit": limit, "mem_guarantee": request},
    }


class Case03DefaultChoiceFiltered:
    site = {
        "profiles": [
            {
                "slug": "cpu",
                "display_name": "CPU",
                "default": True,
                "allow": {"any": [{"role": "size-xs"}, {"role": "size-s"}, {"role": "size-m"}]},
                "profile_options": {
                    "size": {
                        "display_name": "Size",
                        "choices": {
                            "xs": _sized("xs", "2G", "1G", default=True),
                            "s": _sized("s", "8G", "4G"),
                            "m": _sized("m", "16G", "8G"),
                        },
                    }
                },
            }
        ]
    }


def test_a_filtered_default_moves_to_what_is_allowed_in_the_form(hub):
    answer = hub(Case03DefaultChoiceFiltered.site).options_form("user-c1", {"roles": ["size-m"]})
    choices = answer.body["profiles"][0]["profile_options"]["size"]["choices"]
    assert list(choices) == ["m"] and choices["m"]["default"] is True


def test_a_filtered_default_moves_alike_for_the_api(hub):
    berth = hub(Case03DefaultChoiceFiltered.site)
    answer = berth.pre_spawn("user-c1", {"profile": "cpu"}, {"roles": ["size-m"]})
    assert answer.body["overrides"] == {"mem_limit": "16G", "mem_guarantee": "8G"}


def test_the_default_falls_to_the_first_allowed_in_the_declared_order(hub):
    answer = hub(Case03DefaultChoiceFiltered.site).pre_spawn("user-c2", {}, {"roles": ["size-m", "size-s"]})
    assert answer.body["overrides"]["mem_limit"] == "8G"


def test_nothing_allowed_is_a_refusal_and_never_a_default(hub):
    berth = hub(Case03DefaultChoiceFiltered.site)
    visitor = {"roles": ["visitor"]}
    for answer in (berth.pre_spawn("user-c3", {}, visitor), berth.options_form("user-c3", visitor)):
        assert (answer.status, answer.code) == (403, "nothing-allowed")


def test_a_role_for_a_larger_size_does_not_open_the_smaller_one(hub):
    berth = hub(Case03DefaultChoiceFiltered.site)
    answer = berth.pre_spawn("user-c1", {"profile": "cpu", "size": "s"}, {"roles": ["size-m"]})
    assert (answer.status, answer.code) == (403, "choice-not-allowed")


def _choices(*names: str) -> dict:
    return {name: {"display_name": name, "kubespawner_override": {}} for name in names}


class Case04OptionOfAnotherProfile:
    site = {
        "profiles": [
            {
                "slug": "large",
                "display_name": "Large",
                "profile_options": {"image": {"display_name": "Image", "choices": _choices("base", "geo")}},
            },
            {
                "slug": "large-gpu",
                "display_name": "Large with GPU",
                "profile_options": {
                    "image": {"display_name": "Image", "choices": _choices("torch", "jax")},
                    "gpus": {"display_name": "GPUs", "choices": _choices("1", "2")},
                },
            },
        ]
    }


def test_the_inputs_of_other_profiles_on_the_page_are_left_out(hub):
    berth = hub(Case04OptionOfAnotherProfile.site)
    form = {
        "profile": ["large"],
        "profile-option-large--image": ["geo"],
        "profile-option-large-gpu--image": ["jax"],
        "profile-option-large-gpu--gpus": ["2"],
    }
    answer = berth.options("user-d1", form, STAFF)
    assert answer.body["user_options"] == {"profile": "large", "image": "geo"}
    spawned = berth.pre_spawn("user-d1", answer.body["user_options"], STAFF)
    assert spawned.body["profile"] == "large" and spawned.body["reservation"]["gpu"] is None


def test_an_option_of_another_profile_is_unknown_through_the_api(hub):
    berth = hub(Case04OptionOfAnotherProfile.site)
    answer = berth.pre_spawn("user-d1", {"profile": "large", "image": "geo", "gpus": "2"}, STAFF)
    assert (answer.status, answer.code) == (422, "unknown-option") and "gpus" in answer.body["user_message"]


def test_a_choice_of_another_profiles_option_is_unknown(hub):
    answer = hub(Case04OptionOfAnotherProfile.site).pre_spawn("user-d1", {"profile": "large", "image": "jax"}, STAFF)
    assert (answer.status, answer.code) == (422, "unknown-choice")


def test_two_profiles_at_once_are_ambiguous(hub):
    form = {"profile": ["large", "large-gpu"], "profile-option-large--image": ["geo"]}
    answer = hub(Case04OptionOfAnotherProfile.site).options("user-d1", form, STAFF)
    assert (answer.status, answer.code) == (422, "ambiguous-profile")

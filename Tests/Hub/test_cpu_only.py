# SPDX-License-Identifier: Apache-2.0
"""`on_unreachable="cpu-only"`: what a hub may start while Berth does not answer, and what it may
not.
"""

import asyncio
import json

import pytest
from hub import Hub
from kube import Start, variables
from middleman import Middleman
from tornado import web
from traitlets.config import Config


@pytest.fixture(scope="module")
def module_middleman(real_berth):
    middleman = Middleman(real_berth.port)
    yield middleman
    middleman.close()


@pytest.fixture(scope="module")
def module_hub(real_berth, module_middleman, tmp_path_factory):
    hub = Hub(
        tmp_path_factory.mktemp("cpu-only"), module_middleman, real_berth.token_file, "cpu-only"
    )
    yield hub
    hub.stop()


@pytest.fixture
def lonely(module_hub, module_middleman):
    """The hub, with Berth gone."""
    module_middleman.reset()
    visitor = module_hub.visitor("ada")
    module_middleman.close()
    yield module_hub, visitor
    if module_hub.api.server("ada"):
        module_hub.stop_server("ada")
    module_middleman.reset()


def test_the_form_says_so_and_starts_a_server_without_gpu(lonely):
    hub, visitor = lonely
    page = visitor.spawn_page()
    assert page.status == 200 and "without a GPU" in page.text and page.profiles == []
    assert visitor.send_form({"berth-cpu-only": "1"}).status == 302
    hub.api.wait_ready("ada")
    environment = json.loads((hub.scratch / "home" / "ada" / "environment.json").read_text())
    assert (
        environment["NVIDIA_VISIBLE_DEVICES"] == "void"
        and environment["CUDA_VISIBLE_DEVICES"] == ""
    )
    assert environment["PLACE"] == "own"


def test_a_start_that_names_a_profile_is_refused_with_a_way_out(lonely):
    hub, _ = lonely
    answer = hub.api.start("ada", {"profile": "gpu"})
    assert answer.status_code == 503
    assert "offers a server without a GPU" in answer.json()["message"]


def test_a_form_from_before_is_refused_with_a_way_out(lonely, module_middleman):
    hub, visitor = lonely
    module_middleman.open()
    module_middleman.faults = {"options": ["cut", "cut"]}
    page = visitor.send_form({"profile": "gpu"})
    assert page.status == 503
    assert "offers a server without a GPU" in page.error


def test_a_refusal_is_a_refusal(lonely, module_middleman):
    hub, _ = lonely
    module_middleman.open()
    hub.visitor("eve")
    assert hub.api.start("eve").status_code == 403


def test_a_wrong_token_is_not_a_missing_berth(lonely, module_middleman):
    hub, _ = lonely
    module_middleman.open()
    module_middleman.fault = "problem:401"
    hub.visitor("eve")
    assert hub.api.start("eve", {}).status_code == 503
    assert hub.api.server("eve") is None


def test_a_berth_that_cannot_decide_is_not_a_missing_one(lonely, module_middleman):
    """As when the identity provider is away: who somebody is, is what nobody knows then."""
    hub, _ = lonely
    module_middleman.open()
    module_middleman.fault = "problem:503:60"
    visitor = hub.visitor("eve")
    answer = hub.api.start("eve", {})
    assert answer.status_code == 503 and "without a GPU" not in answer.json()["message"]
    assert hub.api.server("eve") is None
    page = visitor.spawn_page()
    assert page.status == 503 and "without a GPU" not in page.text


def lonely_pod(real_berth, c: Config) -> dict:
    """The pod of a start without options while nobody listens where Berth should be."""
    import berth_hub

    berth_hub.install(
        c,
        url="http://127.0.0.1:9",
        token_file=str(real_berth.token_file),
        on_unreachable="cpu-only",
    )

    async def work():
        start = Start(c, "ada", {"roles": []})
        try:
            return await start.pod(None)
        finally:
            await start.close()

    return asyncio.run(asyncio.wait_for(work(), 60))


def test_a_pod_that_berth_has_not_seen_is_blind_to_gpus(real_berth):
    pod = lonely_pod(real_berth, Config())
    assert variables(pod)["NVIDIA_VISIBLE_DEVICES"] == "void"


@pytest.mark.parametrize(
    "setting",
    [
        {"extra_resource_limits": {"nvidia.com/gpu": "1"}},
        {"extra_pod_config": {"resourceClaims": [{"name": "gpu"}]}},
        {"init_containers": [{"name": "i", "resources": {"requests": {"amd.com/gpu": 1}}}]},
    ],
)
def test_a_pod_that_asks_for_a_gpu_unseen_is_refused(real_berth, setting):
    c = Config()
    c.KubeSpawner.update(setting)
    with pytest.raises(web.HTTPError) as refused:
        lonely_pod(real_berth, c)
    assert refused.value.status_code == 503

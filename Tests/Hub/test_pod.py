# SPDX-License-Identifier: Apache-2.0
"""The pod's way through Berth, made by the real KubeSpawner and written as its client would send
it.
"""

import asyncio
import json

import kubernetes_validate
import pytest
from kube import Start, container, variables
from tornado import web
from traitlets.config import Config

ADA = {"roles": ["staff", "gpu-user", "gpu-dedicated"], "groups": []}
BEN = {"roles": ["student"], "groups": []}


@pytest.fixture
def c(real_berth, berth):
    """A hub's configuration with settings that Berth's profiles change, before install()."""
    c = Config()
    c.KubeSpawner.namespace = "jupyter"
    c.KubeSpawner.image = "registry.example.org/notebooks/own:1"
    c.KubeSpawner.environment = {"HUB_OWN": "always"}
    c.KubeSpawner.node_selector = {"pool": "user"}
    return c


@pytest.fixture
def install(real_berth, berth):
    def install(c: Config, **options) -> Config:
        import berth_hub

        berth_hub.install(c, url=berth.url, token_file=str(real_berth.token_file), **options)
        return c

    return install


def run(work):
    """Runs `work` with a user's starts, and ends what they hold."""
    return asyncio.run(asyncio.wait_for(work, 60))


async def one_pod(start: Start, options: dict) -> dict:
    try:
        return await start.pod(options)
    finally:
        await start.end()
        await start.close()


def test_of_auth_state_as_a_whole_all_is_sent_but_what_is_secret(c, install, berth):
    nested = [{"Id_Token": "secret-nested", "site": "x"}]
    start = Start(install(c, claims_key="."), "ada", {**ADA, "of": nested})
    start.beside |= {"tokens": {"a": "secret-b"}, "CLIENT_SECRET": "secret-c", "scope": ["a"]}
    run(one_pod(start, {"profile": "cpu"}))
    sent = berth.of("pre-spawn")[0].body["auth_state"]
    assert sent == {"scope": ["a"], "oauth_user": {**ADA, "of": [{"site": "x"}]}}
    assert start.beside["tokens"] and nested[0]["Id_Token"], "the hub's own stay as they are"


def test_a_pod_with_a_gpu_is_valid_and_asks_for_what_was_granted(c, install):
    pod = run(one_pod(Start(install(c), "ada", ADA), {"profile": "gpu", "gpu": "dedicated"}))
    kubernetes_validate.validate(pod, "1.33", strict=True)
    resources = container(pod)["resources"]
    assert resources["limits"]["nvidia.com/gpu"] == "1" == resources["requests"]["nvidia.com/gpu"]
    assert pod["spec"]["nodeSelector"]["gpu"] == "a100"
    assert container(pod)["image"] == "registry.example.org/notebooks/cuda:2026.1"
    assert variables(pod)["CACHE"] == "/scratch" and variables(pod)["HUB_OWN"] == "always"


def test_the_hub_token_stays_in_the_hub_and_is_in_the_pod(c, install, berth):
    def copy_token(spawner):
        copy = {"COPY_OF_TOKEN": f"prefix:{spawner.api_token}:suffix"}
        spawner.environment = {**spawner.environment, **copy}

    c.KubeSpawner.pre_spawn_hook = copy_token

    async def work():
        start = Start(install(c), "ada", ADA)
        pod = await start.pod({"profile": "cpu"})
        token = start.spawner.api_token
        await start.end()
        await start.close()
        return pod, token

    pod, token = run(work())
    sent = berth.of("pod")[0]
    assert token not in sent.text and "secret-" not in sent.text
    assert "berth-hidden-" in sent.text and "berth-hidden-" not in json.dumps(pod)
    found = variables(pod)
    assert found["JUPYTERHUB_API_TOKEN"] == found["JPY_API_TOKEN"] == token
    assert found["COPY_OF_TOKEN"] == f"prefix:{token}:suffix"


def test_fields_that_the_client_does_not_know_come_back(c, install, berth):
    async def own_hook(spawner, pod):
        manifest = spawner.api.api_client.sanitize_for_serialization(pod)
        manifest["spec"]["fieldOfTomorrow"] = {"snake_case": [1, 2.5, None], "weight": 1e3}
        pod.spec = manifest["spec"]
        return pod

    c.KubeSpawner.modify_pod_hook = own_hook
    pod = run(one_pod(Start(install(c), "ada", ADA), {"profile": "cpu"}))
    assert pod["spec"]["fieldOfTomorrow"] == {"snake_case": [1, 2.5, None], "weight": 1000}
    assert (
        berth.of("pod")[0].answer["pod"]["spec"]["fieldOfTomorrow"]
        == pod["spec"]["fieldOfTomorrow"]
    )


def test_nothing_of_a_gpu_start_is_left_on_the_same_object(c, install):
    """A cancelled start leaves the object in place: the hub's own values have to be back, not the
    class's.
    """

    async def work():
        start = Start(install(c), "ada", ADA)
        before = await start.pod({"profile": "cpu"})
        await start.end()
        spawner = start.spawner
        with_gpu = await start.pod({"profile": "gpu", "gpu": "dedicated"})
        await start.end()
        after = await start.pod({"profile": "cpu"})
        assert start.spawner is spawner
        await start.end()
        own = (spawner.node_selector, spawner.environment, spawner.default_url, spawner.image)
        await start.close()
        return before, with_gpu, after, own

    before, with_gpu, after, own = run(work())
    assert with_gpu["spec"]["nodeSelector"]["pool"] == "gpu"
    assert (
        after["spec"].get("nodeSelector") == before["spec"].get("nodeSelector") == {"pool": "user"}
    )
    assert "CACHE" not in variables(after) and variables(after)["PLACE"] == "cpu"
    assert "nvidia.com/gpu" not in json.dumps(container(after)["resources"])
    assert own == (
        {"pool": "user"},
        {"HUB_OWN": "always"},
        "",
        "registry.example.org/notebooks/own:1",
    )


def test_what_the_hubs_own_hooks_set_is_kept_where_no_profile_says_otherwise(c, install):
    def own_hook(spawner):
        spawner.environment = {**spawner.environment, "OWN": "1", "PLACE": "own"}
        spawner.node_selector = {"disk": "ssd"}

    c.KubeSpawner.pre_spawn_hook = own_hook
    pod = run(one_pod(Start(install(c), "ada", ADA), {"profile": "cpu"}))
    assert pod["spec"]["nodeSelector"] == {"disk": "ssd"}
    assert variables(pod)["OWN"] == "1" and variables(pod)["PLACE"] == "cpu"


def test_braces_in_berths_variables_reach_the_pod_as_they_are():
    import berth_hub

    class Expanding:
        def _expand_user_properties(self, template):
            return template.format(username="ada")

    text = '{"a": {"b": 1}}'
    assert Expanding()._expand_user_properties(berth_hub._literal(Expanding(), text)) == text


def test_a_stop_on_a_new_object_is_told_by_the_starts_name_and_twice_does_no_harm(
    c, install, berth
):
    async def work():
        start = Start(install(c), "ada", ADA)
        await start.pod({"profile": "gpu", "gpu": "dedicated"})
        start.user.orm_user.orm_spawners[""].state = start.spawner.get_state()
        start.forget()
        spawner = start.spawner
        await spawner.run_post_stop_hook()
        await spawner.run_post_stop_hook()
        await start.close()

    run(work())
    name = berth.of("pre-spawn")[0].body["server"]
    assert [call.body["server"] for call in berth.of("post-stop")] == [name, name]
    assert [call.answer["outcome"] for call in berth.of("post-stop")] == [
        "released",
        "already-ended",
    ]


def test_a_stop_of_a_server_that_never_started_is_no_error(c, install, berth):
    async def work():
        start = Start(install(c), "zoe", ADA)
        await start.spawner.run_post_stop_hook()
        await start.close()

    run(work())
    assert berth.of("post-stop")[0].body["server"] == {"name": ""}
    assert berth.of("post-stop")[0].answer == {"outcome": "nothing-held", "delete": []}


def test_a_pod_is_not_made_without_a_grant(c, install):
    """KubeSpawner asks for the profile list inside start(): without Berth's word nothing is started
    there.
    """

    async def work():
        start = Start(install(c), "ada", ADA)
        try:
            await start.spawner.load_user_options()
        finally:
            await start.close()

    with pytest.raises(web.HTTPError) as refused:
        run(work())
    assert refused.value.status_code == 503


@pytest.mark.parametrize(
    "fault",
    [
        "hang",
        "cut",
        "status:500",
        'body:{"pod": {}}',
        'body:{"pod": {"metadata": {"name": "x"}, "spec": {}}}',
    ],
)
def test_a_pod_that_does_not_come_back_whole_is_not_started(c, install, berth, fault, monkeypatch):
    import berth_hub

    monkeypatch.setattr(berth_hub, "POD_ANSWER_S", 1.0)

    async def work():
        start = Start(install(c), "ada", ADA)
        try:
            await start.begin({"profile": "cpu"})
            spawner = start.spawner
            pod = await spawner.get_pod_manifest()
            berth.fault = fault
            await spawner.modify_pod_hook(spawner, pod)
        finally:
            berth.fault = None
            await start.end()
            await start.close()

    with pytest.raises(web.HTTPError) as refused:
        run(work())
    assert refused.value.status_code == 503
    assert refused.value.jupyterhub_message.endswith(".")


def test_a_pod_that_loses_the_hub_token_on_its_way_is_not_started(c, install, berth):
    import berth_hub

    seal = berth_hub.Seal("the-token-of-ada")
    hidden = seal.hide({"env": [{"name": "JUPYTERHUB_API_TOKEN", "value": "the-token-of-ada"}]})
    assert seal.restore(hidden) == {
        "env": [{"name": "JUPYTERHUB_API_TOKEN", "value": "the-token-of-ada"}]
    }
    with pytest.raises(berth_hub.Misfit):
        seal.restore({"env": []})


@pytest.mark.parametrize(
    "hook", ["pre_spawn_hook", "modify_pod_hook", "profile_list", "apply_user_options"]
)
def test_a_hook_that_is_set_after_install_stops_every_start(c, install, berth, hook):
    install(c)
    c.KubeSpawner[hook] = [] if hook == "profile_list" else (lambda *arguments: None)

    async def work():
        start = Start(c, "ben", BEN)
        try:
            return await start.pod({"profile": "cpu"})
        finally:
            await start.close()

    with pytest.raises(web.HTTPError) as refused:
        run(work())
    assert refused.value.status_code == 503
    assert berth.of("pod") == []


def test_hooks_of_both_classes_are_found_as_the_hub_would_find_them(c, install):
    ran = []
    c.Spawner.pre_spawn_hook = lambda spawner: ran.append("base class")
    c.KubeSpawner.pre_spawn_hook = lambda spawner: ran.append("KubeSpawner")
    c.Spawner.post_stop_hook = lambda spawner: ran.append("stopped")
    c.KubeSpawner.apply_user_options = {"profile": "hub_connect_url"}
    run(one_pod(Start(install(install(c)), "ben", BEN), {"profile": "cpu"}))
    assert ran == ["KubeSpawner", "stopped"]


def test_an_own_profile_list_does_not_add_to_what_berth_granted(c, install):
    override = {"image": "evil", "extra_resource_limits": {"nvidia.com/gpu": "8"}}
    c.KubeSpawner.profile_list = [
        {"slug": "cpu", "display_name": "x", "kubespawner_override": override}
    ]
    pod = run(one_pod(Start(install(c), "ben", BEN), {"profile": "cpu"}))
    assert container(pod)["image"] == "registry.example.org/notebooks/base:2026.1"
    assert "nvidia.com/gpu" not in json.dumps(container(pod)["resources"])

# SPDX-License-Identifier: Apache-2.0
"""A server's time is over: the hub itself stops it, and its user may have had it longer."""

import re
import time

import requests
from hub import eventually


BUTTON = '<button class="btn btn-jupyter" type="submit">'


def page(hub, visitor, server=""):
    return visitor.session.get(f"{hub.url}/hub/berth/walltime", params={"server": server}, timeout=10)


def press(hub, visitor, page_text, server="", **form):
    token = re.search(r'name="_xsrf" value="([^"]+)"', page_text)
    fields = {"_xsrf": token[1], **form} if token else form
    return visitor.session.post(
        f"{hub.url}/hub/berth/walltime",
        params={"server": server},
        data=fields,
        headers={"Referer": f"{hub.url}/hub/berth/walltime"},
        timeout=10,
    )


def ended(hub, user, server=""):
    model = hub.api.call("GET", f"/users/{user}").json()
    return server not in model["servers"]


def test_the_hub_stops_a_server_whose_walltime_is_over(hub):
    hub.start_server("tim", {"profile": "short"})
    assert eventually(lambda: ended(hub, "tim"))
    assert "204 DELETE /hub/api/users/tim/server (berth@" in hub.log
    assert "server stopped, with exit code" not in hub.log
    assert "post_stop tim" in (hub.scratch / "chained.log").read_text()
    # The hub knows that it was stopped, so that the next one starts as any other.
    hub.start_server("tim", {"profile": "cpu"})


def test_a_named_server_is_stopped_by_its_name(hub):
    hub.start_server("tim", {"profile": "cpu"})
    hub.start_server("tim", {"profile": "short"}, "second")
    assert eventually(lambda: ended(hub, "tim", "second"))
    assert not ended(hub, "tim")


def test_a_hub_that_was_away_at_the_end_is_asked_when_it_is_back(hub):
    hub.start_server("tim", {"profile": "short"})
    hub.stop()
    time.sleep(5)  # past the end
    hub.start()
    assert eventually(lambda: ended(hub, "tim"))


def test_the_user_adds_time_on_the_hubs_page_until_all_is_used(hub):
    visitor = hub.visitor("tim")
    hub.start_server("tim", {"profile": "short"})
    began = time.monotonic()
    first = page(hub, visitor)
    assert first.status_code == 200 and BUTTON in first.text and "Add 6 seconds" in first.text
    second = press(hub, visitor, first.text)
    assert "Add 4 seconds" in second.text
    third = press(hub, visitor, second.text)
    assert "It ends in" in third.text and BUTTON not in third.text
    fourth = press(hub, visitor, second.text)
    assert "cannot be extended any more" in fourth.text
    assert eventually(lambda: ended(hub, "tim"))
    assert time.monotonic() - began > 10


def test_nobody_adds_time_to_a_server_that_is_not_theirs_or_by_a_forged_form(hub):
    hub.start_server("tim", {"profile": "short"})
    other = hub.visitor("ada")
    assert "This server has ended." in page(hub, other).text
    mine = page(hub, hub.visitor("tim"))
    stolen = requests.post(f"{hub.url}/hub/berth/walltime", data={}, timeout=10, allow_redirects=False)
    assert stolen.status_code in (302, 403)
    forged = press(hub, hub.visitor("tim"), "no token in here")
    assert forged.status_code == 403
    assert "Add 6 seconds" in mine.text


def test_a_server_without_an_end_is_said_to_have_none(hub):
    hub.start_server("tim", {"profile": "cpu"})
    told = page(hub, hub.visitor("tim"))
    assert "It has no end yet." in told.text and BUTTON not in told.text

# SPDX-License-Identifier: Apache-2.0
"""What a browser and a script do at a hub: log in, look at the spawn page, send it, call the REST
API.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from urllib.parse import parse_qs, urlparse

import requests
from bs4 import BeautifulSoup
from processes import PATIENCE_S

TIMEOUT_S = 30


@dataclass
class Page:
    """An HTML page of the hub."""

    status: int
    url: str
    html: str

    @property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.html, "html.parser")

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", self.soup.get_text(" ")).strip()

    @property
    def profiles(self) -> list[str]:
        """The slugs that the form offers."""
        return [field["value"] for field in self.soup.select('#spawn_form [name="profile"][value]')]

    @property
    def error(self) -> str:
        """What the spawn page says above the form."""
        found = self.soup.select_one(".spawn-error-msg")
        return (
            re.sub(r"\s+", " ", found.get_text(" ")).strip().removeprefix("Error: ")
            if found
            else ""
        )


class Visitor:
    """Somebody with a browser: keeps cookies, sends the hub's forgery tokens back."""

    def __init__(self, hub: str, name: str):
        self.hub = hub.rstrip("/")
        self.name = name
        self.session = requests.Session()

    def log_in(self) -> Visitor:
        page = self._get("/hub/login")
        fields = {
            "username": self.name,
            "password": "x",
            "_xsrf": page.soup.select_one('[name="_xsrf"]')["value"],
        }
        answer = self._post(f"{self.hub}/hub/login", fields)
        assert answer.status_code == 302, f"login of {self.name}: {answer.status_code}"
        return self

    def log_in_at_provider(self, password: str) -> Visitor:
        """The way over Glewlwyd's login page and back; the page asks the same of its API."""
        to_provider = self._get("/hub/oauth_login")
        login_page = self.session.get(to_provider.url, timeout=TIMEOUT_S, allow_redirects=False)
        target = urlparse(login_page.headers["Location"])
        asked = parse_qs(target.query)
        api = f"{target.scheme}://{target.netloc}/api/auth"
        who = {"username": self.name, "password": password}
        answer = self.session.post(f"{api}/", json=who, timeout=TIMEOUT_S)
        assert answer.status_code == 200, f"the provider refuses {self.name}: {answer.status_code}"
        agreed = {"scope": asked["scope"][0]}
        self.session.put(f"{api}/grant/{asked['client_id'][0]}", json=agreed, timeout=TIMEOUT_S)
        back = f"{asked['callback_url'][0]}&g_continue"
        answer = self.session.get(back, timeout=TIMEOUT_S, allow_redirects=False)
        answer = self.session.get(
            answer.headers["Location"], timeout=TIMEOUT_S, allow_redirects=False
        )
        said = self._page(answer).text[-300:]
        assert answer.status_code == 302, f"login of {self.name}: {answer.status_code} {said}"
        return self

    def spawn_page(self, query: str = "", server: str = "") -> Page:
        path = f"/hub/spawn/{self.name}/{server}" if server else "/hub/spawn"
        return self._get(path + query)

    def send_form(self, fields: dict, files: dict | None = None, server: str = "") -> Page:
        """What follows the submit button: the pending page after a redirect, or the form again."""
        return self.send(self.spawn_page(server=server), fields, files)

    def send(self, page: Page, fields: dict, files: dict | None = None) -> Page:
        """The same from a page that was opened some time ago."""
        form = page.soup.select_one("#spawn_form")
        assert form is not None, f"no form for {self.name}: {page.status} {page.text[:300]}"
        answer = self._post(f"{self.hub}{form['action']}", fields, files)
        return self._page(answer)

    def page(self, path: str) -> Page:
        return self._get(path)

    def _get(self, path: str) -> Page:
        return self._page(
            self.session.get(self.hub + path, timeout=TIMEOUT_S, allow_redirects=False)
        )

    def _post(self, url: str, fields: dict, files: dict | None = None) -> requests.Response:
        return self.session.post(
            url,
            data=fields,
            files=files,
            timeout=TIMEOUT_S,
            allow_redirects=False,
            headers={"Referer": url},
        )

    def _page(self, answer: requests.Response) -> Page:
        answer.encoding = "utf-8"
        return Page(answer.status_code, answer.headers.get("Location", answer.url), answer.text)


class API:
    """The hub's REST API under one token."""

    def __init__(self, hub: str, token: str):
        self.base = f"{hub.rstrip('/')}/hub/api"
        self.headers = {"Authorization": f"token {token}"}

    def call(
        self, method: str, path: str, json: object = None, data: str | None = None
    ) -> requests.Response:
        return requests.request(
            method, self.base + path, json=json, data=data, headers=self.headers, timeout=TIMEOUT_S
        )

    def start(
        self, user: str, options: object = None, server: str | None = None
    ) -> requests.Response:
        """Starts a server; `options` is the body, which JupyterHub takes as the user's options."""
        path = f"/users/{user}/server" if server is None else f"/users/{user}/servers/{server}"
        return self.call("POST", path, json=options)

    def stop(self, user: str, server: str | None = None) -> requests.Response:
        path = f"/users/{user}/server" if server is None else f"/users/{user}/servers/{server}"
        return self.call("DELETE", path)

    def server(self, user: str, server: str = "") -> dict | None:
        """The server as the hub knows it; None when it is not running or starting."""
        return self.call("GET", f"/users/{user}").json().get("servers", {}).get(server)

    def wait_ready(self, user: str, server: str = "") -> dict:
        return self._wait(
            user, server, lambda found: found if found and found["ready"] else None
        )

    def wait_gone(self, user: str, server: str = "") -> None:
        self._wait(user, server, lambda found: True if found is None else None)

    def _wait(self, user: str, server: str, check):
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            found = check(self.server(user, server))
            if found is not None:
                return found
            time.sleep(0.1)
        raise AssertionError(
            f"the server of {user} is not where it should be after {PATIENCE_S} s"
        )

    def make_user(self, user: str) -> None:
        assert self.call("POST", f"/users/{user}").status_code in (201, 409)

    def token_of(self, user: str) -> str:
        return self.call("POST", f"/users/{user}/tokens", json={}).json()["token"]

# SPDX-License-Identifier: Apache-2.0
"""Logging in at an OpenID Connect provider, so that the hub always has an access token that Berth
can prove.

In ``jupyterhub_config.py``, before ``berth_hub.install(c, ..., token_key="access_token")``::

    import oidc_login
    oidc_login.set_up(c, issuer="https://idp.example.org/realms/lab", client_id="jupyterhub",
                      client_secret=..., callback_url="https://hub.example.org/hub/oauth_callback",
                      authorize_params={"audience": "berth"})

It needs `oauthenticator` 17, and the environment variable JUPYTERHUB_CRYPT_KEY, which seals auth
state.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import secrets
import time
import urllib.request
from typing import Any
from weakref import WeakValueDictionary

from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.oauth2 import OAuthLoginHandler
from tornado import web
from tornado.httpclient import HTTPClientError
from traitlets import Integer
from traitlets.config import Config

#: How long the hub takes a user's auth state for up to date; a token that it holds lasts longer.
LOOK_AGAIN_S = 30
#: Members of auth state that are tokens.
TOKENS = ("access_token", "refresh_token", "id_token")

AWAY_TEXT = "The login service cannot be asked now. Please try again in a minute."


class LoginHandler(OAuthLoginHandler):
    """Sends a nonce, without which some providers refuse a login.

    It guards ID tokens against being played back, and the hub takes none; PKCE guards the code.
    """

    def authorize_redirect(
        self, *args: Any, extra_params: dict | None = None, **kwargs: Any
    ) -> None:
        extra_params = {**(extra_params or {}), "nonce": secrets.token_urlsafe(16)}
        super().authorize_redirect(*args, extra_params=extra_params, **kwargs)


class OIDCLogin(GenericOAuthenticator):
    """Asks the provider when a token is about to lapse, and by one request at a time.

    OAuthenticator asks with every start, so that nobody starts anything while the provider is away,
    and takes a new token only after the old one has failed. Two requests of one user that come at
    that moment show the same refresh token; a provider whose refresh tokens serve once takes that
    for a theft and ends the session.
    """

    login_handler = LoginHandler

    fresh_s = Integer(
        2 * LOOK_AGAIN_S,
        config=True,
        help="A token that lasts no longer is exchanged for a new one.",
    )

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self._refreshing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def refresh_user(self, user: Any, handler: Any = None, **kwargs: Any) -> Any:
        lock = self._refreshing.setdefault(user.name, asyncio.Lock())
        async with lock:
            auth_state = await user.get_auth_state() or {}
            left_s = lasts_s(auth_state.get("access_token"))
            if left_s is None or not auth_state.get("refresh_token"):
                return await super().refresh_user(user, handler, **kwargs)
            if left_s > self.fresh_s:
                return True
            try:
                return await self._renewed(user, handler, auth_state)
            except (HTTPClientError, web.HTTPError, OSError) as error:
                # Not its text: OAuthenticator's may hold all of the provider's answer.
                status = status_of(error) or type(error).__name__
                self.log.warning("The login of %s is not renewed: %s", user.name, status)
                if is_refusal(error):
                    return False  # the user has to log in again
                if left_s <= 0:
                    raise away() from None
                return True  # the provider is away, and the token at hand still counts

    async def _renewed(self, user: Any, handler: Any, auth_state: dict) -> dict:
        """The user with new tokens, which are kept before anything else can fail.

        The old refresh token may be of no use any more from the provider's answer on.
        """
        params = self.build_refresh_token_request_params(auth_state["refresh_token"])
        answer = await self.get_token_info(handler, params)
        answer.setdefault("refresh_token", auth_state["refresh_token"])
        tokens = {name: answer[name] for name in TOKENS if name in answer}
        await user.save_auth_state({**auth_state, **tokens, "token_response": answer})
        return await self._token_to_auth_model(answer)


def away() -> web.HTTPError:
    """What is shown on the page and in REST; JupyterHub takes one of its two texts each."""
    error = web.HTTPError(503, AWAY_TEXT)
    error.jupyterhub_message = AWAY_TEXT
    return error


def is_refusal(error: Exception) -> bool:
    """Whether the provider has answered, and said no."""
    return 400 <= status_of(error) < 500


def status_of(error: Exception) -> int:
    """Of an answer; 0 where there was none."""
    return getattr(error, "code", None) or getattr(error, "status_code", 0)


def lasts_s(token: Any) -> float | None:
    """How long a JWT lasts by its own word, which is not checked here; None where it has none."""
    try:
        payload = token.split(".")[1]
        return float(json.loads(base64.urlsafe_b64decode(payload + "=="))["exp"]) - time.time()
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None


def set_up(
    c: Config,
    *,
    issuer: str,
    client_id: str,
    client_secret: str,
    callback_url: str,
    username_claim: str = "preferred_username",
    authorize_params: dict[str, str] | None = None,
    authenticator_class: type[OIDCLogin] = OIDCLogin,
) -> None:
    """Has the hub of configuration `c` send its users to `issuer`, which is asked where it is to be
    asked.

    - `authorize_params` make the token one for Berth: its `aud` must be among the issuer's
      `audiences` in Berth's configuration. Glewlwyd and others that know RFC 8707 take
      `{"resource": ...}`, Auth0 takes `{"audience": ...}`, Keycloak has a mapper for it.
    """
    endpoints = _discovered(issuer)
    c.JupyterHub.authenticator_class = authenticator_class
    login = c.GenericOAuthenticator
    login.client_id, login.client_secret = client_id, client_secret
    login.authorize_url = endpoints["authorization_endpoint"]
    login.token_url = endpoints["token_endpoint"]
    login.userdata_url = endpoints["userinfo_endpoint"]
    login.oauth_callback_url = callback_url
    login.extra_authorize_params = authorize_params or {}
    login.scope = ["openid"]
    login.username_claim = username_claim
    login.enable_pkce = True
    login.enable_auth_state = True
    login.auth_refresh_age = LOOK_AGAIN_S
    login.refresh_pre_spawn = True


def set_up_from_environment(c: Config, authenticator_class: type[OIDCLogin] = OIDCLogin) -> None:
    """The same as the LOGIN_ variables say it."""
    set_up(
        c,
        issuer=os.environ["LOGIN_ISSUER"],
        client_id=os.environ["LOGIN_CLIENT_ID"],
        client_secret=os.environ["LOGIN_CLIENT_SECRET"],
        callback_url=os.environ["LOGIN_CALLBACK_URL"],
        authorize_params={"resource": os.environ["LOGIN_AUDIENCE"]},
        authenticator_class=authenticator_class,
    )


def _discovered(issuer: str) -> dict:
    """OpenID Connect Discovery section 4; the hub does not start without."""
    url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    with urllib.request.urlopen(url, timeout=10) as answer:
        document = json.load(answer)
    if document.get("issuer") != issuer:
        raise ValueError(f"{url} is of the issuer {document.get('issuer')!r}, not {issuer!r}")
    return document

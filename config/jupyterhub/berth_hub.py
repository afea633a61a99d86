# SPDX-License-Identifier: Apache-2.0
"""JupyterHub asks Berth: who may start what and where, and what the pod must look like.

Put this file beside ``jupyterhub_config.py`` (z2jh: ``hub.extraFiles``) and, as the *last* lines of
the configuration::

    import berth_hub
    berth_hub.install(c, url="http://127.0.0.1:8090", token_file="/run/secrets/berth/hook-token")

It needs nothing beyond JupyterHub itself, works with JupyterHub 5.3 to 6.x, with KubeSpawner and
with any other spawner. Hooks that are configured already are kept and run too: before Berth has the
last word on traits and pod.

What holds whatever happens:

- Each start is decided by Berth, whichever way it came (form, link, REST, stored options, admin
  page).
- No answer, a broken answer or a refusal is an exception with a sentence for the user: never an
  empty form, never a default server, and never one of the "consecutive failures" after which a hub
  exits.
- No hook waits without a bound or blocks the hub's loop.
- The hub's tokens never leave the hub: neither the user's API token in the manifest nor what the
  IdP gave. The exceptions are asked for: with `token_key`, the IdP's access (or ID) token goes to
  Berth, which proves it; and a service of the hub with the scope `admin:auth_state`, as which Berth
  asks, gets users' access tokens for the servers whose profile has a `token`. A refresh token is
  never sent.
"""

from __future__ import annotations

import asyncio
import base64
import copy
import functools
import hashlib
import json
import re
import secrets
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Awaitable, Callable
from weakref import WeakValueDictionary

from jupyterhub import orm
from jupyterhub.apihandlers.base import APIHandler
from jupyterhub.auth import Authenticator
from jupyterhub.handlers import BaseHandler
from jupyterhub.handlers.pages import SpawnHandler
from jupyterhub.scopes import needs_scope
from jupyterhub.spawner import Spawner
from jupyterhub.utils import maybe_future
from tornado import web
from tornado.httpclient import HTTPClientError
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from traitlets import TraitError
from traitlets.config import Config

try:  # JupyterHub 6: a refusal has a class of its own, and the hub does not count it as a failure
    from jupyterhub.spawner import SpawnException
except ImportError:
    SpawnException = None

JSON = dict[str, Any]

CONNECT_S = 2.0
ANSWER_S = 5.0
POD_ANSWER_S = 10.0
#: The pause before the second and last attempt, and the longest Retry-After that is waited for.
RETRY_AFTER_S = 0.2
RETRY_AFTER_MAX_S = 2.0
#: Where a stop could not be told: the pauses before further attempts, ten minutes in all.
STOP_RETRIES_S = (2, 5, 10, 20, 40, 60, 120, 180, 180)
STOPS_UNTOLD_MAX = 500
CALLS_AT_ONCE_MAX = 64
ANSWER_BYTES_MAX = 16 * 1024 * 1024

#: How long an asker waits for a login to be renewed; the renewal itself goes on to its end.
RENEWAL_S = 8.0
RENEWALS_AT_ONCE_MAX = 64
#: When to ask again where a login could not be renewed now.
RENEW_AGAIN_S = 5
#: A token that lasts this long is still worth handing over while the provider is away.
LAST_OF_TOKEN_S = 10
#: Users whose last renewal is remembered, and how many of each one's spent refresh tokens.
RENEWED_MAX = 5000
SPENT_MAX = 8

#: Members of auth state, and of the claims in it, that are never sent.
TOKEN_MEMBERS = {"access_token", "refresh_token", "id_token", "token_response"}
#: Members of auth state as a whole with one of these words in their name are not sent either.
SECRET_WORDS = ("token", "secret", "password")
#: As `claims_key`: auth state as a whole, without its tokens.
WHOLE_AUTH_STATE = "."
#: Variables that hold the user's hub token; any other text that contains it is hidden too.
TOKEN_VARIABLES = {"JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN"}
#: Statuses that are a "no" to this user; any other 4xx is one to the hub.
REFUSALS = {400, 403, 409, 410, 413, 422}
#: Statuses that a later try may mend, and when is in Retry-After.
TRY_LATER = {429, 502, 503}

FORM_KEY = "berth-form"
START_KEY = "berth_start"
CPU_ONLY_FIELD = "berth-cpu-only"
CPU_ONLY_FORM = f"""
<p>The service that places servers cannot be reached. Until it answers again, only a server without
a GPU and with the hub's standard settings can be started.</p>
<input type="hidden" name="{CPU_ONLY_FIELD}" value="1">
"""
CPU_ONLY_MESSAGE = (
    "The service that places servers cannot be reached: this server has no GPU and the hub's "
    "standard settings."
)
CPU_ONLY_HINT = "Until then the spawn page, opened anew, offers a server without a GPU."
CPU_ONLY_VARIABLES = {"NVIDIA_VISIBLE_DEVICES": "void", "CUDA_VISIBLE_DEVICES": ""}
#: All that a container may ask for in a pod that Berth has not seen: a GPU is always another word.
CPU_ONLY_RESOURCES = {"cpu", "memory", "ephemeral-storage"}

UNREACHABLE_TEXT = (
    "The service that places servers cannot be reached, so nothing can be started right now. "
    "Please try again in a few minutes."
)
BROKEN_TEXT = (
    "Your server could not be started because the hub and the service that places servers do not "
    "understand each other. Please tell the hub's operators."
)
SETTING_TEXT = (
    "This profile is not set up right at this hub. Please choose another, or tell the hub's "
    "operators."
)
LOGIN_EXPIRED_TEXT = (
    "Your login has expired. Log out of the hub and in again, then start your server."
)
LOGIN_OVER_TEXT = (
    "Your login has expired. Log out of the hub and in again, then repeat what you have just done."
)
LOGIN_AWAY_TEXT = (
    "Your login cannot be renewed, since the login service cannot be asked now. Please try again in "
    "a minute."
)
OPTIONS_TEXT = "The options of this start cannot be read. Please choose again on the spawn page."

#: Where Berth gets users' access tokens, below the hub's prefix.
ACCESS_TOKENS = r"/api/berth/access-token"
#: Where users see how long a server may still run, below the hub's prefix.
WALLTIME_PAGE = r"/berth/walltime"
WALLTIME_HTML = """
{% extends "page.html" %}
{% block main %}
<div class="container text-center" id="berth-walltime">
  <h1>{{ title }}</h1>
  {% if error %}<p class="alert alert-warning" role="alert">{{ error }}</p>{% endif %}
  {% if ends_at %}
  <p class="lead">It ends in {{ left }}, at <time datetime="{{ ends_at }}">{{ ends_at }}</time>.</p>
  {% elif not error %}
  <p class="lead">It has no end yet.</p>
  {% endif %}
  {% if unused_ends_at %}
  <p class="alert alert-warning" role="alert">Nobody has used it for {{ unused }}. Unless it is used, it ends in
    {{ unused_left }}, at <time datetime="{{ unused_ends_at }}">{{ unused_ends_at }}</time>.</p>
  {% elif unused_most %}
  <p>It ends, too, when nobody has used it for {{ unused_most }}.</p>
  {% endif %}
  {% if by %}
  <form method="post">
    <input type="hidden" name="_xsrf" value="{{ xsrf_token }}">
    <button class="btn btn-jupyter" type="submit">Add {{ by }}</button>
  </form>
  <p>In all, {{ most }} more can be added.</p>
  {% endif %}
</div>
{% endblock %}
"""

#: What install() sets, by the class whose configuration it belongs to.
SPAWNER_HOOKS = (
    "options_form",
    "options_from_form",
    "apply_user_options",
    "auth_state_hook",
    "pre_spawn_hook",
    "post_stop_hook",
)
KUBESPAWNER_HOOKS = ("modify_pod_hook", "profile_list")
#: Berth's form and policy take their place, so what was configured there cannot run too.
REPLACED = {"options_form", "options_from_form", "profile_list"}


def install(
    c: Config,
    url: str,
    token_file: str,
    on_unreachable: str = "deny",
    *,
    claims_key: str = "oauth_user",
    token_key: str | None = None,
    narrow_by_scope: bool = False,
) -> None:
    """Makes the hub of configuration `c` ask Berth at `url` before each start.

    Call it last: a hook that is set afterwards replaces ours, which is noticed at the next start
    and refuses it.

    - `token_file` holds the deployment's hook token; it is read again for each call, so it can be
      rotated.
    - `claims_key` is the member of auth state with the user's claims; nothing else of auth state is
      sent. With `"."` it is all of auth state, except what is a token or secret by its name.
    - `token_key`, for a deployment with `trust: token`, is the member with the user's token
      (`access_token` or `id_token`), which is sent instead of claims.
    - `on_unreachable="cpu-only"`: while Berth does not answer (never when it refuses), a start
      *without options* gets a server as the hub's own configuration makes it. Any GPU is fenced
      off, and a pod that asks for one is refused. Such a pod lacks what Berth's policy would have
      set (ids, security context), so choose this only where the hub's own configuration is safe by
      itself. A start that names a profile is refused all the same.
    - `narrow_by_scope=True` has the provider asked for a token of the scope that a profile's `token`
      names, with the user's refresh token. Only where a refresh token that was used so goes on to
      give tokens of all its scopes (RFC 6749 section 6), and the hub's own access token lives on.

    Berth may ask for users' access tokens where a service of the hub has `admin:auth_state`.
    """
    if token_key is not None and "refresh" in token_key:
        raise ValueError(f"a refresh token stays with the hub: token_key cannot be {token_key!r}")
    if on_unreachable not in ("deny", "cpu-only"):
        raise ValueError(f'on_unreachable is "deny" or "cpu-only", not {on_unreachable!r}')
    client = Client(url, token_file)
    client.token()  # a missing file stops the hub now, not the first user
    hooks = Hooks(client, on_unreachable, claims_key, _take_configured_hooks(c), token_key)
    for name in SPAWNER_HOOKS:
        if hasattr(Spawner, name):
            _set_everywhere(c, "Spawner", name, getattr(hooks, name))
    for name in KUBESPAWNER_HOOKS:
        _set_everywhere(c, "KubeSpawner", name, getattr(hooks, name))
    _renew_one_at_a_time()
    c.JupyterHub.extra_handlers.extend(
        [
            (ACCESS_TOKENS, AccessTokens, {"narrow_by_scope": narrow_by_scope}),
            (WALLTIME_PAGE, WalltimePage, {"client": client}),
        ]
    )


def _take_configured_hooks(c: Config) -> dict[str, dict[str, Any]]:
    """The operator's own hooks by class name, also those that an earlier install() took."""
    taken: dict[str, dict[str, Any]] = {}
    for section, settings in c.items():
        if not isinstance(settings, Config):
            continue
        for name in SPAWNER_HOOKS + KUBESPAWNER_HOOKS:
            hook = settings.get(name)
            earlier = getattr(hook, "__self__", None)
            if isinstance(earlier, Hooks):
                taken = {**earlier.configured, **taken}
            elif hook is not None:
                taken.setdefault(section, {})[name] = hook
    return taken


def _set_everywhere(c: Config, section: str, name: str, hook: Any) -> None:
    """A setting for a subclass beats its parent's, so each one that is there has to be ours."""
    c[section][name] = hook
    for settings in c.values():
        if isinstance(settings, Config) and name in settings:
            settings[name] = hook


# --- Talking to Berth -----------------------------------------------------------------------------


class Refused(Exception):
    """Berth said no, in the words of its problem document."""

    def __init__(self, status: int, problem: JSON):
        self.status = status
        self.code = str(problem.get("code") or "refused")
        self.text = str(problem.get("user_message") or BROKEN_TEXT)
        self.detail = str(problem.get("detail") or "")
        self.request_id = str(problem.get("request_id") or "")
        self.retry_after_s = _whole_seconds(problem.get("retry_after_s"))
        super().__init__(
            f"status={status} code={self.code} request_id={self.request_id} detail={self.detail!r}"
        )


class Unreachable(Exception):
    """Berth cannot answer now: nobody listens, it took too long, or it says so itself (5xx)."""

    def __init__(
        self,
        why: str,
        *,
        text: str = UNREACHABLE_TEXT,
        again_in_s: float | None = None,
        by_berth: bool = False,
    ):
        self.text = text
        #: Berth itself says so, and why: its identity provider or its ledger is away. Nobody starts
        #: anything then, also not without a GPU: who somebody is, is what nobody knows.
        self.by_berth = by_berth
        #: None where a second attempt would not help.
        self.again_in_s = again_in_s
        super().__init__(why)


class Misfit(Exception):
    """An answer that is not as agreed, or a "no" to the hub itself: something is set up wrong."""

    def __init__(self, why: str, *, text: str = ""):
        self.text = text or BROKEN_TEXT
        super().__init__(why)


class Unsendable(Exception):
    """What the user gave is no JSON: not a number, a lone surrogate, a file, endless nesting."""


class Client:
    """POSTs JSON to one Berth, with bounds on waiting, answers and calls at once."""

    def __init__(self, url: str, token_file: str):
        self.url = url.rstrip("/")
        self.token_file = token_file
        self._http: SimpleAsyncHTTPClient | None = None

    def token(self) -> str:
        """The hook token as it stands in its file now: a read of a small local file."""
        with open(self.token_file, encoding="utf-8") as file:
            token = file.read(4096).strip()
        if not token:
            raise ValueError(f"the hook token file {self.token_file} is empty")
        return token

    async def ask(
        self, question: str, body: JSON, *, answer_s: float | None = None, retry: bool = True
    ) -> JSON:
        """The answer; where it was lost or came too early, that of one more attempt."""
        data = _encoded(body)
        answer_s = answer_s or ANSWER_S
        try:
            return await self._ask_once(question, data, answer_s)
        except Unreachable as lost:
            if not retry or lost.again_in_s is None:
                raise
            await asyncio.sleep(lost.again_in_s)
            return await self._ask_once(question, data, answer_s)

    async def _ask_once(self, question: str, data: bytes, answer_s: float) -> JSON:
        token = self.token()
        try:
            answer = await self._client().fetch(
                f"{self.url}/v1/hub/{question}",
                method="POST",
                headers={
                    "Authorization": f"Bearer {token}",
                    "Content-Type": "application/json",
                },
                body=data,
                connect_timeout=CONNECT_S,
                request_timeout=answer_s,
                follow_redirects=False,
                raise_error=False,
            )
        except Exception as error:
            raise Unreachable(
                f"{question}: {type(error).__name__}: {error}", again_in_s=RETRY_AFTER_S
            ) from None
        return _read(question, answer)

    def _client(self) -> SimpleAsyncHTTPClient:
        """Made when the hub's loop runs; not the hub's own client, whose queue others fill."""
        if self._http is None:
            self._http = SimpleAsyncHTTPClient(
                force_instance=True,
                max_clients=CALLS_AT_ONCE_MAX,
                max_body_size=ANSWER_BYTES_MAX,
                max_buffer_size=ANSWER_BYTES_MAX,
            )
        return self._http


def _encoded(body: JSON) -> bytes:
    try:
        return json.dumps(body, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise Unsendable(f"{type(error).__name__}: {error}") from None


def _read(question: str, answer: Any) -> JSON:
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    if answer.code == 200 and isinstance(body, dict):
        return body
    problem = body if isinstance(body, dict) and "user_message" in body else {}
    if problem and answer.code in REFUSALS:
        raise Refused(answer.code, problem)
    why = f"{question}: status={answer.code}"
    if problem:
        why += f" code={problem.get('code')} request_id={problem.get('request_id')}"
    text = str(problem.get("user_message") or "")
    if answer.code >= 500 or answer.code in TRY_LATER:
        raise Unreachable(
            why,
            text=text or UNREACHABLE_TEXT,
            again_in_s=_again_in(answer),
            by_berth=bool(problem),
        )
    raise Misfit(why, text=text)


def _again_in(answer: Any) -> float | None:
    if answer.code not in TRY_LATER:
        return None
    wanted = _whole_seconds(answer.headers.get("Retry-After"))
    if wanted is None:
        return RETRY_AFTER_S
    return float(wanted) if wanted <= RETRY_AFTER_MAX_S else None


def _whole_seconds(value: Any) -> int | None:
    try:
        return max(0, int(value))
    except (TypeError, ValueError):
        return None


def denial(
    text: str, reason: str, status: int = 503, *, retry_after_s: int | None = None
) -> web.HTTPError:
    """An exception that shows `text` on every page and in REST, with JupyterHub 5 and 6.

    Without `jupyterhub_message` the form and the progress page print the exception's repr;
    JupyterHub 5's REST reads only the log message, so the same text stands there.
    """
    if SpawnException is not None:
        error = SpawnException(text, reason=reason, log_message=text, status_code=status)
    else:
        error = web.HTTPError(status, text)
    error.jupyterhub_message = text
    if retry_after_s is not None:
        error.headers = {"Retry-After": str(retry_after_s)}
    return error


# --- What is remembered of a start ----------------------------------------------------------------


@dataclass
class Start:
    """What Berth's hooks know about one spawner object, kept on it as `spawner.berth_start`.

    The hub may keep an object for several starts (after a cancelled one) or make a new one at any
    time (after a restart), so nothing that must survive stands only here.
    """

    #: The hub's own value of each trait, from before anything was changed.
    own: dict[str, Any]
    #: Traits that a start under Berth has changed on this object.
    changed: set[str] = field(default_factory=set)
    #: Names this start in each call; None between starts.
    id: str | None = None
    reservation_id: str | None = None
    #: The profile that Berth granted; KubeSpawner starts nothing without one.
    profile: str | None = None
    #: Berth was unreachable and the operator allows a server without GPU then.
    cpu_only: bool = False
    #: Sentences for the user's progress page.
    messages: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, spawner: Spawner) -> Start:
        start = getattr(spawner, "berth_start", None)
        if start is None:
            start = spawner.berth_start = cls(own=_own_values(spawner))
            _speak_in_progress(spawner, start)
            _keep_start_in_state(spawner, start)
        return start

    def begin(self) -> None:
        self.id = uuid.uuid4().hex
        self.reservation_id = self.profile = None
        self.cpu_only = False
        self.messages = []

    def end(self) -> None:
        self.begin()
        self.id = None


def _own_values(spawner: Spawner) -> dict[str, Any]:
    """A copy of every configurable trait that has a value; the others have their class's default.

    It is taken from the object rather than from the configuration because spawners work on some of
    their settings when they are made (KubeSpawner expands names in them).
    """
    hooks = SPAWNER_HOOKS + KUBESPAWNER_HOOKS
    names = [
        name
        for name in spawner.traits(config=True)
        if name not in hooks and spawner.trait_has_value(name)
    ]
    return {name: _copied(getattr(spawner, name)) for name in names}


def _copied(value: Any) -> Any:
    return copy.deepcopy(value) if isinstance(value, (dict, list)) else value


def take_back(spawner: Spawner) -> None:
    """Puts each trait that an earlier start has changed back to the hub's own value."""
    start = Start.of(spawner)
    for name in start.changed:
        own = start.own[name] if name in start.own else spawner.trait_defaults(name)
        setattr(spawner, name, _copied(own))
    start.changed.clear()


def change(spawner: Spawner, name: str, value: Any) -> None:
    """Sets a trait for this start as KubeSpawner's profiles do: dicts merge, None removes a key."""
    current = getattr(spawner, name)
    if isinstance(current, dict) and isinstance(value, dict):
        value = _merged(current, value)
    Start.of(spawner).changed.add(name)
    setattr(spawner, name, _copied(value))


def _merged(old: JSON, new: JSON) -> JSON:
    result = dict(old)
    for key, value in new.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            below = result.get(key)
            result[key] = _merged(below if isinstance(below, dict) else {}, value)
        else:
            result[key] = value
    return result


def _speak_in_progress(spawner: Spawner, start: Start) -> None:
    """The progress page is the one place where a start that goes well can speak to its user."""

    async def progress():
        for message in list(start.messages):
            yield {"progress": 1, "message": message}
        events = type(spawner).progress(spawner)
        try:
            async for event in events:
                yield event
        finally:
            await events.aclose()

    spawner.progress = progress


def _keep_start_in_state(spawner: Spawner, start: Start) -> None:
    """The hub saves this of a running server, so that after a restart its stop is told by name."""

    def get_state() -> JSON:
        state = type(spawner).get_state(spawner)
        return {**state, START_KEY: start.id} if start.id else state

    spawner.get_state = get_state


def _saved_start(spawner: Spawner) -> str | None:
    state = spawner.orm_spawner.state if spawner.orm_spawner else None
    saved = state.get(START_KEY) if isinstance(state, dict) else None
    return saved if isinstance(saved, str) else None


def never_counted(spawner: Spawner) -> None:
    """Keeps JupyterHub 5 from counting this start's failure: after five in a row it would exit.

    The hub counts, and looks at the limit, in a callback of the start's future that is registered
    before any hook runs. Ours follows it directly, so nobody sees the higher count; for its look at
    the limit there is none.
    """
    future = getattr(spawner, "_spawn_future", None)
    handler = spawner.handler
    if SpawnException is not None or handler is None or future is None or future.done():
        return
    limit = spawner.consecutive_failure_limit

    def uncount(_: asyncio.Future) -> None:
        spawner.consecutive_failure_limit = limit
        handler.settings["failure_count"] = max(0, handler.settings.get("failure_count", 0) - 1)

    spawner.consecutive_failure_limit = 0
    future.add_done_callback(uncount)


# --- The hooks ------------------------------------------------------------------------------------


class Hooks:
    """JupyterHub's and KubeSpawner's hooks, each of them one question to Berth."""

    def __init__(
        self,
        client: Client,
        on_unreachable: str,
        claims_key: str,
        configured: dict[str, dict[str, Any]],
        token_key: str | None = None,
    ):
        self.client = client
        self.cpu_only_allowed = on_unreachable == "cpu-only"
        self.claims_key = claims_key
        self.configured = configured
        self.token_key = token_key
        self._said: set[str] = set()
        self._untold: set[asyncio.Task] = set()

    def __deepcopy__(self, memo: dict) -> Hooks:
        """Traitlets copies what is configured for each spawner; hooks and client are for all."""
        return self

    # Before a start: the form, and what it sends.

    async def options_form(self, spawner: Spawner) -> str:
        """Berth's form; nothing allowed raises, because an empty form starts a default server."""
        return await self._guarded(spawner, self._form(spawner))

    async def _form(self, spawner: Spawner) -> str:
        self._check_wiring(spawner)
        body = {**await self._who(spawner), "last_options": _sendable(spawner.user_options)}
        try:
            answer = await self.client.ask("options-form", body)
        except Unreachable as lost:
            if not self._may_do_without(lost):
                raise
            spawner.log.error(
                "Berth is unreachable, the form offers a server without GPU: %s", lost
            )
            return CPU_ONLY_FORM
        _member(answer, "profiles", list)
        return _member(answer, "html", str)

    async def options_from_form(self, form: JSON, spawner: Spawner | None = None) -> JSON:
        """The checked user options; those of a link are checked in pre_spawn_hook.

        The hub calls this without a spawner for `/hub/spawn?opt-…` links, so nobody can be asked
        here then.
        """
        if spawner is None:
            return _options_from_link(form)
        return await self._guarded(spawner, self._checked_form(form, spawner))

    async def _checked_form(self, form: JSON, spawner: Spawner) -> JSON:
        if self.cpu_only_allowed and CPU_ONLY_FIELD in form:
            return {}
        fields = {name: values for name, values in form.items() if _is_list_of_text(values)}
        for name in form.keys() - fields.keys():
            spawner.log.warning("Form field %r of %s is a file: dropped", name, spawner._log_name)
        try:
            return await self._options_of(fields, spawner)
        except Unreachable as lost:
            raise self._with_way_out(lost) from None

    async def _options_of(self, fields: JSON, spawner: Spawner) -> JSON:
        answer = await self.client.ask("options", {**await self._who(spawner), "form": fields})
        return _member(answer, "user_options", dict)

    # A start.

    async def auth_state_hook(self, spawner: Spawner, auth_state: JSON | None) -> None:
        """A start's first hook: takes back what an earlier one left, before others set theirs."""
        take_back(spawner)
        await self._run_configured("auth_state_hook", spawner, auth_state)

    async def apply_user_options(self, spawner: Spawner, user_options: JSON) -> None:
        """The hub's own hook only: for a refusal here the hub would log a traceback."""
        hook = self._configured("apply_user_options", spawner)
        if not isinstance(hook, dict):
            await self._run_configured("apply_user_options", spawner, user_options)
            return
        ours = spawner.apply_user_options
        try:
            spawner.apply_user_options = hook
            spawner._apply_user_options_dict(user_options)
        finally:
            spawner.apply_user_options = ours

    async def pre_spawn_hook(self, spawner: Spawner) -> None:
        """Berth decides, then the hub's own hook runs, then the decision is put on the spawner."""
        grant = await self._guarded(spawner, self._decision(spawner), in_start=True)
        await self._run_configured("pre_spawn_hook", spawner)
        await self._guarded(spawner, self._put_on(spawner, grant), in_start=True)

    async def _decision(self, spawner: Spawner) -> JSON:
        start = Start.of(spawner)
        start.begin()
        self._check_wiring(spawner)
        try:
            return await self._ask_to_start(spawner, start)
        except Unreachable as lost:
            if spawner.user_options or not self._may_do_without(lost):
                raise self._with_way_out(lost) from None
            spawner.log.error(
                "Berth is unreachable, %s starts without GPU: %s", spawner._log_name, lost
            )
            start.cpu_only = True
            return {
                "profile": "cpu-only",
                "environment": CPU_ONLY_VARIABLES,
                "message": CPU_ONLY_MESSAGE,
            }

    def _may_do_without(self, lost: Unreachable) -> bool:
        return self.cpu_only_allowed and not lost.by_berth

    def _with_way_out(self, lost: Unreachable) -> Unreachable:
        if not self._may_do_without(lost):
            return lost
        return Unreachable(str(lost), text=f"{lost.text} {CPU_ONLY_HINT}")

    async def _ask_to_start(self, spawner: Spawner, start: Start) -> JSON:
        options = await self._resolved_options(spawner)
        body = {
            **await self._who(spawner, start.id),
            "options": options,
            "pod": _makes_pods(spawner),
        }
        if _makes_pods(spawner):
            # An admission webhook knows the pod by its name, should it come without modify_pod_hook.
            body["pod_name"] = spawner.pod_name
        actor = _actor(spawner)
        if actor:
            body["acting_for"] = actor
        answer = await self.client.ask("pre-spawn", body)
        _member(answer, "profile", str)
        _check_objects(_list(answer, "objects"), getattr(spawner, "namespace", None))
        return answer

    async def _resolved_options(self, spawner: Spawner) -> JSON:
        """What the hub has for this start; a link's form fields become options, and stay such."""
        options = spawner.user_options
        fields = options.get(FORM_KEY) if isinstance(options, dict) and len(options) == 1 else None
        if not isinstance(fields, dict):
            return options
        options = await self._options_of(fields, spawner)
        spawner.user_options = spawner.orm_spawner.user_options = options
        return options

    async def _put_on(self, spawner: Spawner, grant: JSON) -> None:
        start = Start.of(spawner)
        start.reservation_id = grant.get("reservation_id")
        start.messages = [
            text for text in [*_list(grant, "warnings"), grant.get("message")] if text
        ]
        for name, value in (grant.get("overrides") or {}).items():
            if spawner.has_trait(name):
                _change_or_explain(spawner, name, value)
            else:
                kind = type(spawner).__name__
                self._say_once(spawner, f"{kind} has no trait {name!r}: Berth's value is not used")
        environment = grant.get("environment") or {}
        literal = {name: _literal(spawner, text) for name, text in environment.items()}
        _change_or_explain(spawner, "environment", literal)
        start.profile = grant["profile"]
        # Should the hub restart before the server runs, its stop is still told by name.
        spawner.orm_spawner.state = {**(spawner.orm_spawner.state or {}), START_KEY: start.id}

    def profile_list(self, spawner: Spawner) -> list[JSON]:
        """One bare profile, so that KubeSpawner takes what Berth has granted and adds nothing.

        KubeSpawner calls this inside start(): where pre_spawn_hook has not run, nothing was granted
        and nothing starts.
        """
        start = Start.of(spawner)
        if start.profile is None:
            never_counted(spawner)
            raise denial(BROKEN_TEXT, "berth-not-asked")
        asked = spawner.user_options.get("profile") or start.profile
        return [{"slug": asked, "display_name": start.profile, "default": True}]

    async def modify_pod_hook(self, spawner: Spawner, pod: Any) -> Any:
        """The pod with Berth's changes, and with fields that the Kubernetes client knows not."""
        configured = await self._run_configured("modify_pod_hook", spawner, pod)
        pod = pod if configured is None else configured
        return await self._guarded(spawner, self._patched(spawner, pod), in_start=True)

    async def _patched(self, spawner: Spawner, pod: Any) -> Any:
        start = Start.of(spawner)
        manifest = spawner.api.api_client.sanitize_for_serialization(pod)
        if start.cpu_only:
            return _with_manifest(pod, _without_gpu(manifest))
        seal = Seal(spawner.api_token)
        body = {
            **await self._who(spawner, start.id, with_claims=False),
            "reservation_id": start.reservation_id,
            "pod": seal.hide(manifest),
        }
        answer = await self.client.ask("pod", body, answer_s=POD_ANSWER_S)
        for sentence in [*_list(answer, "corrected"), *_list(answer, "warnings")]:
            spawner.log.warning("Berth on the pod of %s: %s", spawner._log_name, sentence)
        return _with_manifest(pod, seal.restore(_member(answer, "pod", dict)))

    # After a stop.

    async def post_stop_hook(self, spawner: Spawner) -> None:
        """Tells Berth that the server is gone; no failure here keeps the user from a new start."""
        try:
            await self._tell_stop(spawner)
        except Exception:
            spawner.log.exception("Telling Berth of the stop of %s failed", spawner._log_name)
        await self._run_configured("post_stop_hook", spawner)

    async def _tell_stop(self, spawner: Spawner) -> None:
        start = Start.of(spawner)
        start_id = start.id or _saved_start(spawner)
        start.end()
        take_back(spawner)
        body = await self._who(spawner, start_id, with_claims=False)
        try:
            await self.client.ask("post-stop", body, answer_s=CONNECT_S, retry=False)
        except Unreachable as lost:
            spawner.log.warning(
                "Berth could not be told of the stop of %s yet: %s", spawner._log_name, lost
            )
            self._tell_later(spawner, body)

    def _tell_later(self, spawner: Spawner, body: JSON) -> None:
        """Keeps at it in the background: with the start's name a late word harms no later start."""
        if "start" not in body["server"] or len(self._untold) >= STOPS_UNTOLD_MAX:
            return
        task = asyncio.ensure_future(self._keep_telling(spawner.log, spawner._log_name, body))
        self._untold.add(task)
        task.add_done_callback(self._untold.discard)

    async def _keep_telling(self, log: Any, name: str, body: JSON) -> None:
        for pause_s in STOP_RETRIES_S:
            await asyncio.sleep(pause_s)
            try:
                await self.client.ask("post-stop", body, retry=False)
                return
            except Unreachable:
                continue
            except Exception as error:
                log.error("Berth does not take the stop of %s: %s", name, error)
                return
        log.error("Berth was never told of the stop of %s", name)

    # What all hooks share.

    async def _guarded(self, spawner: Spawner, work: Awaitable, in_start: bool = False) -> Any:
        """The result of `work`, or an exception with a text for the user; the log gets the rest."""
        try:
            return await work
        except Refused as no:
            spawner.log.info("Berth refuses %s: %s", spawner._log_name, no)
            error = denial(no.text, no.code, no.status, retry_after_s=no.retry_after_s)
        except Unreachable as lost:
            spawner.log.error("Berth gives no answer for %s: %s", spawner._log_name, lost)
            error = denial(lost.text, "berth-unreachable")
        except Misfit as fault:
            spawner.log.error("The hub and Berth do not fit together: %s", fault)
            error = denial(fault.text, "berth-misfit")
        except Unsendable as fault:
            spawner.log.warning("What %s gave is not sent: %s", spawner._log_name, fault)
            error = denial(OPTIONS_TEXT, "options-malformed", 422)
        except web.HTTPError as ready:
            error = ready
        except Exception:
            spawner.log.exception("A hook of Berth failed for %s", spawner._log_name)
            error = denial(BROKEN_TEXT, "berth-hook")
        if in_start:
            never_counted(spawner)
        raise error from None

    async def _who(
        self, spawner: Spawner, start: str | None = None, with_claims: bool = True
    ) -> JSON:
        user = spawner.user
        server = {"name": spawner.name}
        if start:
            server["start"] = start
        who: JSON = {
            "user": {
                "name": user.name,
                "admin": bool(user.admin),
                "groups": sorted(group.name for group in user.groups),
            },
            "server": server,
        }
        if with_claims:
            who["auth_state"] = self._sendable(await user.get_auth_state())
        return who

    def _sendable(self, auth_state: JSON | None) -> JSON | None:
        """The token that Berth proves, or the claims that it believes; nothing else."""
        if self.token_key is None:
            return self._claims_only(auth_state)
        token = auth_state.get(self.token_key) if isinstance(auth_state, dict) else None
        return {self.token_key: token} if isinstance(token, str) else None

    def _claims_only(self, auth_state: JSON | None) -> JSON | None:
        if not isinstance(auth_state, dict):
            return None
        if self.claims_key == WHOLE_AUTH_STATE:
            open_names = [name for name in auth_state if not _is_secret(name)]
            return _without_tokens({name: auth_state[name] for name in open_names})
        claims = auth_state.get(self.claims_key)
        return {self.claims_key: _without_tokens(claims)} if isinstance(claims, dict) else None

    def _configured(self, name: str, spawner: Spawner) -> Any:
        """The hook that would have run without Berth: the one for the most specific class."""
        for cls in type(spawner).__mro__:
            hook = self.configured.get(cls.__name__, {}).get(name)
            if hook is not None:
                return hook
        return None

    async def _run_configured(self, name: str, spawner: Spawner, *arguments: Any) -> Any:
        hook: Callable | None = self._configured(name, spawner)
        return await maybe_future(hook(spawner, *arguments)) if hook else None

    def _check_wiring(self, spawner: Spawner) -> None:
        """Refuses all where a hook set after install() replaced ours: Berth is not asked there."""
        for name in SPAWNER_HOOKS + KUBESPAWNER_HOOKS:
            if spawner.has_trait(name) and getattr(spawner, name) != getattr(self, name):
                spawner.log.error(
                    "%s is set after berth_hub.install(): call install() last, it keeps your hooks",
                    name,
                )
                raise denial(BROKEN_TEXT, "berth-hook-replaced")
        for section in self.configured:
            for name in REPLACED & self.configured[section].keys():
                self._say_once(
                    spawner, f"c.{section}.{name} is not used: Berth's policy takes its place"
                )

    def _say_once(self, spawner: Spawner, text: str) -> None:
        if text not in self._said and len(self._said) < 1000:
            self._said.add(text)
            spawner.log.warning("%s", text)


def _without_tokens(claims: Any) -> Any:
    if isinstance(claims, list):
        return [_without_tokens(element) for element in claims]
    if not isinstance(claims, dict):
        return claims
    open_names = [name for name in claims if str(name).lower() not in TOKEN_MEMBERS]
    return {name: _without_tokens(claims[name]) for name in open_names}


def _is_secret(name: Any) -> bool:
    return any(word in str(name).lower() for word in SECRET_WORDS)


def _member(answer: JSON, name: str, kind: type) -> Any:
    """A member that must be there, and not empty: an empty form would start a default server."""
    value = answer.get(name)
    if not isinstance(value, kind) or not (value.strip() if kind is str else value or kind is dict):
        raise Misfit(f"the answer's {name!r} is missing or not as agreed")
    return value


def _list(answer: JSON, name: str) -> list:
    value = answer.get(name)
    return value if isinstance(value, list) else []


def _options_from_link(query: JSON) -> JSON:
    """`?opt-profile=gpu&opt-gpu=shared` names options; with the form's own fields it is a form.

    JupyterHub 6 has taken `opt-` off already, JupyterHub 5 has not.
    """
    prefixed = {
        name[4:]: values for name, values in query.items() if name.startswith("opt-") and name[4:]
    }
    fields = prefixed or query
    if any(name.startswith("profile-option-") for name in fields):
        return {FORM_KEY: fields}
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


def _is_list_of_text(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _sendable(options: Any) -> Any:
    """Stored options only help to fill in the form, so ones that cannot be sent are left out."""
    try:
        _encoded({"options": options})
        return options
    except Unsendable:
        return None


def _makes_pods(spawner: Spawner) -> bool:
    return spawner.has_trait("modify_pod_hook")


def _actor(spawner: Spawner) -> JSON | None:
    """Who asked for this start where it is not the owner: an administrator or a service."""
    actor = getattr(spawner.handler, "current_user", None)
    if actor is None:
        return None
    is_service = isinstance(actor, orm.Service)
    if not is_service and actor.name == spawner.user.name:
        return None
    return {"name": actor.name, "kind": "service" if is_service else "user"}


def _change_or_explain(spawner: Spawner, name: str, value: Any) -> None:
    try:
        change(spawner, name, value)
    except TraitError as error:
        spawner.log.error(
            "Berth's profile sets %s, and the hub does not take that: %s", name, error
        )
        raise denial(SETTING_TEXT, "override-invalid") from None


def _literal(spawner: Spawner, text: Any) -> Any:
    """KubeSpawner fills in `{username}` and the like; doubled braces stand for themselves."""
    if isinstance(text, str) and hasattr(spawner, "_expand_user_properties"):
        return text.replace("{", "{{").replace("}", "}}")
    return text


# --- Users' access tokens -------------------------------------------------------------------------


class AccessTokens(APIHandler):
    """`POST /hub/api/berth/access-token`: a user's access token, which Berth hands to their server.

    The body has `user`, `least_s` (how long the token should last) and where it may be narrower
    `scope`. The answer has `access_token`, `expires_in_s` (null where nobody knows) and
    `narrowed_by` (`scope` or `nothing`). An error of ours has a `code` beside JupyterHub's `message`.
    """

    def initialize(self, narrow_by_scope: bool) -> None:
        self.narrow_by_scope = narrow_by_scope

    @needs_scope("admin:auth_state")
    async def post(self) -> None:
        if not isinstance(self.current_user, orm.Service):
            raise web.HTTPError(403, "Only a service of the hub is given users' access tokens.")
        name, least_s, scope = self._asked()
        user = self.find_user(name)
        if user is None:
            return self._say_no(404, "user-unknown", "The hub has no such user.")
        renewals = Renewals.of(self.authenticator)
        try:
            held = await renewals.token(user, least_s, scope if self.narrow_by_scope else None)
        except LoginEnded as ended:
            self.log.info("Berth asks for a token of %s, whose login has ended: %s", name, ended)
            return self._say_no(403, "login-expired", "The user has to log in again.")
        except NotNow as why:
            self.log.warning("The login of %s cannot be renewed now: %s", name, why)
            self.set_header("Retry-After", str(RENEW_AGAIN_S))
            return self._say_no(503, "login-not-renewed", "The login cannot be renewed now.")
        self.finish(json.dumps(held.answer))

    def _asked(self) -> tuple[str, float, str | None]:
        body = self.get_json_body()
        body = body if isinstance(body, dict) else {}
        name, least_s, scope = body.get("user"), body.get("least_s", 60), body.get("scope")
        if not isinstance(name, str) or not name:
            raise web.HTTPError(400, "`user` is missing")
        if isinstance(least_s, bool) or not isinstance(least_s, (int, float)) or not 0 <= least_s:
            raise web.HTTPError(400, "`least_s` is no number of seconds")
        if scope is not None and not (isinstance(scope, str) and SCOPES.fullmatch(scope)):
            raise web.HTTPError(400, "`scope` is no list of scopes")
        return name, least_s, scope

    def _say_no(self, status: int, code: str, message: str) -> None:
        self.set_status(status)
        self.finish(json.dumps({"status": status, "message": message, "code": code}))


#: Names of scopes with single blanks between (RFC 6749 section 3.3).
SCOPES = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")
#: Members of auth state that a renewal changes.
RENEWED_MEMBERS = ("access_token", "refresh_token", "id_token", "token_response", "scope")
#: Errors of a token endpoint that are about the hub or its question, and not about this login.
OF_THE_HUB = {
    "invalid_client",
    "invalid_request",
    "unauthorized_client",
    "unsupported_grant_type",
    "temporarily_unavailable",
    "server_error",
    "slow_down",
}
UNREADABLE_ANSWER = "The provider's answer has no token that can be used; it is not logged."
NOT_NARROWED = {"invalid_scope", "invalid_target"}


class LoginEnded(Exception):
    """The provider takes the user's refresh token no more, or there never was a login."""


class NotNow(Exception):
    """The provider does not answer, or not to the hub."""


class NotNarrowed(NotNow):
    """The provider gives no token of that scope."""


@dataclass(frozen=True)
class HeldToken:
    """An access token as the hub has it."""

    token: str = field(repr=False)
    #: None where neither the token nor the hub's notes say it.
    left_s: float | None
    life_s: float | None
    narrowed_by: str = "nothing"

    @classmethod
    def of(cls, auth_state: JSON | None) -> HeldToken | None:
        token = (auth_state or {}).get("access_token")
        if not isinstance(token, str) or not token:
            return None
        noted = auth_state.get("berth_token_lasts")
        if isinstance(noted, dict) and noted.get("of") == _digest(token):
            return cls(token, noted["until_unix_s"] - time.time(), noted["life_s"])
        return cls(token, *_times(token))

    def is_fresh(self, least_s: float) -> bool:
        """Of a token that never lasts as long as is asked for, half its life will do."""
        if self.left_s is None:
            return False
        return self.left_s >= (min(least_s, self.life_s / 2) if self.life_s else least_s)

    @property
    def answer(self) -> JSON:
        left_s = None if self.left_s is None else max(0, int(self.left_s))
        return {
            "access_token": self.token,
            "expires_in_s": left_s,
            "narrowed_by": self.narrowed_by,
        }


class Renewals:
    """Renews logins by one request a user at a time, whoever wants it: the hub itself or Berth.

    Where a refresh token serves once, two requests that show the same one end the login. So the
    authenticator's `refresh_user` waits for its turn here too, and new tokens are saved before the
    turn ends. The hub saves what `refresh_user` gave some time after; should Berth have had the
    login renewed meanwhile, that would bring a spent refresh token back. It is known here, and the
    newest takes its place when it is next read.
    """

    def __init__(self, authenticator: Authenticator):
        self.authenticator = authenticator
        self._refresh_user = authenticator.refresh_user
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        #: By user: digests of refresh tokens that were spent, and what the last one gave.
        self._renewed: OrderedDict[str, tuple[list[str], JSON]] = OrderedDict()
        self._under_way: set[asyncio.Future] = set()
        authenticator.refresh_user = self.refresh_user
        authenticator.berth_renewals = self
        for name in ("get_token_info", "token_to_user"):
            if hasattr(authenticator, name):
                setattr(authenticator, name, _without_answers(getattr(authenticator, name)))

    @classmethod
    def of(cls, authenticator: Authenticator) -> Renewals:
        return getattr(authenticator, "berth_renewals", None) or cls(authenticator)

    async def refresh_user(
        self, user: Any, handler: Any = None, *arguments: Any, **named: Any
    ) -> Any:
        """As the authenticator's own, in turn.

        A "no" to whoever has just sent a page off is said in words that help: the hub's own are for
        its log, or of something else.
        """
        try:
            async with self._turn(user):
                result = await self._by_authenticator(user, handler, *arguments, **named)
        except web.HTTPError as told:
            _say_instead(handler, told)
            raise
        except Exception as error:
            away = denial(LOGIN_AWAY_TEXT, "login-not-renewed")
            _say_instead(handler, away)
            raise away from error
        if not result:
            if _is_being_identified(handler):
                _say_instead(handler, denial(LOGIN_OVER_TEXT, "login-expired", 403))
            elif _sends_spawn_page(handler, user):
                raise denial(LOGIN_EXPIRED_TEXT, "login-expired", 403)
        return result

    async def token(self, user: Any, least_s: float, scope: str | None) -> HeldToken:
        """A token that lasts for `least_s` or half its life, and where `scope` is given one of that.

        - Raises LoginEnded or NotNow.
        """
        held = HeldToken.of(await user.get_auth_state())
        if held is not None and scope is None and held.is_fresh(least_s):
            return held
        if len(self._under_way) >= RENEWALS_AT_ONCE_MAX:
            raise NotNow("too many logins are being renewed")
        # Its own task, which nobody's impatience ends: a new refresh token that is not kept is lost.
        renewal = asyncio.ensure_future(self._in_turn(user, least_s, scope))
        self._under_way.add(renewal)
        renewal.add_done_callback(self._end)
        done, _ = await asyncio.wait({renewal}, timeout=RENEWAL_S)
        if not done:
            raise NotNow("the provider takes long")
        return renewal.result()

    def _end(self, renewal: asyncio.Future) -> None:
        self._under_way.discard(renewal)
        renewal.cancelled() or renewal.exception()  # nobody may be waiting for it any more

    def _turn(self, user: Any) -> asyncio.Lock:
        return self._turns.setdefault(user.name, asyncio.Lock())

    async def _in_turn(self, user: Any, least_s: float, scope: str | None) -> HeldToken:
        async with self._turn(user):
            state = await self._auth_state(user)
            held = HeldToken.of(state)
            if held is None:
                raise LoginEnded("the hub has no access token of the user's")
            try:
                if scope is not None and self._asks_itself and state.get("refresh_token"):
                    narrowed = await self._narrowed(user, state, scope)
                    if narrowed is not None:
                        return narrowed
                    state = await self._auth_state(user)
                    held = HeldToken.of(state) or held
                return held if held.is_fresh(least_s) else await self._renew(user, state, held)
            except NotNow:
                if (held.left_s or 0) < LAST_OF_TOKEN_S:
                    raise
                return held

    async def _renew(self, user: Any, state: JSON, held: HeldToken) -> HeldToken:
        if not self._asks_itself:
            return await self._renewed_by_authenticator(user, held)
        if not state.get("refresh_token"):
            return _still_good(held, "there is no refresh token")
        answer = await self._ask(state["refresh_token"])
        answer["refresh_token"] = answer.get("refresh_token") or state["refresh_token"]
        tokens = {name: answer[name] for name in RENEWED_MEMBERS if name in answer}
        if isinstance(tokens.get("scope"), str):
            tokens["scope"] = tokens["scope"].split(" ")
        # Without the ID token of the login, which few providers give anew, OAuthenticator cannot read
        # its own auth state; it would log all of the answer then.
        response = {**(state.get("token_response") or {}), **answer}
        tokens |= {"token_response": response, "berth_token_lasts": _note(answer)}
        newest = await self._keep(user, state, tokens)
        return HeldToken.of(newest) or held

    async def _narrowed(self, user: Any, state: JSON, scope: str) -> HeldToken | None:
        """A token of `scope`; None where the provider gives none. The hub's own token stays."""
        try:
            answer = await self._ask(state["refresh_token"], scope=scope)
        except (NotNarrowed, LoginEnded):
            self.authenticator.log.warning("The provider gives no token of the scope %r", scope)
            return None
        next_token = answer.get("refresh_token") or state["refresh_token"]
        if next_token != state["refresh_token"]:
            response = {**(state.get("token_response") or {}), "refresh_token": next_token}
            await self._keep(
                user, state, {"refresh_token": next_token, "token_response": response}
            )
        given = answer.get("scope")
        if not isinstance(given, str) or not set(given.split()) <= set(scope.split()):
            return None
        left_s, life_s = _times(answer["access_token"])
        if left_s is None:
            left_s = life_s = _seconds(answer.get("expires_in"))
        return HeldToken(answer["access_token"], left_s, life_s, "scope")

    @property
    def _asks_itself(self) -> bool:
        """Whether it is an OAuthenticator whose renewals nobody has taken over.

        Its `refresh_user` takes a new token only when the provider refuses the old one, so that
        tokens that are about to lapse, and ID tokens that have, would stay.
        """
        login = self.authenticator
        is_one = hasattr(login, "build_refresh_token_request_params")
        return is_one and getattr(login, "refresh_user_hook", None) is None

    async def _ask(self, refresh_token: str, **more: str) -> JSON:
        """The provider's answer to the refresh token.

        Errors are told by status and kind alone: OAuthenticator's texts may hold the whole answer.
        """
        login = self.authenticator
        params = {**login.build_refresh_token_request_params(refresh_token), **more}
        try:
            answer = await login.get_token_info(None, params)
        except (HTTPClientError, web.HTTPError) as error:
            raise _reason(error) from None
        except Exception as error:
            raise NotNow(type(error).__name__) from None
        if not isinstance(answer.get("access_token"), str):
            raise NotNow("the provider's answer holds no access token")
        return answer

    async def _renewed_by_authenticator(self, user: Any, held: HeldToken) -> HeldToken:
        try:
            result = await self._by_authenticator(user)
        except Exception as error:
            raise NotNow(type(error).__name__) from None
        if not result:
            raise LoginEnded("the authenticator says so")
        newest = HeldToken.of(await user.get_auth_state()) or held
        return _still_good(newest, "the authenticator does not renew it")

    async def _by_authenticator(self, user: Any, *arguments: Any, **named: Any) -> Any:
        state = await self._auth_state(user) or {}
        result = await self._refresh_user(user, *arguments, **named)
        newest = result.get("auth_state") if isinstance(result, dict) else None
        if newest and newest.get("access_token") != state.get("access_token"):
            self._remember(user, state, newest)
            await user.save_auth_state(newest)
        return result

    async def _auth_state(self, user: Any) -> JSON | None:
        state = await user.get_auth_state()
        spent, newest = self._renewed.get(user.name, ([], {}))
        if state and _digest(state.get("refresh_token")) in spent:
            state = {**state, **newest}
            await user.save_auth_state(state)
        return state

    async def _keep(self, user: Any, former: JSON, tokens: JSON) -> JSON:
        """The auth state as it is saved: of a login that came meanwhile, its own."""
        self._remember(user, former, tokens)
        state = await user.get_auth_state() or {}
        if state.get("refresh_token") == former["refresh_token"]:
            state = {**state, **tokens}
            await user.save_auth_state(state)
        return state

    def _remember(self, user: Any, former: JSON, newest: JSON) -> None:
        spent, _ = self._renewed.pop(user.name, ([], {}))
        if former.get("refresh_token") not in (None, newest.get("refresh_token")):
            spent = [*spent, _digest(former["refresh_token"])][-SPENT_MAX:]
        kept = (*RENEWED_MEMBERS, "berth_token_lasts")
        self._renewed[user.name] = (spent, {name: newest[name] for name in kept if name in newest})
        while len(self._renewed) > RENEWED_MAX:
            self._renewed.popitem(last=False)


def _without_answers(question: Callable) -> Callable:
    """OAuthenticator's errors may hold all that the provider has answered, and a hub logs errors."""

    @functools.wraps(question)
    async def asked(*arguments: Any, **named: Any) -> Any:
        try:
            return await question(*arguments, **named)
        except web.HTTPError as error:
            if error.status_code < 500:
                raise
            raise web.HTTPError(error.status_code, UNREADABLE_ANSWER) from None

    return asked


def _is_being_identified(handler: Any) -> bool:
    """Whether the hub is still finding out who sends this request."""
    return handler is not None and not hasattr(handler, "parsed_scopes")


def _say_instead(handler: Any, problem: web.HTTPError) -> None:
    """Says `problem` where the hub would speak of a forgery.

    To the hub, whoever's login cannot be looked after is nobody, and what they send from a page of
    theirs carries a forgery token that is not nobody's.
    """
    if not _is_being_identified(handler):
        return
    check = handler.check_xsrf_cookie

    def checked() -> None:
        try:
            check()
        except web.HTTPError:
            raise problem from None

    handler.check_xsrf_cookie = checked


def _sends_spawn_page(handler: Any, user: Any) -> bool:
    """Their own; who starts a server for somebody else cannot log in for them."""
    is_sent = isinstance(handler, SpawnHandler) and handler.request.method == "POST"
    return is_sent and getattr(handler, "_jupyterhub_user", user) is user


def _renew_one_at_a_time() -> None:
    """Has each authenticator that is made from here on take turns.

    The hub makes its own after it has read its configuration, and Berth may be the first to ask for
    a token: by then the hub's first renewals could be under way.
    """
    plain = Authenticator.__init__
    if hasattr(plain, "__wrapped__"):
        return

    @functools.wraps(plain)
    def init(self: Authenticator, *arguments: Any, **named: Any) -> None:
        plain(self, *arguments, **named)
        Renewals.of(self)

    Authenticator.__init__ = init


def _reason(error: Exception) -> Exception:
    """What a provider's "no" means; an empty one to a refresh token is about that token."""
    status = getattr(error, "code", None) or getattr(error, "status_code", 500)
    body = getattr(getattr(error, "response", None), "body", None) or b"{}"
    try:
        kind = json.loads(body).get("error")
    except (ValueError, AttributeError):
        kind = None
    why = f"the provider answers with status {status}"
    if isinstance(kind, str) and re.fullmatch(r"[a-z_]{1,64}", kind):
        why += f" {kind}"
    if kind in NOT_NARROWED:
        return NotNarrowed(why)
    if status not in (400, 401, 403) or kind in OF_THE_HUB:
        return NotNow(why)
    return LoginEnded(why)


def _still_good(held: HeldToken, why: str) -> HeldToken:
    if held.left_s is not None and held.left_s <= 0:
        raise LoginEnded(why)
    return held


def _note(answer: JSON) -> JSON | None:
    """Until when the token counts, where only the answer says so and not the token."""
    token, life_s = answer["access_token"], _seconds(answer.get("expires_in"))
    if _times(token)[0] is not None or life_s is None:
        return None
    return {"of": _digest(token), "until_unix_s": time.time() + life_s, "life_s": life_s}


def _times(token: str) -> tuple[float | None, float | None]:
    """How long a JWT still lasts and how long it did at first, by its own word."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
        expires = float(claims["exp"])
        left_s = expires - time.time()
        return left_s, (expires - float(claims["iat"]) if "iat" in claims else None)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None, None


def _seconds(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _digest(token: Any) -> str:
    return hashlib.sha256(str(token).encode()).hexdigest()[:32]


# --- The pod --------------------------------------------------------------------------------------


class Seal:
    """Hides the user's hub token in a manifest and puts it back exactly.

    The placeholders are random for each call, so nobody can write one into their own settings to
    have the token put where it does not belong.
    """

    def __init__(self, token: str | None):
        self.token = token or None
        self.mark = f"berth-hidden-{secrets.token_hex(16)}"
        #: Placeholder to what it stands for.
        self.hidden: dict[str, str] = {}

    def hide(self, node: Any) -> Any:
        if isinstance(node, dict):
            if node.get("name") in TOKEN_VARIABLES and isinstance(node.get("value"), str):
                return {**node, "value": self._placeholder(node["value"])}
            return {key: self.hide(value) for key, value in node.items()}
        if isinstance(node, list):
            return [self.hide(item) for item in node]
        if isinstance(node, str) and self.token and self.token in node:
            return node.replace(self.token, self._placeholder(self.token))
        return node

    def restore(self, node: Any) -> Any:
        """The token in its places; raises where one is lost, since such a pod would not work."""
        missing = set(self.hidden)
        restored = self._restored(node, missing)
        if missing:
            raise Misfit("the pod came back without the hub's token")
        return restored

    def _placeholder(self, value: str) -> str:
        for placeholder, hidden in self.hidden.items():
            if hidden == value:
                return placeholder
        placeholder = f"{self.mark}-{len(self.hidden)}-"
        self.hidden[placeholder] = value
        return placeholder

    def _restored(self, node: Any, missing: set[str]) -> Any:
        if isinstance(node, dict):
            return {key: self._restored(value, missing) for key, value in node.items()}
        if isinstance(node, list):
            return [self._restored(item, missing) for item in node]
        if isinstance(node, str) and self.mark in node:
            for placeholder, value in self.hidden.items():
                if placeholder in node:
                    missing.discard(placeholder)
                    node = node.replace(placeholder, value)
        return node


def _check_objects(objects: list[JSON], namespace: str | None) -> None:
    """Refuses a start whose pod would wait for what is not there, until it is given up."""
    for made in objects:
        name = f"{made.get('kind')} {(made.get('metadata') or {}).get('name')}"
        if "state" not in made:
            raise Misfit(
                "the policy has `objects` beside the pod, and Berth has no cluster to make them in: "
                "write `kubernetes` in its configuration",
                text=SETTING_TEXT,
            )
        made_in = (made.get("metadata") or {}).get("namespace")
        if namespace and made_in and made_in != namespace:
            raise Misfit(
                f"Berth has made {name} in namespace {made_in}, and the server runs in {namespace}: "
                "the deployment's `namespace` in Berth's configuration is another",
                text=SETTING_TEXT,
            )


def _with_manifest(pod: Any, manifest: JSON) -> Any:
    """KubeSpawner's own object with `manifest` inside.

    KubeSpawner needs an object with `metadata.name`; the client writes a plain dict as it stands,
    while its classes would drop every field that they do not know.
    """
    metadata = manifest.get("metadata") or {}
    if metadata.get("name") != pod.metadata.name or not isinstance(manifest.get("spec"), dict):
        raise Misfit("the pod came back under another name or without a spec")
    pod.spec = manifest["spec"]
    pod.metadata.labels = metadata.get("labels")
    pod.metadata.annotations = metadata.get("annotations")
    return pod


def _without_gpu(manifest: JSON) -> JSON:
    """A manifest that Berth has not seen: refused if it asks for a device, blind to the node's."""
    spec = manifest["spec"]
    for container in [*(spec.get("initContainers") or []), *spec["containers"]]:
        resources = container.get("resources") or {}
        asked = {*(resources.get("limits") or {}), *(resources.get("requests") or {})}
        devices = [name for name in asked - CPU_ONLY_RESOURCES if not name.startswith("hugepages-")]
        if devices or resources.get("claims") or spec.get("resourceClaims"):
            raise denial(UNREACHABLE_TEXT, "berth-unreachable")
        blind = [{"name": name, "value": value} for name, value in CPU_ONLY_VARIABLES.items()]
        own = container.get("env") or []
        container["env"] = [
            entry for entry in own if entry["name"] not in CPU_ONLY_VARIABLES
        ] + blind
    return manifest


# --- The page -------------------------------------------------------------------------------------


class WalltimePage(BaseHandler):
    """How long one of the user's own servers may still run, and the button that lets it run longer.

    A page of the hub: its login and its protection against forged forms hold, and the server, whose
    pages are the user's own, cannot press the button for them.
    """

    def initialize(self, client: Client) -> None:
        self.client = client

    @web.authenticated
    async def get(self) -> None:
        await self._answer(extend=False)

    @web.authenticated
    async def post(self) -> None:
        await self._answer(extend=True)

    async def _answer(self, extend: bool) -> None:
        server = self.get_query_argument("server", "")
        told, error = await self._told(server, extend=extend)
        if extend and not error:
            # Loading the page again must not add more.
            self.redirect(self.request.uri)
            return
        if error and extend:
            told, _ = await self._told(server, extend=False)
        extension = told.get("extension") or {}
        idle = told.get("idle") or {}
        page = self.settings["jinja2_env"].from_string(WALLTIME_HTML)
        names = {
            **self.template_namespace,
            "xsrf_token": self.xsrf_token.decode("ascii"),
            "title": f"Your server {server}" if server else "Your server",
            "error": error,
            "ends_at": told.get("ends_at"),
            "left": in_words(told.get("left_s") or 0),
            "unused_most": in_words(idle["limit_s"]) if idle else "",
            "unused_ends_at": idle.get("ends_at") if _is_told_of(idle) else None,
            "unused": in_words(idle.get("unused_s") or 0),
            "unused_left": in_words(idle.get("left_s") or 0),
            "by": in_words(extension["by_s"]) if extension else "",
            "most": in_words(extension["left_s"]) if extension else "",
        }
        self.finish(await page.render_async(**names))

    async def _told(self, server: str, *, extend: bool) -> tuple[JSON, str]:
        """Berth's answer, and a sentence where there is none."""
        who = {"user": {"name": self.current_user.name}, "server": {"name": server}}
        try:
            # Asking twice could add twice.
            answer = await self.client.ask("walltime", {**who, "extend": extend}, retry=not extend)
            return answer, ""
        except (Refused, Unreachable, Misfit) as failure:
            self.log.warning("Berth says nothing of a walltime: %s", failure)
            return {}, failure.text


def _is_told_of(idle: JSON) -> bool:
    """Whether the user is to be told that the server ends for being unused: as early as in JupyterLab."""
    left = idle.get("left_s")
    return left is not None and left <= max(idle["warn_before_s"], default=0)


def in_words(seconds: int) -> str:
    """As people say it: "1 hour 5 minutes", "40 seconds"."""
    units = [("day", 86_400), ("hour", 3600), ("minute", 60)] if seconds >= 60 else [("second", 1)]
    words = []
    for name, size in units:
        count, seconds = divmod(int(seconds), size)
        if count:
            words.append(f"{count} {name}{'' if count == 1 else 's'}")
    return " ".join(words) or "no time"

# SPDX-License-Identifier: Apache-2.0
"""Login at a real provider as a site sets it up, but for what a test puts into the hub's hands."""

import os
from pathlib import Path

import oidc_login
from oauthenticator.generic import GenericOAuthenticator

#: Longer than any token lasts.
ALL_THE_TIME_S = 10**6
#: Planted for a token: looking after the login fails.
BREAKS = "breaks"


def set_up(c, scratch: Path) -> None:
    class Login(oidc_login.OIDCLogin):
        @property
        def auth_refresh_age(self):
            """Where a test wants it, the hub looks after a login with each request, as it does some time after the last."""
            return 0.001 if (scratch / "aged").exists() else oidc_login.LOOK_AGAIN_S

        async def refresh_user(self, user, handler=None, **kwargs):
            planted = scratch / f"{user.name}.token"
            if planted.exists():
                auth_state, text = await user.get_auth_state(), planted.read_text()
                if text == BREAKS:
                    raise ConnectionError("as an authenticator of a site's own may")
                token = auth_state.get(text, text)
                return {"name": user.name, "auth_state": {**auth_state, "access_token": token}}
            lapsed = (scratch / "lapsed").exists()
            self.fresh_s = ALL_THE_TIME_S if lapsed else oidc_login.LOOK_AGAIN_S
            return await super().refresh_user(user, handler, **kwargs)

    oidc_login.set_up_from_environment(c, Plain if "LOGIN_PLAIN" in os.environ else Login)
    if "LOGIN_PLAIN" not in os.environ:
        del c.GenericOAuthenticator.auth_refresh_age
    else:
        c.GenericOAuthenticator.userdata_url = ""
        c.GenericOAuthenticator.userdata_from_id_token = True


class Plain(GenericOAuthenticator):
    """OAuthenticator as it is, but for the nonce; it reads ID tokens, also those that have expired."""

    login_handler = oidc_login.LoginHandler

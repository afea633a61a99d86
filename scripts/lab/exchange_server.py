# SPDX-License-Identifier: Apache-2.0
"""Serves idpyoidc's OpenID provider over HTTP: the library is whole but for that. Its settings are in the file named.

Runs in the Python environment `exchange` with `-I`, since this folder has modules of other programs' names.
`PUT /lab/life` with a number of seconds or null is what an administrator would do in its configuration.
"""

import base64
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from idpyoidc.server import Server
from idpyoidc.server.configure import OPConfiguration
from idpyoidc.server.exception import ClientAuthenticationError

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
PATHS = {
    "/.well-known/openid-configuration": "provider_config",
    "/authorization": "authorization",
    "/token": "token",
    "/userinfo": "userinfo",
}


#: Of a question to the token endpoint, what is no secret.
OPEN_MEMBERS = ("grant_type", "subject_token_type", "requested_token_type", "audience", "scope")


class Provider:
    """One user, who is logged in without being asked; clients may exchange tokens for some audiences."""

    def __init__(self, settings: dict):
        self.server = Server(OPConfiguration(conf=configuration(settings), base_path="."))
        self.context = self.server.context
        self.context.map_supported_to_preferred()
        for name, client in settings["clients"].items():
            self.context.cdb[name] = registered(client, settings["audiences"])
        # Its sessions are no place for two threads.
        self.turn = threading.Lock()

    def answer(self, method: str, url: str, headers: dict, body: str) -> tuple[int, dict, str]:
        """Status, headers and body."""
        parts = urlsplit(url)
        if parts.path == "/jwks":
            return 200, {"Content-Type": "application/json"}, self.server.keyjar.export_jwks_as_json()
        if parts.path == "/lab/life":
            return self.change_life(json.loads(body))
        if parts.path not in PATHS:
            return 404, {}, ""
        endpoint = self.server.get_endpoint(PATHS[parts.path])
        asked = dict(parse_qsl(body if method == "POST" else parts.query))
        status, more, text = self.told(endpoint, asked, method, url, headers)
        if parts.path == "/token":
            noted = {name: asked[name] for name in OPEN_MEMBERS if name in asked}
            print(json.dumps({**noted, "answer": sorted(json.loads(text))}), flush=True)
        return status, more, text

    def told(self, endpoint, asked: dict, method: str, url: str, headers: dict) -> tuple[int, dict, str]:
        http_info = {"headers": headers, "method": method, "url": url, "cookie": []}
        try:
            request = endpoint.parse_request(asked, http_info=http_info)
        except ClientAuthenticationError:
            return refusal(401, {"error": "invalid_client"})
        done = request if "error" in request else endpoint.process_request(request, http_info=http_info)
        if "error" in done:
            return refusal(400, {name: done[name] for name in ("error", "error_description") if name in done})
        told = endpoint.do_response(request=request, **done)
        if told.get("response_placement", endpoint.response_placement) == "url":
            return 302, {"Location": told["response"]}, ""
        return 200, dict(told["http_headers"]), told["response"]

    def change_life(self, life_s: int | None) -> tuple[int, dict, str]:
        """Of the access tokens of logins that come; null has the token alone say it, and no answer."""
        rules = self.context.authz.grant_config["usage_rules"]["access_token"]
        rules.pop("expires_in", None)
        if life_s is not None:
            rules["expires_in"] = life_s
        return 204, {}, ""


def refusal(status: int, body: dict) -> tuple[int, dict, str]:
    return status, {"Content-Type": "application/json"}, json.dumps(body)


def registered(client: dict, audiences: list[str]) -> dict:
    """May exchange access tokens for access tokens, of these audiences."""
    policy = "idpyoidc.server.oauth2.token_helper.validate_token_exchange_policy"
    return {
        "client_secret": client["secret"],
        "redirect_uris": [(client["redirect_uri"], None)],
        "client_salt": "salt",
        "response_types": ["code"],
        "allowed_scopes": ["openid", "offline_access"],
        "grant_types_supported": ["authorization_code", "refresh_token", EXCHANGE],
        "token_exchange": {
            "subject_token_types_supported": [ACCESS_TOKEN],
            "requested_token_types_supported": [ACCESS_TOKEN],
            "policy": {"": {"function": policy, "kwargs": {"audience": audiences}}},
        },
    }


def configuration(settings: dict) -> dict:
    server, user = "idpyoidc.server", settings["user"]
    # It takes a name that could be base64 for base64.
    packed = base64.urlsafe_b64encode(json.dumps({"uid": user}).encode()).decode()
    secrets = {"keys": {"key_defs": [{"type": "OCT", "use": ["enc"], "kid": kid} for kid in ("password", "salt")]}}
    jwt = {"class": f"{server}.token.jwt_token.JWTToken"}
    mints = ["access_token", "refresh_token", "id_token"]

    def endpoint(path: str, name: str, **kwargs) -> dict:
        return {"path": path, "class": f"{server}.oidc.{name}", "kwargs": kwargs}

    return {
        "issuer": settings["issuer"],
        "preference": {
            "subject_types_supported": ["public"],
            "grant_types_supported": ["authorization_code", "refresh_token", EXCHANGE],
        },
        "keys": {"uri_path": "jwks", "key_defs": [{"type": "RSA", "use": ["sig"]}]},
        "endpoint": {
            "provider_info": endpoint(
                ".well-known/openid-configuration", "provider_config.ProviderConfiguration", client_authn_method=None
            ),
            "authorization": endpoint("authorization", "authorization.Authorization", client_authn_method=None),
            "token": endpoint(
                "token", "token.Token", client_authn_method=["client_secret_basic", "client_secret_post"]
            ),
            "userinfo": endpoint("userinfo", "userinfo.UserInfo"),
        },
        "authentication": {
            "anybody": {
                "acr": "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
                "class": f"{server}.user_authn.user.NoAuthn",
                "kwargs": {"user": packed},
            }
        },
        "userinfo": {
            "class": f"{server}.user_info.UserInfo",
            "kwargs": {"db": {user: {"preferred_username": user}}},
        },
        "authz": {
            "class": f"{server}.authz.AuthzHandling",
            "kwargs": {
                "grant_config": {
                    "usage_rules": {
                        "authorization_code": {"supports_minting": mints, "max_usage": 1},
                        "access_token": {"supports_minting": ["access_token"], "expires_in": settings["life_s"]},
                        "refresh_token": {"supports_minting": mints},
                    },
                    "expires_in": 43_200,
                }
            },
        },
        "token_handler_args": {
            "code": {"lifetime": 60, "kwargs": {"crypt_conf": {"kwargs": {**secrets, "iterations": 1}}}},
            "token": {**jwt, "kwargs": {"alg": "RS256", "lifetime": 600, "base_claims": {"preferred_username": None}}},
            "refresh": {**jwt, "kwargs": {"alg": "RS256", "lifetime": 3600}},
            "id_token": {
                "class": f"{server}.token.id_token.IDToken",
                "kwargs": {"base_claims": {"preferred_username": None}},
            },
        },
        "add_on": {
            "pkce": {
                "function": f"{server}.oauth2.add_on.pkce.add_support",
                "kwargs": {"code_challenge_methods": {"S256": None}},
            }
        },
        "session_params": {"encrypter": {"kwargs": {**secrets, "iterations": 1}}},
    }


def main() -> None:
    with open(sys.argv[1]) as file:
        settings = json.load(file)
    provider = Provider(settings)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            with provider.turn:
                status, more, text = provider.answer(self.command, self.path, headers, body)
            self.send_response(status)
            for name, value in {**more, "Content-Length": str(len(text.encode()))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PUT = answer

        def log_message(self, *_: object) -> None:
            pass

    ThreadingHTTPServer(("127.0.0.1", settings["port"]), Handler).serve_forever()


if __name__ == "__main__":
    main()

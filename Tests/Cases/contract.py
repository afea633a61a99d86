# SPDX-License-Identifier: Apache-2.0
"""Holds each answer that a test gets against the API's description, openapi/berth.yaml."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

API = yaml.safe_load((Path(__file__).resolve().parents[2] / "openapi" / "berth.yaml").read_text())


def check(method: str, path: str, status: int, content_type: str, body: Any) -> None:
    """Raises where the description has no such answer, or the body is not as it says."""
    operation = _path(path.partition("?")[0]).get(method.lower())
    if operation is None:
        assert status in (401, 404, 405), f"{method} {path} is not described, and answers {status}"
        return
    responses = operation["responses"]
    response = responses.get(str(status)) or responses.get("default")
    assert response, f"{method} {path}: {status} is not described"
    content = _resolved(response)["content"]
    kind = content_type.partition(";")[0]
    assert kind in content, f"{method} {path}: {kind} is not described for {status}"
    errors = list(_validator(_frozen(content[kind]["schema"])).iter_errors(body))
    assert not errors, f"{method} {path}: {errors[0].json_path}: {errors[0].message}"


def _path(path: str) -> dict[str, Any]:
    """The description of `path`, whose parts may stand for a name in braces; empty where there is none."""
    if path in API["paths"]:
        return API["paths"][path]
    parts = path.split("/")
    for template, described in API["paths"].items():
        wanted = template.split("/")
        if len(wanted) == len(parts) and all(w == p or w.startswith("{") for w, p in zip(wanted, parts)):
            return described
    return {}


def _resolved(part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    found = API
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def _frozen(schema: dict[str, Any]) -> str:
    return yaml.safe_dump(schema)


@cache
def _validator(schema: str) -> Draft202012Validator:
    """The schema with the whole description's components beside it, so that references are found."""
    return Draft202012Validator(yaml.safe_load(schema) | {"components": API["components"]})

"""Answers of the interface held against what it says of itself."""

from __future__ import annotations

from typing import Any

import jsonschema
import requests

from api.openapi import document
from flowercore.settings import Limits

DOCUMENT = document(Limits())


def checked(answer: requests.Response, status: int) -> dict[str, Any]:
    """Return what an answer says, after checking that it is described and safe.

    Args:
        answer: Of the server.
        status: That it must have.
    """
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers
    for secret in ("Traceback", "site-packages", "/home", "/tmp", ".py"):
        assert secret not in answer.text
    said: dict[str, Any] = answer.json()
    validated(said, described(answer, status))
    return said


def described(answer: requests.Response, status: int) -> dict[str, Any]:
    """Return the schema of an answer; the general one for an address that does not exist."""
    path = requests.utils.urlparse(answer.url).path
    methods = DOCUMENT["paths"].get(path, {})
    operation = methods.get(str(answer.request.method).lower())
    if operation is None:
        return DOCUMENT["components"]["schemas"]["Error"]
    return operation["responses"][str(status)]["content"]["application/json"]["schema"]


def validated(said: object, schema: dict[str, Any]) -> None:
    """Check a value against a schema of the document."""
    jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(said)

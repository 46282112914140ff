"""The interface's description: it is kept, it is served, and it names what there is."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import requests

from api.interface import Interface
from api.openapi import ADDRESS, document
from flowercore.settings import Limits
from tests.api.answered import DOCUMENT, validated
from tests.conftest import ROOT


def test_the_document_is_the_one_that_is_kept() -> None:
    kept = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
    assert kept == document(Limits()), "python -m api.openapi > docs/openapi.json"


def test_it_is_served_with_the_limits_of_this_server(
    home: object, address: str, limits: Callable[..., None]
) -> None:
    limits(api_photos=7)
    served = requests.get(f"{address}/openapi.json").json()
    assert "At most 7 photos" in served["paths"]["/api/predict"]["post"]["description"]
    assert served == document(Limits(api_photos=7))


def test_it_names_the_addresses_and_methods_that_the_server_has() -> None:
    interface = Interface(lambda _: None)
    assert {path: method for path, (method, _) in interface._handlers.items()} == {
        path: method.upper() for path, methods in DOCUMENT["paths"].items() for method in methods
    }
    assert ADDRESS in DOCUMENT["paths"]
    names = [
        one["operationId"] for methods in DOCUMENT["paths"].values() for one in methods.values()
    ]
    assert len(names) == len(set(names))


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    text = json.dumps(DOCUMENT)
    for name in DOCUMENT["components"]["schemas"]:
        assert f'"#/components/schemas/{name}"' in text
    used = {piece.split('"')[0] for piece in text.split("#/components/schemas/")[1:]}
    assert used == set(DOCUMENT["components"]["schemas"])


def test_a_field_too_many_or_too_few_would_be_seen() -> None:
    schema = {"$ref": "#/components/schemas/Health"}
    validated({"status": "ok", "version": "1", "ready": True}, schema)
    for wrong in (
        {"status": "ok", "version": "1"},
        {"status": "ok", "version": "1", "ready": True, "home": "x"},
    ):
        with pytest.raises(Exception, match=r"required property|Additional properties"):
            validated(wrong, schema)

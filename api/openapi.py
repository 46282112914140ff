"""The interface described as OpenAPI: ``python -m api.openapi > docs/openapi.json``."""

from __future__ import annotations

import json
from typing import Any

from flowercore import __version__
from flowercore.settings import MEGABYTE, Limits

ADDRESS = "/api/openapi.json"

_WORDS = {
    404: "There is no such run or address, or the interface is switched off.",
    405: "The address does not take this method.",
    408: "The body took too long to arrive.",
    413: "The request holds too many photos or bytes.",
    415: "The body is not multipart/form-data, or is compressed.",
    422: "None of the photos could be read, or the body cannot be taken apart.",
    429: "The client has sent its photos for this minute; see Retry-After, in seconds.",
    500: "A fault of the server.",
    503: "The server is getting ready or busy, or a run's files are damaged; see Retry-After.",
}
_ALWAYS = (404, 405, 500, 503)


def document(limits: Limits) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document.

    Args:
        limits: What this server takes.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Flower Lab",
            "version": __version__,
            "description": "Photos in, answers out: the same models, limits and words as on the "
            "pages. Photos are dropped when they are answered; nothing is stored.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": {
            "/api/predict": {"post": _predict(limits)},
            "/api/runs": {
                "get": _get("runs", "Runs that can answer: the starter first.", "Runs", 429)
            },
            "/api/health": {"get": _get("health", "Whether the server is well.", "Health")},
            ADDRESS: {"get": _get("openapi", "This document.", "Document")},
        },
        "components": {"schemas": _schemas()},
    }


def _predict(limits: Limits) -> dict[str, Any]:
    return {
        "operationId": "predict",
        "summary": "Ask a run about one photo or many.",
        "description": f"At most {limits.api_photos:,} photos and "
        f"{limits.api_bytes / MEGABYTE:g} MB a request, {limits.photo_bytes / MEGABYTE:g} MB and "
        f"{limits.photo_pixels / 1e6:g} megapixels a photo, {limits.api_photos_a_minute:,} photos "
        "a minute. JPEG, PNG, WebP or HEIC, judged by content. A photo that cannot be read does "
        "not keep the others from an answer.",
        "parameters": [
            {
                "name": "run",
                "in": "query",
                "required": False,
                "description": "Id of the run that answers; the starter, or else the newest "
                "finished run, if none is given.",
                "schema": {"type": "string"},
                "example": "starter",
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["photo"],
                        "properties": {
                            "photo": {
                                "type": "array",
                                "minItems": 1,
                                "maxItems": limits.api_photos,
                                "items": {"type": "string", "format": "binary"},
                                "description": "Files; any other field name will do as well.",
                            }
                        },
                    }
                }
            },
        },
        "responses": {
            "200": _response("At least one photo was answered.", "Predicted"),
            **_errors(408, 413, 415, 429),
            "422": _response(_WORDS[422], "Refused"),
        },
    }


def _get(operation: str, summary: str, schema: str, *errors: int) -> dict[str, Any]:
    return {
        "operationId": operation,
        "summary": summary,
        "responses": {"200": _response(summary, schema), **_errors(*errors)},
    }


def _errors(*statuses: int) -> dict[str, Any]:
    return {
        str(status): _response(_WORDS[status], "Error") for status in sorted({*_ALWAYS, *statuses})
    }


def _response(description: str, schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": _ref(schema)}}
    return {"description": description, "content": content}


def _ref(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}


def _object(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [name for name in properties if name not in optional],
        "properties": properties,
        "additionalProperties": False,
    }


def _list(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


def _schemas() -> dict[str, Any]:
    text, number = {"type": "string"}, {"type": "number"}
    asked = {"id": text, "name": text, "classes": _list(text, minItems=1)}
    photo = {**text, "description": "The name that it came with, shortened to 80 characters."}
    answers = _list({"oneOf": [_ref("Answer"), _ref("Failure")]}, minItems=1)
    return {
        "Predicted": _object({"run": _ref("Asked"), "answers": answers}),
        "Refused": _object(
            {"error": text, "run": _ref("Asked"), "answers": answers}, ("run", "answers")
        ),
        "Error": _object({"error": {**text, "description": "The rule, what came, what to do."}}),
        "Asked": _object(asked),
        "Answer": _object(
            {
                "photo": photo,
                "label": {**text, "description": "The most probable class."},
                "verdict": {**text, "description": "The answer in a sentence."},
                "probabilities": {
                    "type": "object",
                    "additionalProperties": {**number, "minimum": 0},
                    "description": "By class; they sum to 1.",
                },
                "calibrated": {
                    "type": "boolean",
                    "description": "Whether it was looked into how far they can be trusted.",
                },
                "novel": {
                    "type": ["boolean", "null"],
                    "description": "Whether the photo is like none that the model has learned "
                    "from; null where nobody knows what those are like.",
                },
                "distance": {
                    "type": ["number", "null"],
                    "description": "How strange it is, in standard deviations.",
                },
                "milliseconds": {**number, "description": "From the bytes to the verdict."},
            }
        ),
        "Failure": _object({"photo": photo, "error": text}),
        "Runs": _object({"runs": _list(_ref("Run"))}),
        "Run": _object(
            {
                **asked,
                "created": {
                    "type": ["string", "null"],
                    "description": "ISO 8601, in UTC; null for the starter.",
                },
                "accuracy": {
                    "type": ["number", "null"],
                    "description": "Share of its test photos that it names right, 0 to 1; of the "
                    "starter in cross-validation. Null if it was not tested.",
                },
                "accuracy_interval": {
                    "type": ["array", "null"],
                    "items": number,
                    "minItems": 2,
                    "maxItems": 2,
                    "description": "Its 95 % interval.",
                },
            }
        ),
        "Health": _object(
            {
                "status": {"const": "ok"},
                "version": text,
                "ready": {
                    "type": "boolean",
                    "description": "Whether the networks are prepared, so that it answers photos.",
                },
            }
        ),
        "Document": {"type": "object", "required": ["openapi", "info", "paths"]},
    }


if __name__ == "__main__":
    print(json.dumps(document(Limits()), indent=2))

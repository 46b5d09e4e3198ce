"""Reading request bodies: JSON, YAML or protobuf, within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest, TooLarge, Unsupported
from towpath.resources import protobuf
from towpath.resources.manifests import json_documents, yaml_documents
from towpath.resources.manifests.budget import Budget
from towpath.resources.manifests.decoding import decoded
from towpath.server import requests

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.store.contract import Document

LARGEST: Final = 3 << 20
"""Bytes of a body, as an API server takes them."""
JSON: Final = "application/json"
YAML: Final = "application/yaml"
PROTOBUF: Final = "application/vnd.kubernetes.protobuf"
JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"
STRATEGIC_PATCH: Final = "application/strategic-merge-patch+json"
APPLY_PATCH: Final = "application/apply-patch+yaml"
_OF_OBJECTS: Final = (JSON, YAML, PROTOBUF)
_SOURCE: Final = "request body"


def media_type(request: Request) -> str:
    """Return the media type of a request's body, lower case, without parameters; empty if it names none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def document(request: Request) -> Document | None:
    """Return the object that a body holds; None for an empty body.

    Raises Unsupported for another media type, TooLarge, and BadRequest for what is no object.
    """
    given = media_type(request) or JSON
    if given not in _OF_OBJECTS:
        raise unsupported(_OF_OBJECTS)
    text = await requests.body(request, largest=LARGEST)
    if not text.strip():
        return None
    if given == PROTOBUF:
        return protobuf.decoded(text)
    found = value(text, given)
    if not isinstance(found, dict):
        raise BadRequest(f"{_SOURCE}: an object is wanted, with apiVersion, kind and metadata")
    return found


async def patch(request: Request, accepted: tuple[str, ...]) -> tuple[str, Any]:
    """Return a patch and its media type. Raises Unsupported, TooLarge, BadRequest."""
    given = media_type(request)
    if given not in accepted:
        raise unsupported(accepted)
    text = await requests.body(request, largest=LARGEST)
    return given, value(text, YAML if given == APPLY_PATCH else JSON)


def value(text: bytes, media_type_: str) -> Any:
    """Return the one JSON or YAML value of a text. Raises BadRequest with the place of what is wrong, TooLarge.

    Too large is a text of too many bytes; one that is nested too deep, or stands for too much, is a bad one here.
    """
    plain = decoded(text, _SOURCE, LARGEST)
    try:
        found = json_documents.documents(plain, _SOURCE, Budget())
        if found is None and media_type_ == YAML:
            found = list(yaml_documents.documents(plain, _SOURCE, Budget()))
    except TooLarge as error:
        raise BadRequest(error.message) from error
    if found is None:
        raise BadRequest(f"{_SOURCE}: {_json_error(plain)}")
    if len(found) != 1:
        raise BadRequest(f"{_SOURCE}: it holds {len(found)} documents; one is wanted")
    return found[0][0]


def unsupported(accepted: tuple[str, ...]) -> Unsupported:
    """Word that a body has another media type than those."""
    return Unsupported(
        "the body of the request was in an unknown format - accepted media types include: "
        + ", ".join(accepted)
    )


def _json_error(text: str) -> str:
    import json

    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        return f"it is not JSON: {error}"
    return "it is not a JSON object or array"

"""Reading request bodies: JSON, YAML or protobuf, within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest, TooLarge, Unsupported
from towpath.resources import manifests, protobuf
from towpath.resources.manifests import json_documents, yaml_documents
from towpath.resources.manifests.bounds import OF_OBJECT, OF_PATCH, ManifestBounds, ManifestBudget
from towpath.resources.manifests.decoding import decoded
from towpath.runtime import aside
from towpath.server import requests
from towpath.server.auth import caller

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.server.services import Services
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


async def document(
    request: Request, services: Services, *, largest: int = LARGEST
) -> Document | None:
    """Return the object that a body holds; None for an empty body.

    `largest`: in bytes. Raises Unsupported for another media type, TooLarge, and BadRequest for what is no object or
    holds too much.
    """
    given = media_type(request) or JSON
    if given not in _OF_OBJECTS:
        raise unsupported(_OF_OBJECTS)
    text = await requests.body(request, largest=largest)
    if not text.strip():
        return None
    found = await _read(request, services, text, given, OF_OBJECT)
    if not isinstance(found, dict):
        raise BadRequest(f"{_SOURCE}: an object is wanted, with apiVersion, kind and metadata")
    return found


async def patch(request: Request, services: Services, accepted: tuple[str, ...]) -> tuple[str, Any]:
    """Return a patch and its media type. Raises Unsupported, TooLarge, BadRequest."""
    given = media_type(request)
    if given not in accepted:
        raise unsupported(accepted)
    text = await requests.body(request, largest=LARGEST)
    if given == APPLY_PATCH:
        return given, await _read(request, services, text, YAML, OF_OBJECT)
    return given, await _read(request, services, text, JSON, OF_PATCH)


async def _read(
    request: Request, services: Services, text: bytes, media_type_: str, bounds: ManifestBounds
) -> Any:
    """Return the value of a body; a large one is read aside."""
    weight = len(text)
    if media_type_ == JSON:
        weight //= aside.JSON_BYTES
    elif media_type_ == YAML and weight <= aside.LIGHT * aside.JSON_BYTES:
        weight = manifests.weight(text)
        found = _json_value(decoded(text, _SOURCE, LARGEST), bounds)
        if found is not None:
            return _only(found)
    return await services.aside.run(
        value,
        text,
        media_type_,
        bounds,
        weight=weight,
        what=_SOURCE,
        caller=caller.of(request).user.name,
    )


def value(text: bytes, media_type_: str, bounds: ManifestBounds = OF_OBJECT) -> Any:
    """Return the one value of a text of JSON, YAML or protobuf.

    Raises BadRequest with the place of what is wrong, TooLarge for too many bytes. What is nested too deep, or stands for
    too much, is a bad request here.
    """
    if media_type_ == PROTOBUF:
        decoded_ = protobuf.decoded(text)
        _bounded(decoded_, bounds)
        return decoded_
    plain = decoded(text, _SOURCE, LARGEST)
    found = _json_value(plain, bounds)
    if found is None and media_type_ == YAML:
        try:
            found = list(yaml_documents.documents(plain, _SOURCE, ManifestBudget(bounds)))
        except TooLarge as error:
            raise BadRequest(error.message) from error
    if found is None:
        raise BadRequest(f"{_SOURCE}: {_json_error(plain)}")
    return _only(found)


def _bounded(found: Any, bounds: ManifestBounds) -> None:
    try:
        ManifestBudget(bounds).take_all(found, _SOURCE)
    except TooLarge as error:
        raise BadRequest(error.message) from error


def _json_value(text: str, bounds: ManifestBounds) -> list[tuple[Any, int]] | None:
    try:
        return json_documents.documents(text, _SOURCE, ManifestBudget(bounds))
    except TooLarge as error:
        raise BadRequest(error.message) from error


def _only(found: list[tuple[Any, int]]) -> Any:
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

"""What the API says of itself: versions, groups, resources, schemas."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from towpath.errors import NotFound
from towpath.resources import swagger
from towpath.server.kube import accept, api_discovery, openapi, version
from towpath.server.kube.status import NO_SUCH_RESOURCE, NotAcceptable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from towpath.server.services import Services

    Handler = Callable[[Request, Services], Awaitable[Response]]

_FOREVER: Final = "public, max-age=31536000, immutable"


async def _version(_: Request, __: Services) -> Response:
    return _json(version.document())


async def _core(request: Request, _: Services) -> Response:
    address = request.headers.get("host", "")
    return _discovered(request, api_discovery.api_versions(address), of_core=True)


async def _groups(request: Request, _: Services) -> Response:
    return _discovered(request, api_discovery.group_list(), of_core=False)


async def _group(request: Request, _: Services) -> Response:
    return _found(api_discovery.group(str(request.path_params["group"])))


async def _resources(request: Request, _: Services) -> Response:
    group = str(request.path_params.get("group", ""))
    return _found(api_discovery.resource_list(group, str(request.path_params["version"])))


async def _index(request: Request, _: Services) -> Response:
    _ask_for_json(request)
    return _json(await asyncio.to_thread(openapi.index))


async def _document(request: Request, _: Services) -> Response:
    """Answer with a document; under the hash of its content it may be kept for ever. Raises NotAcceptable."""
    path = str(request.path_params["path"])
    found = await asyncio.to_thread(openapi.document, path)
    if found is None:
        raise NotFound(NO_SUCH_RESOURCE)
    _ask_for_json(request)
    tag = openapi.digest(path)
    is_exactly = request.query_params.get("hash") == tag
    headers = {"Vary": "Accept", "Cache-Control": _FOREVER if is_exactly else "no-cache"}
    return _tagged(request, f'"{tag}"', found, {**headers, "Content-Type": accept.JSON})


async def _v2(request: Request, _: Services) -> Response:
    """Answer as protobuf where that is asked for, as Argo CD and kubectl before 1.29 do, else as JSON.

    Raises NotAcceptable.
    """
    offered = accept.ranges(request.headers.get("accept", ""))
    for media_type, _parameters in offered or [(accept.JSON, {})]:
        if media_type in swagger.ACCEPTED:
            text = await asyncio.to_thread(openapi.in_v2, as_protobuf=True)
            return Response(text, headers={"Content-Type": swagger.PROTOBUF, "Vary": "Accept"})
        if media_type in (accept.JSON, *accept.ANY):
            text = await asyncio.to_thread(openapi.in_v2, as_protobuf=False)
            return Response(text, headers={"Content-Type": accept.JSON, "Vary": "Accept"})
    raise NotAcceptable(
        f"only the following media types are accepted: {accept.JSON}, {swagger.PROTOBUF}"
    )


def _ask_for_json(request: Request) -> None:
    """Raise NotAcceptable unless the caller takes JSON, which all of OpenAPI v3 is written in."""
    offered = accept.ranges(request.headers.get("accept", ""))
    if offered and not any(media_type in (accept.JSON, *accept.ANY) for media_type, _ in offered):
        raise NotAcceptable(f"only the following media types are accepted: {accept.JSON}")


def _discovered(request: Request, plain: dict[str, Any], *, of_core: bool) -> Response:
    wanted = api_discovery.aggregated_version(request.headers.get("accept", ""))
    if not wanted:
        return _json(plain, headers={"Vary": "Accept"})
    text, tag = api_discovery.aggregated(wanted, of_core=of_core)
    headers = {"Vary": "Accept", "Cache-Control": "public"}
    headers["Content-Type"] = api_discovery.media_type(wanted)
    return _tagged(request, tag, text, headers)


def _tagged(request: Request, tag: str, text: bytes, headers: dict[str, str]) -> Response:
    """Return what has an entity tag, or that nothing changed since the caller got that tag."""
    headers = {**headers, "ETag": tag}
    if _is_known(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(text, headers=headers)


def _found(document: dict[str, Any] | None) -> Response:
    if document is None:
        raise NotFound(NO_SUCH_RESOURCE)
    return _json(document)


def _is_known(request: Request, tag: str) -> bool:
    """Whether the caller has what a tag stands for. Tags that a proxy weakened count (RFC 9110 §13.1.2)."""
    given = request.headers.get("if-none-match", "").split(",")
    return any(each.strip().removeprefix("W/") in (tag, "*") for each in given)


def _json(document: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(document).encode(), media_type=accept.JSON, headers=headers)


_AT: Final[tuple[tuple[str, Handler], ...]] = (
    ("/version", _version),
    ("/api", _core),
    ("/apis", _groups),
    ("/apis/{group}", _group),
    ("/api/{version}", _resources),
    ("/apis/{group}/{version}", _resources),
    ("/openapi/v2", _v2),
    ("/openapi/v3", _index),
)
DESCRIBED: Final[tuple[tuple[str, Handler], ...]] = (
    *_AT,
    *((f"{path}/", handler) for path, handler in _AT),  # as generated clients ask
    ("/openapi/v3/{path:path}", _document),
)
"""Paths and what answers there. Whoever may get the path (`system:discovery`) is answered."""

"""Getting and listing objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.errors import Expired, TooLarge
from towpath.server import requests, revisions, streaming
from towpath.server.kube import accept, forms, notation, options, tables, watch_answers
from towpath.server.kube.forms import AFTER, Rendering

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.kube.accept import Accepted
    from towpath.server.kube.options import ListOptions
    from towpath.server.kube.paths import ResourcePath
    from towpath.server.services import Services
    from towpath.store.contract import Scan, Stored

_LARGEST_YAML_LIST: Final = 5_000
"""Objects of a list that is written as YAML, which cannot be passed on as it comes from the store."""
_LARGEST_YAML_BYTES: Final = 8 << 20
"""The same, in bytes of their JSON."""


async def get(request: Request, services: Services, target: ResourcePath) -> Response:
    """Answer with one object. Raises NotFound; Timeout when `resourceVersion` is not reached."""
    rendering = _rendering(request, services, target, _forms(request, forms.OF_OBJECTS))
    at_least = requests.number(request, "resourceVersion")
    revisions.require(services.store, at_least)
    stored = await services.store.get(target.ref, at_least=at_least, fresh=not at_least)
    return await notation.response(request, services, rendering, rendering.one(stored))


async def collection(request: Request, services: Services, target: ResourcePath) -> Response:
    """Answer with a list or a watch of a kind, in a namespace or everywhere."""
    wanted = options.of_list(request, target.kind, target.namespace, target.name)
    if wanted.is_watch:
        accepted = _forms(request, (*forms.OF_OBJECTS, *forms.OF_LISTS))
        return await watch_answers.answer(
            request, services, wanted, _rendering(request, services, target, accepted)
        )
    rendering = _rendering(request, services, target, _forms(request, forms.OF_LISTS))
    revisions.require(services.store, wanted.revision)
    if wanted.limit or wanted.cursor or wanted.match == "Exact":
        return await _page(request, services, wanted, rendering)
    scan = services.store.scan(wanted.query)
    metadata = {"resourceVersion": str(scan.revision)}
    if rendering.media_type == accept.YAML:
        return await _in_yaml(request, services, scan, rendering, metadata)
    parts = _parts(scan, rendering, metadata)
    return await streaming.answer(
        request, services.watches.outlets, parts, media_type=rendering.media_type
    )


async def _page(
    request: Request, services: Services, wanted: ListOptions, rendering: Rendering
) -> Response:
    """Answer with a part of a list: as it is read, if it is long, and then what it says of itself comes last."""
    pages = _pages(services, wanted)
    is_yaml = rendering.media_type == accept.YAML
    found: list[Stored] = []
    async for items, metadata in pages:
        found += items
        is_long = sum(len(item.raw) for item in found) > streaming.WHOLE_BYTES
        if is_yaml:
            _bound_yaml(found)
        if metadata is not None and (is_yaml or not is_long):
            text = rendering.whole(found, metadata)
            return await notation.response(request, services, rendering, text)
        if is_long and not is_yaml:
            break
    parts = _of_pages(found, metadata, pages, rendering)
    return await streaming.answer(
        request, services.watches.outlets, parts, media_type=rendering.media_type
    )


async def _pages(
    services: Services, wanted: ListOptions
) -> AsyncGenerator[tuple[Sequence[Stored], dict[str, Any] | None], None]:
    """Yield a part of a list piece by piece, with the last one what the list says of itself."""
    exactly = wanted.revision if wanted.match == "Exact" and wanted.cursor is None else None
    cursor, left = wanted.cursor, wanted.limit
    count = 0
    while True:
        try:
            page = await services.store.list(
                wanted.query,
                limit=left,
                size=streaming.WHOLE_BYTES,
                cursor=cursor,
                as_of=exactly if cursor is None else None,
                fresh=not wanted.revision,
            )
        except Expired as error:
            if cursor is None:
                raise
            raise Expired(
                f"The provided continue parameter is too old to display a consistent list result: {error.message}"
            ) from error
        cursor, count = page.cursor, count + len(page.items)
        left = None if left is None else left - len(page.items)
        if cursor is not None and left != 0:
            yield page.items, None
            continue
        metadata: dict[str, Any] = {"resourceVersion": str(page.revision), "continue": cursor}
        if cursor and not wanted.cursor and exactly is None and not wanted.is_selective:
            metadata["remainingItemCount"] = await services.store.count(wanted.query) - count
        yield page.items, metadata
        return


async def _of_pages(
    first: list[Stored],
    metadata: dict[str, Any] | None,
    rest: AsyncGenerator[tuple[Sequence[Stored], dict[str, Any] | None], None],
    rendering: Rendering,
) -> AsyncGenerator[bytes, None]:
    try:
        yield rendering.before(None)
        while first:
            item = first.pop(0)
            yield rendering.items([item]) + (b"," if first else b"")
        async for items, told in rest:
            metadata = told
            if items:
                part = b"," + rendering.items(items)
                del items  # nothing is kept twice while a part is sent
                yield part
        if metadata is not None:
            yield rendering.after(metadata)
    finally:
        await rest.aclose()


async def _parts(
    scan: Scan, rendering: Rendering, metadata: dict[str, Any]
) -> AsyncGenerator[bytes, None]:
    """Yield a list part by part, so that of a long one little is in memory at a time."""
    yield rendering.before(metadata)
    is_first = True
    async for batch in scan:
        part = rendering.items(batch) if is_first else b"," + rendering.items(batch)
        del batch  # nothing is kept twice while a part is sent
        yield part
        is_first = False
    yield AFTER


async def _in_yaml(
    request: Request,
    services: Services,
    scan: Scan,
    rendering: Rendering,
    metadata: dict[str, Any],
) -> Response:
    found: list[Stored] = []
    async for batch in scan:
        found += batch
        _bound_yaml(found)
    return await notation.response(request, services, rendering, rendering.whole(found, metadata))


def _bound_yaml(found: Sequence[Stored]) -> None:
    is_large = sum(len(item.raw) for item in found) > _LARGEST_YAML_BYTES
    if is_large or len(found) > _LARGEST_YAML_LIST:
        raise TooLarge(
            f"a list of more than {_LARGEST_YAML_LIST} objects, or {_LARGEST_YAML_BYTES:,} bytes, is not written as "
            "YAML: ask for JSON, or for pages with limit"
        )


def _forms(request: Request, offered: tuple[str, ...]) -> Accepted:
    return accept.negotiated(request.headers.get("accept", ""), forms=offered)


def _rendering(
    request: Request, services: Services, target: ResourcePath, accepted: Accepted
) -> Rendering:
    return Rendering(
        kind=target.kind,
        accepted=accepted,
        now=services.clock.now(),
        include=tables.include(request.query_params.get("includeObject", "")),
    )

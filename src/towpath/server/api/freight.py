"""Freight: lists in groups, one by name or alias, approval, alias."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from towpath.errors import BadRequest, Conflict
from towpath.resources import scheme
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.resources.labels import ALIAS_LABEL
from towpath.resources.stage import Stage
from towpath.rules import freight_age
from towpath.rules.gates import availability
from towpath.server import approving, event_streams, requests, rights, stored_objects, streaming
from towpath.server.api import shapes
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.wire import DONE, GONE, WATCH, Parameter, Reply
from towpath.store.contract import Query, Requirement
from towpath.store.tolerant_reading import view, views
from towpath.versions import semver

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from datetime import datetime

    from starlette.requests import Request

    from towpath.server.services import Services
    from towpath.store.contract import Stored

_GROUPS: Final = ("image_repo", "git_repo", "chart_repo")
_TOGETHER: Final = 20
"""Written at a time."""
_ORDERS: Final = ("first_seen", "tag")


async def _list(request: Request, services: Services) -> Response:
    project = await requests.project(request, services.store)
    origins = set(requests.values(request, "origins"))
    query = Query(kind=scheme.FREIGHT, namespace=project)
    if event_streams.is_asked(request):
        return await event_streams.stream(
            request, services, query, wanted=functools.partial(_comes_from, origins)
        )
    group_by, group = (request.query_params.get(key, "") for key in ("groupBy", "group"))
    order_by = request.query_params.get("orderBy") or "first_seen"
    _check(group_by, group, order_by)
    scan = services.store.scan(query)
    revision = f',"resourceVersion":"{scan.revision}"'
    stage_name = request.query_params.get("stage", "")
    wanted: Callable[[Freight], bool] = functools.partial(_is_of, origins)
    if stage_name:
        await rights.ask(request, services, "get", scheme.STAGE, project, stage_name)
        stage = (await requests.one(services.store, Ref(scheme.STAGE, project, stage_name))).view(
            Stage
        )
        wanted = functools.partial(_is_available, stage, services.clock.now())
        revision = ""
    found = [
        each
        async for batch in scan
        for each in views(batch, Freight, purpose="it is left out of lists of Freight")
        if wanted(each[1])
    ]
    groups: dict[str, list[tuple[Stored, Freight]]] = {}
    for each in found:
        for key in _keys(each[1], group_by):
            if not group or key == group:
                groups.setdefault(key, []).append(each)
    if not group_by:
        groups.setdefault("", [])
    is_reversed = requests.flag(request, "reverse")
    parts = _written(groups, group_by, order_by, is_reversed=is_reversed, revision=revision)
    return await streaming.answer(
        request,
        services.watches.outlets,
        parts,
        media_type=stored_objects.JSON,
        source_bytes=sum(len(stored.raw) for stored, _ in found),
    )


def _comes_from(origins: set[str], stored: Stored) -> bool:
    """Whether an object that is told of is Freight of one of the origins; of which does not count where none is named."""
    freight = view(stored, Freight, purpose="it is left out of watches") if origins else None
    return not origins or (freight is not None and _is_of(origins, freight))


def _is_of(origins: set[str], freight: Freight) -> bool:
    return not origins or freight.origin.name in origins


def _is_available(stage: Stage, now: datetime, freight: Freight) -> bool:
    return availability.is_available(availability.gates(stage, freight, now=now, listing=True))


async def _written(
    groups: dict[str, list[tuple[Stored, Freight]]],
    group_by: str,
    order_by: str,
    *,
    is_reversed: bool,
    revision: str,
) -> AsyncGenerator[bytes, None]:
    """Yield the answer part by part."""
    yield b'{"groups":{'
    for number, key in enumerate(sorted(groups)):
        ordered = _ordered(groups[key], group_by, key, order_by)
        if is_reversed:
            ordered.reverse()
        yield b"%s%s:" % (b"," if number else b"", _quoted(key)) + b'{"items":['
        for place in range(0, len(ordered), _TOGETHER):
            part = ordered[place : place + _TOGETHER]
            items = b",".join(stored.legible for stored, _ in part)
            yield b"," + items if place else items
        yield b"]}"
    yield b"}%s}" % revision.encode()


def _check(group_by: str, group: str, order_by: str) -> None:
    if group_by and group_by not in _GROUPS:
        raise BadRequest(f"groupBy: {group_by!r} is none of {', '.join(_GROUPS)}")
    if group and not group_by:
        raise BadRequest("group: it needs groupBy")
    if order_by not in _ORDERS:
        raise BadRequest(f"orderBy: {order_by!r} is none of {', '.join(_ORDERS)}")
    if order_by == "tag" and group_by not in ("image_repo", "chart_repo"):
        raise BadRequest("orderBy: tag needs groupBy image_repo or chart_repo")


def _keys(freight: Freight, group_by: str) -> list[str]:
    match group_by:
        case "image_repo":
            return list(dict.fromkeys(image.repo_url for image in freight.images))
        case "git_repo":
            return list(dict.fromkeys(commit.repo_url for commit in freight.commits))
        case "chart_repo":
            return list(dict.fromkeys(_chart_key(c.repo_url, c.name) for c in freight.charts))
    return [""]


def _chart_key(url: str, name: str) -> str:
    return f"{url}/{name}" if name else url


def _ordered(
    found: list[tuple[Stored, Freight]], group_by: str, key: str, order_by: str
) -> list[tuple[Stored, Freight]]:
    if order_by == "first_seen":
        return sorted(found, key=lambda each: freight_age.age(each[1]), reverse=True)

    def tag(freight: Freight) -> str:
        if group_by == "image_repo":
            return next(image.tag for image in freight.images if image.repo_url == key)
        return next(c.version for c in freight.charts if _chart_key(c.repo_url, c.name) == key)

    return sorted(found, key=lambda each: _place(tag(each[1])), reverse=True)


def _place(tag: str) -> tuple[bool, tuple[Any, ...], str]:
    """Return the sort key of a tag: tags that are no version come first, by their text, then versions in their order."""
    try:
        return True, semver.parse(tag).order, tag
    except semver.VersionError:
        return False, (), tag


def _quoted(text: str) -> bytes:
    import json

    return json.dumps(text).encode()


async def _named(request: Request, services: Services, verb: str, subresource: str = "") -> Stored:
    """Return the Freight of that name or alias. Raises NotFound, Forbidden.

    Who named it by its alias is asked for the right again, by its name: a right to one Freight is no right to what is
    called like it.
    """
    project, name = await requests.project(request, services.store), request.path_params["name"]
    stored = await requests.freight(services.store, project, str(name))
    if stored.ref.name != name:
        await rights.ask(
            request, services, verb, scheme.FREIGHT, project, stored.ref.name, subresource
        )
    return stored


async def _get(request: Request, services: Services) -> Response:
    return stored_objects.one(await _named(request, services, "get"))


async def _delete(request: Request, services: Services) -> Response:
    stored = await _named(request, services, "delete")
    await services.writer.delete(stored.ref, caller.of(request))
    return Response(status_code=204)


async def _approve(request: Request, services: Services) -> Response:
    """Approve Freight for a Stage; twice is once."""
    stored = await _named(request, services, "patch", "status")
    name = request.query_params.get("stage", "")
    if not name:
        raise BadRequest("stage: say for which Stage the Freight is approved")
    await approving.approve(request, services, stored, name)
    return Response()


async def _alias(request: Request, services: Services) -> Response:
    stored = await _named(request, services, "patch")
    alias = request.query_params.get("newAlias", "")
    if not alias:
        raise BadRequest("newAlias: say what the Freight is to be called")
    labelled = Requirement(ALIAS_LABEL, "In", frozenset({alias}))
    query = Query(kind=scheme.FREIGHT, namespace=stored.ref.namespace, labels=(labelled,))
    page = await services.store.list(query, limit=2, fresh=True)
    if any(item.ref != stored.ref for item in page.items):
        raise Conflict(f"alias {alias!r} is that of Freight {page.items[0].ref.name}")
    document = stored.document
    document["alias"] = alias
    await services.writer.update(document, caller.of(request))
    return Response()


_BASE = "/v1beta1/projects/{project}/freight"
_QUERY = (
    Parameter("stage", "Only what is available to this Stage."),
    Parameter("origins", "Only Freight of one of these Warehouses.", several=True),
    Parameter("groupBy", "What is put together.", words=_GROUPS),
    Parameter("group", "Only this group."),
    Parameter("orderBy", "What comes first.", words=_ORDERS),
    Parameter("reverse", "Whether the order is turned around.", "boolean"),
    *WATCH,
)
ENDPOINTS = (
    Endpoint(
        "GET",
        _BASE,
        _list,
        Right("list", scheme.FREIGHT),
        also="with `?stage=`: `get` on the Stage",
        query=_QUERY,
        answers=Reply(shapes.FreightGroups),
    ),
    Endpoint(
        "GET",
        f"{_BASE}/{{name}}",
        _get,
        Right("get", scheme.FREIGHT),
        answers=Reply(scheme.FREIGHT),
    ),
    Endpoint("DELETE", f"{_BASE}/{{name}}", _delete, Right("delete", scheme.FREIGHT), answers=GONE),
    Endpoint(
        "POST",
        f"{_BASE}/{{name}}/approve",
        _approve,
        (Right("get", scheme.FREIGHT), Right("patch", scheme.FREIGHT, "status")),
        also="`get` and `promote` on the Stage",
        query=(Parameter("stage", "For which Stage.", required=True),),
        answers=DONE,
    ),
    Endpoint(
        "PATCH",
        f"{_BASE}/{{name}}/alias",
        _alias,
        Right("patch", scheme.FREIGHT),
        query=(Parameter("newAlias", "What it is to be called from now on.", required=True),),
        answers=DONE,
    ),
)

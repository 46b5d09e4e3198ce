"""What differs between two Freight or Stages of a Project: artifacts, and commits as far as they can be known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse

from towpath.errors import BadRequest, Forbidden, NotFound
from towpath.released.reporting import Asker
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.rules.rbac import Attributes
from towpath.rules.released import functions, report, tickets
from towpath.rules.released.notes import NotesFormat, written
from towpath.server import requests
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import comparison_shapes
from towpath.server.wire import Parameter, Reply

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services

_STAGE: Final = "stage"
_FREIGHT: Final = "freight"
_LONGEST: Final = 300
_MOST_COMMITS: Final = 100
_MOST_ISSUES: Final = 100


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two that are compared."""

    kind: str
    name: str
    alias: str
    references: list[Mapping[str, Any]]

    def shown(self) -> dict[str, str]:
        return {"kind": self.kind, "name": self.name, "alias": self.alias}


async def _compare(request: Request, services: Services) -> Response:
    """Answer with what differs between `from` and `to`, as JSON, and in words if a `format` is wanted, too."""
    project = await requests.project(request, services.store)
    form = request.query_params.get("format", "")
    if form and form not in (NotesFormat.TEXT, NotesFormat.MARKDOWN):
        raise BadRequest(f"format: {form[:50]!r} must be text or markdown")
    limit, skip = requests.number(request, "limit"), requests.number(request, "cursor") or 0
    if limit is not None and not 1 <= limit <= _MOST_COMMITS:
        raise BadRequest(f"limit: {limit} is not between 1 and {_MOST_COMMITS}")
    before, after = [await _side(request, services, project, each) for each in ("from", "to")]
    found = await services.releases.report(
        before.references,
        after.references,
        Asker(project=project, actor=caller.of(request).user.name, whom="a comparison"),
    )
    told = report.shown(found) if limit is None else report.shown_part(found, skip, limit)
    issues = tickets.issues(found, tickets.KEYS)[:_MOST_ISSUES]
    answer = {"from": before.shown(), "to": after.shown(), **told, "issues": issues}
    if form:
        answer["notes"] = written(found, NotesFormat(form))
    return JSONResponse(answer)


async def _side(request: Request, services: Services, project: str, which: str) -> _Side:
    """Return what a parameter names: `stage/NAME`, `freight/NAME`, or one name that only one of them has."""
    text = request.query_params.get(which, "")
    if not text or len(text) > _LONGEST:
        raise BadRequest(f"{which}: it must name Freight, by name or alias, or a Stage")
    kind, slash, name = text.partition("/")
    if slash:
        match kind.lower():
            case "stage" | "stages":
                return await _stage(request, services, project, name)
            case "freight":
                return await _freight(services, project, name)
            case _:
                raise BadRequest(f"{which}: {kind!r} is neither freight nor stage")
    found = [
        side
        for side in (
            await _or_none(_freight(services, project, text)),
            await _or_none(_stage(request, services, project, text)),
        )
        if side is not None
    ]
    if not found:
        raise NotFound(f'{which}: Project {project} has neither Freight nor a Stage "{text}"')
    if len(found) > 1:
        raise BadRequest(
            f'{which}: both Freight and a Stage are called "{text}"; write freight/{text} or stage/{text}'
        )
    return found[0]


async def _or_none(looking: Coroutine[Any, Any, _Side]) -> _Side | None:
    """Return what is looked for; None if it is not there, or not there for who asks."""
    try:
        return await looking
    except (NotFound, Forbidden):
        return None


async def _freight(services: Services, project: str, name: str) -> _Side:
    document = (await requests.freight(services.store, project, name)).document
    found = str(document["metadata"]["name"])
    return _Side(_FREIGHT, found, str(document.get("alias") or ""), [document])


async def _stage(request: Request, services: Services, project: str, name: str) -> _Side:
    kind = scheme.STAGE
    wanted = Attributes(kind.group, kind.plural, project, name)
    await caller.authorize(request, services.authorizer, "get", wanted)
    stored = await requests.one(services.store, Ref(kind, project, name))
    return _Side(_STAGE, name, "", functions.was_there(stored.document, ""))


_QUERY: Final = (
    Parameter(
        "from", "`freight/NAME`, `stage/NAME`, or a name that only one of them has.", required=True
    ),
    Parameter("to", "The same.", required=True),
    Parameter("limit", "How many commits, at most 100; all where it is not said.", "integer"),
    Parameter("cursor", "Where to go on: the `cursor` of the page before.", "integer"),
    Parameter("format", "In which form `notes` are wanted, too.", words=tuple(NotesFormat)),
)
ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/projects/{project}/compare",
        _compare,
        Right("list", scheme.FREIGHT),
        also="`get` on a Stage that is named",
        query=_QUERY,
        answers=Reply(comparison_shapes.ShownComparison),
    ),
)

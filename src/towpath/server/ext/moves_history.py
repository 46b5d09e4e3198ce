"""What was moved, by whom and with what result: lines to page through, to take away, and to draw."""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from starlette.responses import JSONResponse

from towpath.errors import BadRequest
from towpath.resources import moments, scheme
from towpath.rules.rbac import Attributes
from towpath.server import item_fields, requests, rights, streaming
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Who
from towpath.server.ext import history_shapes
from towpath.server.shaped import Moment, Shaped
from towpath.server.stamps import stamped
from towpath.server.wire import Parameter, Reply
from towpath.store.history import HistorySelection

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services
    from towpath.store.history import Records

_PAGE: Final = 100
_MOST: Final = 500
_LOOKED_AT: Final = 100
"""Pages that are looked through for what is asked for, before the caller is asked to go on."""
_BUCKETS: Final = 240
_MOST_BUCKETS: Final = 1000
_SPAN: Final = timedelta(days=30)
_SECOND: Final = timedelta(seconds=1)
"""So that what was asked for just now counts."""
_KINDS: Final = ("promotion", "verification", "approval")
_FORMATS: Final = {"csv": "text/csv", "jsonl": "application/jsonl"}
_COLUMNS: Final = (
    *("at", "project", "stage", "kind", "freight", "result", "actor", "reason", "name", "until"),
    *("means", "address"),
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""With which a cell begins that spreadsheets would compute."""


class PastMove(Shaped):
    """One line. What is empty is left out."""

    at: int
    project: str
    stage: str
    freight: str = ""
    kind: Literal["promotion", "verification", "approval"] = "promotion"
    result: str = ""
    actor: str = ""
    reason: str = ""
    name: str = ""
    until: int = 0
    via: history_shapes.AskedBy | None = None
    """By which means, and from where, it was asked for; left out where that was not recorded."""


class PastMoves(Shaped):
    """A page of lines, the newest first."""

    rev: int
    at: Moment
    items: list[PastMove]
    cursor: str | None = None


class MoveDensity(Shaped):
    """How many were asked for in each part of a span, and how many of them failed."""

    rev: int
    at: Moment
    since: int
    until: int
    moves: list[int]
    failures: list[int]


@dataclass
class _Wanted:
    """Which lines a caller asks for, and may see."""

    request: Request
    services: Services
    kind: str
    actor: str | None
    result: str | None
    _known: dict[str, bool] = field(default_factory=dict)

    async def has(self, line: PastMove) -> bool:
        """Whether a line is one of them."""
        if self.actor is not None and line.actor != self.actor:
            return False
        if self.result is not None and line.result != self.result:
            return False
        return await self._may(line.project)

    async def _may(self, project: str) -> bool:
        if project not in self._known:
            on = Attributes(scheme.KARGO, scheme.PROMOTION.plural, project)
            decided = await self.services.authorizer.allowed(
                caller.of(self.request).user, "list", on
            )
            self._known[project] = decided.allowed
        return self._known[project]


async def _history(request: Request, services: Services) -> Response:
    """Answer with a page of lines, or with all of them as a file."""
    selection, wanted = await _selected(request, services)
    format_ = request.query_params.get("format", "")
    if format_:
        if item_fields.asked(request, PastMove):
            raise BadRequest("fields: it does not go with format: a file has all of each line")
        if format_ not in _FORMATS:
            raise BadRequest(f"format: {format_[:50]!r} is none of {', '.join(_FORMATS)}")
        parts = _exported(services, selection, wanted, format_)
        media = _FORMATS[format_]
        answer = await streaming.answer(request, services.watches.outlets, parts, media_type=media)
        answer.headers["Content-Disposition"] = f'attachment; filename="history.{format_}"'
        return answer
    limit = requests.number(request, "limit")
    limit = _PAGE if limit is None else limit
    if not 1 <= limit <= _MOST:
        raise BadRequest(f"limit: {limit} is not between 1 and {_MOST}")
    cursor = request.query_params.get("cursor") or None
    found: list[PastMove] = []
    for _ in range(_LOOKED_AT):
        lines, cursor = await _page(services, selection, wanted.kind, limit - len(found), cursor)
        found += [each for each in lines if await wanted.has(each)]
        if cursor is None or len(found) == limit:
            break
        await asyncio.sleep(0)  # others have a turn
    items = [_document(each) for each in found]
    page = stamped(services, {"items": items, "cursor": cursor})
    return JSONResponse(item_fields.chosen(request, page, PastMove))


async def _selected(request: Request, services: Services) -> tuple[HistorySelection, _Wanted]:
    """Return what is asked for. Raises BadRequest, and Forbidden for a Project whose Promotions the caller may not list."""
    given = request.query_params
    kind = given.get("kind") or _KINDS[0]
    if kind not in _KINDS:
        raise BadRequest(f"kind: {kind[:50]!r} is none of {', '.join(_KINDS)}")
    result = given.get("result") or None
    if result and kind == "approval":
        raise BadRequest("result: approvals have none; leave it out")
    project = given.get("project") or None
    if project:
        await rights.ask(request, services, "list", scheme.PROMOTION, project)
    selection = HistorySelection(
        project=project,
        stage=given.get("stage") or None,
        freight=given.get("freight") or None,
        since=requests.moment(request, "from"),
        until=requests.moment(request, "to"),
    )
    return selection, _Wanted(request, services, kind, given.get("actor") or None, result)


async def _page(
    services: Services, selection: HistorySelection, kind: str, limit: int, cursor: str | None
) -> tuple[list[PastMove], str | None]:
    history = services.store.history
    page: Records[Any]
    if kind == "verification":
        page = await history.verifications(selection, limit=limit, cursor=cursor)
        return [_verification(each) for each in page.items], page.cursor
    if kind == "approval":
        page = await history.approvals(selection, limit=limit, cursor=cursor)
        return [_approval(each) for each in page.items], page.cursor
    page = await history.promotions(selection, limit=limit, cursor=cursor)
    return [_promotion(each) for each in page.items], page.cursor


def _promotion(past: Any) -> PastMove:
    record = past.record
    return PastMove(
        at=int(past.recorded.timestamp()),
        project=record.project,
        stage=record.stage,
        freight=record.freight,
        result=record.phase,
        actor=record.actor,
        reason=record.reason,
        name=record.name,
        via=_via(record.via),
    )


def _verification(past: Any) -> PastMove:
    record = past.record
    return PastMove(
        at=int(past.recorded.timestamp()),
        project=record.project,
        stage=record.stage,
        kind="verification",
        freight=" ".join(record.freight),
        result=record.phase,
        actor=record.actor,
        name=record.analysis_run,
        via=_via(record.via),
    )


def _approval(given: Any) -> PastMove:
    record = given.record
    return PastMove(
        at=int(given.given.timestamp()),
        project=record.project,
        stage=record.stage,
        kind="approval",
        freight=record.freight,
        actor=record.actor,
        reason=record.reason,
        until=int(given.ended.timestamp()) if given.ended else 0,
        via=_via(record.via),
    )


def _via(told: str) -> history_shapes.AskedBy | None:
    """Return by which means, and from where, somebody asked; None where that was not recorded, or (in an archive) as nothing known."""
    try:
        return msgspec.json.decode(told, type=history_shapes.AskedBy) if told else None
    except msgspec.MsgspecError:
        return None


def _document(line: PastMove) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(line)
    if line.via is not None:
        found["via"] = {key: value for key, value in found["via"].items() if value}
    return {key: value for key, value in found.items() if value or key == "at"}


async def _exported(
    services: Services, selection: HistorySelection, wanted: _Wanted, format_: str
) -> AsyncGenerator[bytes, None]:
    """Yield all lines, a page at a time."""
    if format_ == "csv":
        yield (",".join(_COLUMNS) + "\r\n").encode()
    cursor = None
    while True:
        lines, cursor = await _page(services, selection, wanted.kind, _PAGE, cursor)
        found = [each for each in lines if await wanted.has(each)]
        part = "".join(_rows(found) if format_ == "csv" else _json_lines(found))
        await asyncio.sleep(0)  # others have a turn
        if part:
            yield part.encode()
        if cursor is None:
            return


def _json_lines(lines: list[PastMove]) -> Iterator[str]:
    for each in lines:
        document = _document(each) | {"at": moments.whole_seconds(moments.of_seconds(each.at))}
        yield msgspec.json.encode(document).decode() + "\n"


def _rows(lines: list[PastMove]) -> Iterator[str]:
    """Yield lines of CSV. What a spreadsheet would take for a formula has an apostrophe before it."""
    for each in lines:
        values = {
            **msgspec.to_builtins(each),
            "at": _time(each.at),
            "until": _time(each.until),
            "means": each.via.means if each.via is not None else "",
            "address": each.via.address if each.via is not None else "",
        }
        cells = [str(values[name]) for name in _COLUMNS]
        text = io.StringIO()
        csv.writer(text).writerow(
            [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells]
        )
        yield text.getvalue()


def _time(seconds: int) -> str:
    return moments.whole_seconds(moments.of_seconds(seconds)) if seconds else ""


async def _density(request: Request, services: Services) -> Response:
    """Answer with how many Promotions were asked for in each part of a span, 30 days to now where none is given."""
    given = request.query_params
    project = given.get("project", "")
    if not project:
        raise BadRequest("project: say of which Project")
    await rights.ask(request, services, "list", scheme.PROMOTION, project)
    until = requests.moment(request, "to") or services.clock.now() + _SECOND
    since = requests.moment(request, "from") or until - _SPAN
    if since >= until:
        raise BadRequest("from: it must be before `to`")
    buckets = requests.number(request, "buckets")
    buckets = _BUCKETS if buckets is None else buckets
    if not 1 <= buckets <= _MOST_BUCKETS:
        raise BadRequest(f"buckets: {buckets} is not between 1 and {_MOST_BUCKETS}")
    found = await services.store.history.density(project, since, until, buckets)
    answer = {
        "since": int(since.timestamp()),
        "until": int(until.timestamp()),
        "moves": list(found.moves),
        "failures": list(found.failures),
    }
    return JSONResponse(stamped(services, answer))


_SPAN_OF: Final = (
    Parameter("from", "Not before: RFC 3339, or seconds since 1970."),
    Parameter("to", "Before: likewise."),
)
_WHERE: Final = "`list` promotions in the Project; without one, lines of those where the caller may"
ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/history",
        _history,
        Who.AUTHENTICATED,
        also=_WHERE,
        query=(
            Parameter("project", "Only of this Project."),
            Parameter("stage", "Only to this Stage."),
            Parameter("freight", "Only of this Freight, by its name."),
            Parameter("actor", "Only by them."),
            Parameter("kind", "What lines are about.", words=_KINDS),
            Parameter("result", "Only those that have come to this, such as Failed."),
            *_SPAN_OF,
            Parameter("limit", "How many lines, 100 where it is not said.", "integer"),
            Parameter("cursor", "Where to go on: the `cursor` of the page before."),
            Parameter("format", "All lines, as a file.", words=tuple(_FORMATS)),
            item_fields.FIELDS,
        ),
        answers=item_fields.reply(PastMoves, texts=tuple(_FORMATS.values())),
    ),
    Endpoint(
        "GET",
        "/towpath/v1/density",
        _density,
        Who.AUTHENTICATED,
        also="`list` promotions in the Project",
        query=(
            Parameter("project", "The Project.", required=True),
            *_SPAN_OF,
            Parameter("buckets", "How many parts, 240 where it is not said.", "integer"),
        ),
        answers=Reply(MoveDensity),
    ),
)

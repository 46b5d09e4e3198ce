"""Who the caller is, what they may do, and what waits for them."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse

from towpath import messages
from towpath.errors import BadRequest, Forbidden
from towpath.resources import moments, scheme
from towpath.resources.kinds import Ref
from towpath.resources.promotion import PromotionPhase
from towpath.rules import rbac
from towpath.rules.board.sight import APPROVE
from towpath.rules.rbac import Attributes
from towpath.screens import seeing
from towpath.server import item_fields, list_pages, requests
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Who
from towpath.server.ext import history_shapes
from towpath.server.shaped import Moment, Shaped
from towpath.server.stamps import stamped
from towpath.server.wire import Parameter, Reply
from towpath.store.contract import Query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.rules.board.facts import PromotionFacts, StageFacts
    from towpath.rules.board.sight import Sight
    from towpath.rules.rbac import User
    from towpath.screens.live_project import LiveProject
    from towpath.server.services import Services

_WORDS: Final = ("promote", "approve", "verify", "hold", "abort", "edit", "delete")
"""What bits stand for, the lowest first."""
_PAGE: Final = 20
_MOST: Final = 200
"""Items of one page of what waits."""
_PROJECTS: Final = 50
"""That are looked through for one page."""
_LINE_BYTES: Final = 80
_TURN: Final = 32
"""Stages that are looked at before others get the loop."""
_FAILED: Final = frozenset({PromotionPhase.FAILED, PromotionPhase.ERRORED})
_UNSUCCESSFUL: Final = frozenset({"Failed", "Error", "Aborted", "Inconclusive"})


class Myself(Shaped):
    """Who calls."""

    rev: int
    at: Moment
    actor: str
    user: str
    groups: list[str]
    admin: bool
    via: history_shapes.AskedBy | None = None
    """How they come: `session`, `token` and the like, with the token's name, who speaks for them, and the address."""


class MyRights(Shaped):
    """What the caller may do to each Stage that they may see: bit n stands for word n."""

    rev: int
    at: Moment
    project: str
    words: list[str]
    default: int
    stages: dict[str, int]
    """Those that differ from `default`."""


class InboxItem(Shaped):
    """Something that waits for the caller. What is empty is left out."""

    kind: str
    project: str
    stage: str
    since: int = 0
    freight: str = ""
    promotion: str = ""
    msg: str = ""
    until: int = 0
    """When a hold ends by itself."""


class Inbox(Shaped):
    """A page of it, by Project."""

    rev: int
    at: Moment
    items: list[InboxItem]
    cursor: str | None = None


async def _me(request: Request, services: Services) -> Response:
    """Answer with who calls, as rights and records name them."""
    requester = caller.of(request)
    user = requester.user
    answer = {
        "actor": requester.actor,
        "user": user.name,
        "groups": list(user.groups),
        "admin": user.is_master,
        **({"via": json.loads(requester.via)} if requester.via else {}),
    }
    return JSONResponse(stamped(services, answer))


async def _can(request: Request, services: Services) -> Response:
    """Answer with what the caller may do to the Stages of a Project; those that have the usual bits are not named."""
    project = request.query_params.get("project", "")
    if not project:
        raise BadRequest("project: say of which Project")
    sight = await _sight(request, services, project)
    found: dict[str, int] = {}
    if not sight.same_for_all or not sight.stages.all:
        async for batch in services.store.scan(Query(kind=scheme.STAGE, namespace=project)):
            names = (stored.ref.name for stored in batch if stored.ref.name in sight.stages)
            found |= {name: _bits(sight.may(name)) for name in names}
    default = Counter(found.values()).most_common(1)[0][0] if found else _bits(sight.usual)
    answer = {
        "project": project,
        "words": list(_WORDS),
        "default": default,
        "stages": {name: bits for name, bits in found.items() if bits != default},
    }
    return JSONResponse(stamped(services, answer))


async def _sight(request: Request, services: Services, project: str) -> Sight:
    """Return what the caller may see and do in a Project. Raises Forbidden for whoever may see none of its Stages."""
    user = caller.of(request).user
    sight = await seeing.of(services.authorizer, user, project)
    if not sight.stages:
        on = Attributes(scheme.STAGE.group, scheme.STAGE.plural, project)
        raise Forbidden(rbac.refusal(user, "list", on))
    return sight


def _bits(words: tuple[str, ...]) -> int:
    return sum(1 << _WORDS.index(each) for each in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What is looked for in a Project."""

    actor: str
    part: str
    """Of the name of the Stage or the Project; empty: of any."""
    most: int


async def _inbox(request: Request, services: Services) -> Response:
    """Answer with a page of what waits for the caller, Project by Project. `project` asks for that of one alone."""
    requester = caller.of(request)
    wanted_project = request.query_params.get("project", "")
    given = request.query_params.get("cursor", "")
    after, _, passed = given.rpartition("/")
    if given and (not after or not passed.isdecimal() or len(passed) > 9):
        raise BadRequest("cursor: not one that this list gave out; start the list anew")
    limit, part = list_pages.limit_of(request, usual=_PAGE, most=_MOST), list_pages.part_of(request)
    revision, items, cursor = services.store.revision(), list[dict[str, Any]](), None
    if wanted_project:
        await _sight(request, services, wanted_project)
        await requests.one(services.store, Ref(scheme.PROJECT, "", wanted_project))
        known = [wanted_project]
    else:
        known = await _projects(services, requester.user)
    names = [name for name in known if name >= after]
    for place, name in enumerate(names):
        if place == _PROJECTS:
            cursor = f"{name}/0"
            break
        sight = await seeing.of(services.authorizer, requester.user, name)
        if not sight.stages:
            continue
        live = await services.screens.projects.project(name)
        first = int(passed) if name == after else 0
        room = limit - len(items)
        wanted = _Wanted(actor=requester.actor, part=part, most=first + room + 1)
        waiting = await _waiting(live, sight, wanted, services)
        items += waiting[first : first + room]
        if len(waiting) > first + room:
            cursor = f"{name}/{first + room}"
            break
    page = stamped(services, {"items": items, "cursor": cursor}, revision)
    return JSONResponse(item_fields.chosen(request, page, InboxItem))


async def _projects(services: Services, user: User) -> list[str]:
    """Return the names of the Projects in which a user may have any right, in order."""
    on = Attributes(scheme.KARGO, scheme.STAGE.plural, "")
    everywhere = user.is_master or (await services.authorizer.allowed(user, "get", on)).allowed
    within = frozenset[str]() if everywhere else await services.authorizer.namespaces_of(user)
    found = []
    async for batch in services.store.scan(Query(kind=scheme.PROJECT)):
        found += [each.ref.name for each in batch if everywhere or each.ref.name in within]
    return found


async def _waiting(
    live: LiveProject, sight: Sight, wanted: _Wanted, services: Services
) -> list[dict[str, Any]]:
    """Return the first of what waits for somebody in a Project, by Stage."""
    found: list[dict[str, Any]] = []
    for number, name in enumerate(sorted(live.stages)):
        is_meant = (
            not wanted.part or wanted.part in name.lower() or wanted.part in live.name.lower()
        )
        if is_meant and name in sight.stages and name in live.stages:
            found += _items(live, name, sight, wanted.actor, services)
        if len(found) >= wanted.most:
            break
        if number % _TURN == _TURN - 1:
            await asyncio.sleep(0)
    return found[: wanted.most]


def _items(
    live: LiveProject, name: str, sight: Sight, actor: str, services: Services
) -> Iterator[dict[str, Any]]:
    """Yield what waits for somebody at a Stage: failed moves and holds of theirs, what they wait for, what they may approve."""
    stage = live.stages[name]
    if sight.promotions:
        last = live.promotions.get(stage.last)
        if last is not None and last.actor == actor and last.phase in _FAILED:
            yield _item("failed", live, name, last.finished, last.message, promotion=last)
        for each in live.unended(name):
            yield from _under_way(live, name, each, actor, services)
    for origin, hold in stage.holds.items():
        if hold.actor == actor:
            since, end = _seconds(hold.created_at), stage.hold_ends.get(origin, 0)
            why = stage.hold_reasons.get(origin, "")
            found = _item("hold", live, name, since, why, freight=hold.freight_name)
            yield {**found, **({"until": end} if end else {})}
    if APPROVE in sight.may(name):
        yield from _to_approve(live, stage)


def _under_way(
    live: LiveProject, stage: str, promotion: PromotionFacts, actor: str, services: Services
) -> Iterator[dict[str, Any]]:
    """Yield a Promotion of theirs that waits for something."""
    if promotion.actor != actor:
        return
    told = services.waiting(Ref(scheme.PROMOTION, live.name, promotion.name))
    if told is not None and told.reason:
        yield _item("waits", live, stage, promotion.created, told.reason, promotion=promotion)


def _to_approve(live: LiveProject, stage: StageFacts) -> Iterator[dict[str, Any]]:
    """Yield the Freight whose verification upstream did not succeed: approving it is the way in that is left."""
    there = set(stage.held.values())
    wanted = {each.origin.key for each in stage.slim.spec.requested_freight}
    for upstream in stage.up:
        above = live.stages.get(upstream)
        if above is None or above.verification not in _UNSUCCESSFUL:
            continue
        for origin, freight in above.held.items():
            known = live.freight.get(freight)
            status = known.slim.status if known is not None and known.slim is not None else None
            is_approved = status is not None and stage.name in status.approved_for
            if origin in wanted and freight not in there and not is_approved:
                why = f"{above.verification} in {upstream}: {above.verification_message}"
                yield _item("approve", live, stage.name, 0, why, freight=freight)


def _item(
    kind: str,
    live: LiveProject,
    stage: str,
    since: int,
    message: str = "",
    *,
    promotion: PromotionFacts | None = None,
    freight: str = "",
) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": kind, "project": live.name, "stage": stage, "since": since}
    if promotion is not None:
        found |= {"promotion": promotion.name, "freight": promotion.freight}
    if freight:
        found["freight"] = freight
    if message:
        found["msg"] = messages.cut(message, _LINE_BYTES)
    return {key: value for key, value in found.items() if value}


def _seconds(text: str | None) -> int:
    found = moments.read(text)
    return int(found.timestamp()) if found is not None else 0


ENDPOINTS = (
    Endpoint("GET", "/towpath/v1/me", _me, Who.AUTHENTICATED, answers=Reply(Myself)),
    Endpoint(
        "GET",
        "/towpath/v1/me/can",
        _can,
        Who.AUTHENTICATED,
        also="`list` stages, or `get` on single ones, which are told",
        query=(Parameter("project", "The Project.", required=True),),
        answers=Reply(MyRights),
    ),
    Endpoint(
        "GET",
        "/towpath/v1/me/inbox",
        _inbox,
        Who.AUTHENTICATED,
        also="what the caller may see of each Project",
        query=(
            Parameter("project", "What waits in this Project alone."),
            Parameter("q", "Part of the name of a Stage or its Project."),
            Parameter("limit", f"Items of one page, {_PAGE} if not given.", "integer"),
            list_pages.CURSOR,
            item_fields.FIELDS,
        ),
        answers=item_fields.reply(Inbox),
    ),
)

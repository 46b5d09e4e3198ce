"""The overview: all Projects that the caller may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest
from towpath.rules.board import facts
from towpath.rules.board.states import StageRole
from towpath.screens import boards, overviews
from towpath.screens.answers import PackedAnswer
from towpath.server import item_fields, requests, screen_answers
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Who
from towpath.server.ext import screen_shapes
from towpath.server.kube import selectors
from towpath.server.wire import Parameter

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services
    from towpath.store.contract import Requirement

_MOST: Final = 500
"""Projects of one answer."""
_USUAL: Final = 200


async def _overview(request: Request, services: Services) -> Response:
    """Answer with Projects, a page at a time, and the last moves."""
    asked = _asked(request)
    screens = services.screens
    scope = await screens.overviews.scope(services.authorizer, caller.of(request).user)
    revision = screens.projects.revision  # what is written from now on may not be in it
    await screens.projects.catch_up()
    if asked.is_all_of(len(scope.sights)) and not item_fields.asked(
        request, screen_shapes.OverviewProject
    ):
        packed = await screens.overviews.packed(scope)
        return await _answered(request, services, packed, revision)
    document, _ = await screens.overviews.document(scope)
    since = 0
    if asked.changed:
        since = facts.whole(services.clock.now()) - asked.changed
    found = [
        each
        for each in overviews.selected(
            document["projects"].values(), q=asked.q, state=asked.state, since=since
        )
        if each["name"] > asked.cursor
        and all(term.matches(screens.labels(each["name"])) for term in asked.labels)
    ]
    found.sort(key=lambda each: each["name"])
    page = found[: asked.limit]
    told: dict[str, Any] = {"envs": document["envs"], "projects": page, "moves": document["moves"]}
    if len(found) > len(page):
        told["cursor"] = page[-1]["name"]
    told = item_fields.chosen(request, told, screen_shapes.OverviewProject, "projects")
    return await _answered(request, services, PackedAnswer.of(told), revision)


async def _answered(
    request: Request, services: Services, packed: PackedAnswer, revision: int
) -> Response:
    stamp = boards.stamp(revision, services.clock.now())
    return await screen_answers.answer(request, packed, stamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a request wants of the overview."""

    q: str
    state: str
    labels: tuple[Requirement, ...]
    changed: int
    limit: int
    cursor: str

    def is_all_of(self, projects: int) -> bool:
        """Whether it wants all of so many Projects."""
        wants_all = not (self.q or self.state or self.labels or self.changed or self.cursor)
        return wants_all and projects <= self.limit


def _asked(request: Request) -> _Asked:
    """Return what is asked for. Raises BadRequest."""
    given = request.query_params
    limit, changed = requests.number(request, "limit"), requests.number(request, "changed")
    if limit is not None and not 1 <= limit <= _MOST:
        raise BadRequest(f"limit: {limit} is not between 1 and {_MOST}")
    state = given.get("state", "")
    if state and state not in list(StageRole):
        raise BadRequest(f"state: {state[:50]!r} is none of {', '.join(StageRole)}")
    return _Asked(
        q=given.get("q", ""),
        state=state,
        labels=selectors.labels(given.get("labels", "")),
        changed=changed or 0,
        limit=limit or _USUAL,
        cursor=given.get("cursor", ""),
    )


ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/overview",
        _overview,
        Who.AUTHENTICATED,
        also="Projects are shown as far as their Stages may be read",
        query=(
            Parameter("q", "Part of a Project's name."),
            Parameter("labels", "A label selector."),
            Parameter("state", "A role that one of its cells has.", words=tuple(StageRole)),
            Parameter("changed", "Only where something came within so many seconds.", "integer"),
            Parameter("limit", "Projects of one answer, 200 by default.", "integer"),
            Parameter("cursor", "Of the answer before."),
            item_fields.FIELDS,
        ),
        answers=item_fields.reply(screen_shapes.Overview, screen_shapes.ChosenOverview),
    ),
)

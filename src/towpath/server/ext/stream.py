"""What became of the documents of screens: one stream for all topics of a page, and the same for whoever cannot hold one open."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest, TowpathError
from towpath.screens import boards, subjects
from towpath.screens.answers import PackedAnswer
from towpath.screens.subscription import PAD, ScreenSubscription
from towpath.server import event_streams, long_polls, requests, revisions, screen_answers
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Who
from towpath.server.ext import screen_shapes
from towpath.server.watch_stream import WatchStream
from towpath.server.wire import EVENTS, Parameter, Reply

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.server.services import Services

_USUAL_WAIT: Final = 25
_LONGEST_WAIT: Final = 60
_RETRY: Final = b"retry: 1000\n\n"


async def _stream(request: Request, services: Services) -> Response:
    """Answer with an event for each change, until the caller leaves."""
    subscription = _subscription(request, services)
    given = request.headers.get("last-event-id", "") or request.query_params.get("after", "")
    after = _revision(given)
    standing = caller.standing(request, services.authorizer)
    services.watches.admit(standing)
    try:
        await subscription.begin(after)
        if services.watches.is_closed:
            subscription.is_over = True
    except BaseException:
        await subscription.aclose()
        raise
    answer = WatchStream(
        services.watches,
        _parts(subscription),
        media_type=f"{EVENTS}; charset=utf-8",
        headers=event_streams.HEADERS,
        watch=subscription,
        told=_error,
        clock=services.clock,
    )
    services.watches.keep(answer, standing)
    return answer  # type: ignore[return-value]  # it is called as a response is


async def _parts(subscription: ScreenSubscription) -> AsyncGenerator[bytes, None]:
    try:
        yield PAD + _RETRY + await subscription.frames() + subscription.beat_frame()
        while True:
            await subscription.news()
            if subscription.is_over:
                return
            found = await subscription.frames()
            if found:
                yield found
            found = b""  # nothing is kept while the next is waited for
    except TowpathError as error:
        yield _error(error)
    finally:
        await subscription.aclose()


async def _changes(request: Request, services: Services) -> Response:
    """Answer with what changed, as soon as something has or the time to wait is over."""
    subscription = _subscription(request, services)
    after = _revision(request.query_params.get("after", ""))
    wait = requests.number(request, "wait")
    if wait is not None and wait > _LONGEST_WAIT:
        raise BadRequest(f"wait: {wait} is more than {_LONGEST_WAIT} seconds")
    screens = services.screens
    try:
        with long_polls.waiting(request, services) as poll:
            await subscription.begin(after, whole=after is None)
            taken, revision = await subscription.take(), screens.channels.revision
            over = services.clock.timer(_USUAL_WAIT if wait is None else wait)
            try:
                while not (taken.told or taken.reset or over.done() or poll.over.done()):
                    news = asyncio.ensure_future(subscription.news())
                    try:
                        await asyncio.wait(
                            (news, over, poll.over), return_when=asyncio.FIRST_COMPLETED
                        )
                    finally:
                        news.cancel()
                    taken, revision = await subscription.take(), screens.channels.revision
            finally:
                over.cancel()
        await caller.standing(request, services.authorizer).check()  # it may have ended meanwhile
        stamp = boards.stamp(revision, services.clock.now())
        packed = PackedAnswer.of(subscription.data(taken))
    finally:
        await subscription.aclose()
    return await screen_answers.answer(request, packed, stamp)


def _subscription(request: Request, services: Services) -> ScreenSubscription:
    """Return a reader of the topics that are asked for. Raises BadRequest."""
    topics = list(dict.fromkeys(requests.values(request, "topics")))
    if not topics:
        raise BadRequest(
            "topics: say which: overview, inbox, board:PROJECT, promotion:PROJECT/NAME, with commas between them"
        )
    if len(topics) > subjects.MOST:
        raise BadRequest(f"topics: {len(topics)} are more than {subjects.MOST}")
    return ScreenSubscription(
        services.screens, services.authorizer, caller.of(request).user, topics
    )


def _revision(given: str) -> int | None:
    """Return a revision that is known already, None if none is named. Raises BadRequest."""
    if given and not revisions.is_number(given):
        raise BadRequest(f"after: {given[:50]!r} is no revision; use the `rev` of a document")
    return int(given) if given else None


def _error(error: TowpathError) -> bytes:
    text = json.dumps({"code": error.reason, "message": error.message})
    return f"event: error\ndata: {text}\n\n".encode()


_TOPICS: Final[tuple[Any, ...]] = (
    Parameter(
        "topics",
        "overview, inbox, board:PROJECT, promotion:PROJECT/NAME, with commas between them.",
        required=True,
    ),
    Parameter("after", "The smallest `rev` of the documents that are shown.", "integer"),
)
_ALSO: Final = "for each topic, what its document asks for"
ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/stream",
        _stream,
        Who.AUTHENTICATED,
        also=_ALSO,
        query=_TOPICS,
        answers=Reply(str, media=EVENTS),
    ),
    Endpoint(
        "GET",
        "/towpath/v1/changes",
        _changes,
        Who.AUTHENTICATED,
        also=_ALSO,
        query=(
            *_TOPICS,
            Parameter("wait", "Seconds, 25 by default, at most 60.", "integer"),
        ),
        answers=Reply(screen_shapes.ScreenChanges),
    ),
)

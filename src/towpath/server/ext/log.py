"""What the steps of a Promotion, or of the run of a hook, said."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse

from towpath.errors import BadRequest
from towpath.resources import scheme
from towpath.resources.hook_run import HookRun
from towpath.resources.promotion import Promotion
from towpath.rules import hook_attempts, stage_status
from towpath.server import long_polls, requests, revisions, rights
from towpath.server.auth import caller
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import retried, run_shapes
from towpath.server.wire import Parameter, Reply
from towpath.store.contract import FieldTerm, Query

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.resources.promotion import PromotionStatus, StepExecutionMetadata
    from towpath.server.long_polls import LongPoll
    from towpath.server.services import Services
    from towpath.store.contract import Stored, Watch

_LONGEST_WAIT: Final = 60


async def _log(request: Request, services: Services) -> Response:
    """Answer with a line for each step's beginning and end, and one for the Promotion's; if asked to, once there is more."""
    after, wait = requests.number(request, "after"), requests.number(request, "wait")
    if wait is not None and wait > _LONGEST_WAIT:
        raise BadRequest(f"wait: {wait} is more than {_LONGEST_WAIT} seconds")
    revisions.require(services.store, after)
    revision = services.store.revision()
    stored = await requests.named(request, services.store, scheme.PROMOTION)
    if wait and after is not None and stored.revision <= after:
        with long_polls.waiting(request, services) as poll:
            stored = await _newer(services, stored, revision, wait, poll)
        await caller.standing(request, services.authorizer).check()  # it may have ended meanwhile
        ref = stored.ref  # what they may may have changed as well
        await rights.ask(request, services, "get", ref.kind, ref.namespace, ref.name)
    promotion = stored.view(Promotion)
    status = promotion.status
    retry = retried.line(promotion.metadata.annotations)
    first = []
    if retry and status is not None:
        first.append(_line(status.started_at or "", "", status.phase, retry))
    begin, most = requests.number(request, "from") or 0, requests.number(request, "limit")
    lines = _lines(first, status, is_done=stage_status.has_ended(promotion))
    until = begin + (most if most is not None else len(lines))
    answer = {
        "lines": lines[begin:until],
        "done": stage_status.has_ended(promotion) and until >= len(lines),
        "rev": stored.revision,
        "from": begin,
        "total": len(lines),
    }
    return JSONResponse(answer)


async def _newer(
    services: Services, stored: Stored, revision: int, wait: int, poll: LongPoll
) -> Stored:
    """Return a Promotion as soon as it is not as it was at a revision, at the latest when the time to wait is over."""
    if stage_status.has_ended(stored.view(Promotion)):
        return stored
    name = (FieldTerm("metadata.name", stored.ref.name),)
    query = Query(kind=scheme.PROMOTION, namespace=stored.ref.namespace, fields=name)
    watch = services.store.watch(query, since=revision)
    news = asyncio.ensure_future(_change(watch))
    over = services.clock.timer(wait)
    try:
        await asyncio.wait((news, over, poll.over), return_when=asyncio.FIRST_COMPLETED)
        return await services.store.get(stored.ref)
    finally:
        news.cancel()
        over.cancel()
        await asyncio.gather(news, return_exceptions=True)
        await watch.aclose()


async def _change(watch: Watch) -> None:
    async for event in watch:
        if event.object is not None:
            return


async def _log_of_hook(request: Request, services: Services) -> Response:
    """Answer with the same of the run of a hook, after a line that says what happened."""
    stored = await requests.named(request, services.store, scheme.HOOK_RUN)
    run = stored.view(HookRun)
    event, status = run.spec.event, run.status
    told = f"{event.type}: {event.message}" if event.message else event.type
    is_done = hook_attempts.has_ended(status)
    lines = _lines([_line(event.time, "", "", told)], status, is_done=is_done)
    return JSONResponse({"lines": lines, "done": is_done})


def _lines(
    lines: list[dict[str, str]], status: PromotionStatus | None, *, is_done: bool
) -> list[dict[str, str]]:
    for step in status.step_execution_metadata if status else ():
        lines += _of_step(step)
    if is_done and status is not None:
        lines.append(_line(status.finished_at or "", "", status.phase, status.message))
    return lines


def _of_step(step: StepExecutionMetadata) -> list[dict[str, str]]:
    if not step.started_at:
        return [_line("", step.alias, step.status, step.message)] if step.status else []
    begun = _line(step.started_at, step.alias, "Running", "" if step.finished_at else step.message)
    if not step.finished_at:
        return [begun]
    return [begun, _line(step.finished_at, step.alias, step.status, step.message)]


def _line(time: str, step: str, status: str, message: str) -> dict[str, str]:
    return {"time": time, "step": step, "status": status, "message": message}


ENDPOINTS = (
    Endpoint(
        "GET",
        "/towpath/v1/projects/{project}/promotions/{name}/log",
        _log,
        Right("get", scheme.PROMOTION),
        query=(
            Parameter("from", "Which line is the first, from 0.", "integer"),
            Parameter("limit", "How many lines, all by default.", "integer"),
            Parameter("after", "The `rev` of an answer that is known already.", "integer"),
            Parameter("wait", "Seconds to wait for what comes after that, at most 60.", "integer"),
        ),
        answers=Reply(run_shapes.Log),
    ),
    Endpoint(
        "GET",
        "/towpath/v1/projects/{project}/hookruns/{name}/log",
        _log_of_hook,
        Right("get", scheme.HOOK_RUN),
        answers=Reply(run_shapes.Log),
    ),
)

"""What the steps of a Promotion, or of the run of a hook, said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from towpath.resources import scheme
from towpath.resources.hook_run import HookRun
from towpath.resources.promotion import Promotion
from towpath.rules import hook_attempts, stage_status
from towpath.server import requests
from towpath.server.endpoint import Endpoint, Right
from towpath.server.ext import retried, shapes
from towpath.server.wire import Reply

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from towpath.resources.promotion import PromotionStatus, StepExecutionMetadata
    from towpath.server.services import Services


async def _log(request: Request, services: Services) -> Response:
    """Answer with a line for each step's beginning and end, and one for the Promotion's."""
    stored = await requests.named(request, services.store, scheme.PROMOTION)
    promotion = stored.view(Promotion)
    status = promotion.status
    retry = retried.line(promotion.metadata.annotations)
    first = []
    if retry and status is not None:
        first.append(_line(status.started_at or "", "", status.phase, retry))
    return _said(first, status, is_done=stage_status.has_ended(promotion))


async def _log_of_hook(request: Request, services: Services) -> Response:
    """Answer with the same of the run of a hook, after a line that says what happened."""
    stored = await requests.named(request, services.store, scheme.HOOK_RUN)
    run = stored.view(HookRun)
    event, status = run.spec.event, run.status
    told = f"{event.type}: {event.message}" if event.message else event.type
    return _said([_line(event.time, "", "", told)], status, is_done=hook_attempts.has_ended(status))


def _said(
    lines: list[dict[str, str]], status: PromotionStatus | None, *, is_done: bool
) -> Response:
    for step in status.step_execution_metadata if status else ():
        lines += _of_step(step)
    if is_done and status is not None:
        lines.append(_line(status.finished_at or "", "", status.phase, status.message))
    return JSONResponse({"lines": lines, "done": is_done})


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
        answers=Reply(shapes.Log),
    ),
    Endpoint(
        "GET",
        "/towpath/v1/projects/{project}/hookruns/{name}/log",
        _log_of_hook,
        Right("get", scheme.HOOK_RUN),
        answers=Reply(shapes.Log),
    ),
)

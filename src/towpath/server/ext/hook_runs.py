"""Runs of hooks that somebody should know of: those of a Stage that have not succeeded, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.resources import scheme
from towpath.resources.hook_run import HookRun
from towpath.resources.promotion import PromotionPhase
from towpath.server import rights
from towpath.store.contract import FieldTerm, Order, Query
from towpath.store.tolerant_reading import views

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.resources.kinds import Ref
    from towpath.server.services import Services

_LOOKED_AT: Final = 50
_MOST: Final = 10
_WELL: Final = (PromotionPhase.SUCCEEDED, PromotionPhase.ABORTED)
_PASSED_OVER: Final = "it is left out of explanations"


async def told(request: Request, services: Services, stage: Ref) -> list[dict[str, Any]]:
    """Return the newest runs of a Stage that wait, run or have failed; none to who may not list HookRuns."""
    try:
        await rights.ask(request, services, "list", scheme.HOOK_RUN, stage.namespace)
    except errors.Forbidden:
        return []
    page = await services.store.list(
        Query(
            kind=scheme.HOOK_RUN,
            namespace=stage.namespace,
            fields=(FieldTerm("spec.stage", stage.name),),
        ),
        order=Order(path="metadata.creationTimestamp", descending=True),
        limit=_LOOKED_AT,
    )
    found = []
    for _, run in views(page.items, HookRun, purpose=_PASSED_OVER):
        phase = PromotionPhase(run.status.phase if run.status else "")
        if phase not in _WELL:
            found.append(
                {
                    "run": run.metadata.name,
                    "hook": run.spec.hook,
                    "event": run.spec.event.event,
                    "phase": phase.value,
                    "blocking": run.spec.blocking,
                    "message": run.status.message if run.status else "",
                }
            )
    return found[:_MOST]

"""StageHooks: notes from which revision on each hears of things, while the change log still has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.admission.requester import Requester
from towpath.hooks.hook_index import made_at
from towpath.hooks.hook_runs import ACTOR
from towpath.resources import moments, scheme
from towpath.resources.meta import Condition, with_condition
from towpath.resources.stage_hook import StageHook, StageHookStatus
from towpath.resources.structs import to_document
from towpath.runtime.reconcile import Done
from towpath.runtime.source import Source, without_status
from towpath.store.contract import Query

if TYPE_CHECKING:
    from towpath.admission.authority import SystemAuthority
    from towpath.clock import Clock
    from towpath.resources.kinds import Ref
    from towpath.store.contract import Store

REQUESTER: Final = Requester(ACTOR, is_controller=True)


def sources() -> tuple[Source, ...]:
    """Return the sources of the controller: hooks alone."""
    return (Source(query=Query(kind=scheme.STAGE_HOOK), mark=without_status),)


class StageHookReconciler:
    """Reconciles StageHooks."""

    def __init__(self, store: Store, writer: SystemAuthority, clock: Clock) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock

    async def reconcile(self, request: Ref) -> Done:
        """Write down from when on a hook hears of things, and that it does."""
        try:
            stored = await self._store.get(request, fresh=True)
        except errors.NotFound:
            return Done()
        hook = stored.view(StageHook)
        if hook.metadata.deletion_timestamp:
            return Done()
        status = hook.status or StageHookStatus()
        since = status.since or await made_at(self._store, stored) or 0
        ready = Condition(
            type="Ready",
            status="True",
            reason="Listening",
            message=f"it is run for {', '.join(hook.spec.events)}",
            last_transition_time=moments.whole_seconds(self._clock.now()),
            observed_generation=hook.metadata.generation or 0,
        )
        wanted = to_document(
            StageHookStatus(
                since=since,
                conditions=with_condition(status.conditions, ready),
                observed_generation=hook.metadata.generation or 0,
            )
        )
        await self._writer.set_status(request, lambda _: wanted, REQUESTER)
        return Done()

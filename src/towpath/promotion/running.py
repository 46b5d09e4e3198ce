"""Steps that run can be ended: by an abort, and by the deletion of their Promotion, or of the run of a hook."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import errors, telemetry
from towpath.resources.annotations import ABORT, requested
from towpath.resources.meta import Resource
from towpath.runtime.ending import GRACE_SECONDS, end

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from towpath.clock import Clock
    from towpath.promotion.journal import Journal
    from towpath.promotion.progress import Progress
    from towpath.resources.kinds import Ref
    from towpath.resources.meta import ObjectMeta
    from towpath.store.contract import Store

_SECONDS: Final = GRACE_SECONDS + 0.5
"""A step has its grace to end; the engine, which waits for it, a little more."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The steps were ended from outside."""

    actor: str = ""
    """Who wants the Promotion to end."""
    is_gone: bool = False
    """Whether it was deleted rather than aborted."""


class Running:
    """The Promotions whose steps run now."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._news: dict[Ref, asyncio.Future[None]] = {}

    def noticed(self, ref: Ref) -> None:
        """Take note that something happened to a Promotion."""
        news = self._news.get(ref)
        if news is not None and not news.done():
            news.set_result(None)

    async def until_cut(
        self, ref: Ref, advancing: Coroutine[Any, Any, Progress], journal: Journal
    ) -> Progress | Cut:
        """Return how far the steps came, or that they were ended from outside.

        A step that does not end when it is told to is left behind; the journal is closed, so that it begins nothing
        more.
        """
        loop = asyncio.get_running_loop()
        news = self._news[ref] = loop.create_future()
        with telemetry.about(**{ref.kind.name.lower(): f"{ref.namespace}/{ref.name}"}):
            running = asyncio.create_task(advancing, name=f"steps of {ref}")
        try:
            while True:
                await asyncio.wait((running, news), return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    return running.result()
                news = self._news[ref] = loop.create_future()  # before it is looked at
                cut = await self._cut(ref)
                if cut is not None:
                    return cut
        finally:
            self._news.pop(ref, None)
            if not running.done():
                journal.close()
                await end(running, self._clock, what=f"{ref}", seconds=_SECONDS)

    async def _cut(self, ref: Ref) -> Cut | None:
        """Return why the steps are to end; None: they are not."""
        try:
            stored = await self._store.get(ref, fresh=True)
        except errors.NotFound:
            return Cut(is_gone=True)
        if stored.document["metadata"].get("deletionTimestamp"):
            return Cut(is_gone=True)
        actor = abort_asked(stored.view(Resource).metadata)
        return None if actor is None else Cut(actor)


def abort_asked(metadata: ObjectMeta) -> str | None:
    """Return who wants the Promotion, or the run of a hook, to end; None if nobody does."""
    value = metadata.annotations.get(ABORT, "")
    if not value:
        return None
    found = requested(value, "action")
    if found.get("action") != "terminate":
        return None
    return str(found.get("actor") or "")

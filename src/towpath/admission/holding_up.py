"""The runs of blocking hooks that a Stage waits for before its next Promotion begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.resources import hook_run, scheme
from towpath.resources.hook_run import HookRun
from towpath.store.contract import FieldTerm, Query
from towpath.store.tolerant_reading import views

if TYPE_CHECKING:
    from towpath.store.contract import Store

MOST: Final = 100
"""Runs of one Stage that are read: each of them is enough."""
_PASSED_OVER: Final = "it holds nothing up"


async def runs(store: Store, project: str, stage: str) -> list[HookRun]:
    """Return the runs that hold up a Stage."""
    terms = (FieldTerm(hook_run.BLOCKS, stage),)
    page = await store.list(
        Query(kind=scheme.HOOK_RUN, namespace=project, fields=terms), limit=MOST, fresh=True
    )
    return [run for _, run in views(page.items, HookRun, purpose=_PASSED_OVER)]

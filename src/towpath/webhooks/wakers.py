"""From something that was pushed, or closed, to those who look because of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.artifacts import pushes
from towpath.resources import scheme
from towpath.resources.subscribed import URLS, subscriptions
from towpath.rules import wake_keys
from towpath.store.contract import FieldTerm, Query
from towpath.store.tolerant_reading import views
from towpath.webhooks.warehouse_view import WarehouseView
from towpath.webhooks.woken import Woken

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Sequence

    from towpath.resources.kinds import Ref
    from towpath.rules.webhooks.deeds import ClosedDeed, PushDeed
    from towpath.runtime.aside import Aside
    from towpath.runtime.waking import Waking
    from towpath.store.contract import Store
    from towpath.webhooks.look_requests import LookRequests
    from towpath.webhooks.receivers import ListeningReceiver

_TOGETHER: Final = 64
"""Warehouses that are looked through, and asked, at the same time."""
_PASSED_OVER: Final = "webhooks do not wake it"
_GOING: Final = "it is being deleted"


class Wakers:
    """Has those look who have use for what happened."""

    def __init__(
        self,
        store: Store,
        look_requests: LookRequests,
        waking: Waking,
        aside: Aside,
        doubt: Callable[[str, Sequence[str]], None],
    ) -> None:
        """`doubt` is told of a repository of images, and the tags that were pushed there, before anybody looks: none, all may be."""
        self._doubt = doubt
        self._store = store
        self._look_requests = look_requests
        self._waking = waking
        self._aside = aside

    async def pushed(
        self, receiver: ListeningReceiver, pushed: PushDeed, delivery: str, *, dry_run: bool = False
    ) -> Woken:
        """Have the Warehouses look that a push may bring something to; return once that is on the disk.

        `dry_run`: nobody is woken, and the outcome says who would be. Raises what keeps the store from answering.
        """
        outcome = Woken()
        async for batch in self._subscribers(receiver.project, pushes.addresses(pushed)):
            items = [warehouse.subscriptions for _, warehouse in batch]
            found = await self._aside.run(
                pushes.verdicts,
                items,
                pushed,
                weight=sum(pushes.weight(each, pushed) for each in items),
                what="selecting Warehouses by what was pushed",
                caller=receiver.whose,
            )
            wanted = []
            for (ref, warehouse), verdict in zip(batch, found, strict=True):
                if verdict.wakes:
                    wanted.append((ref, warehouse))
                else:
                    outcome.passed.append((ref, verdict.why))
            await self.look(wanted, delivery, outcome, pushed=pushed, dry_run=dry_run)
        if not dry_run and pushed.artifact.value == ("git",):
            for url in pushed.urls:
                self._waking.wake(wake_keys.url(url), project=receiver.project)
        return outcome

    def closed(
        self, receiver: ListeningReceiver, closed: ClosedDeed, *, dry_run: bool = False
    ) -> Woken:
        """Wake what waits for a pull request that was merged or closed. Whoever waits asks the forge how it ended.

        Nothing of it is kept: after a restart everybody who waits asks anyway.
        """
        outcome = Woken(is_about_promotions=True)
        if not closed.number:
            return outcome
        keys = dict.fromkeys(
            wake_keys.pull_request(url, closed.number) for url in closed.repositories
        )
        for key in keys:
            outcome.promotions += (
                self._waking.count(key, project=receiver.project)
                if dry_run
                else self._waking.wake(key, project=receiver.project)
            )
        return outcome

    async def look(
        self,
        wanted: Sequence[tuple[Ref, WarehouseView]],
        delivery: str,
        outcome: Woken,
        *,
        pushed: PushDeed | None = None,
        dry_run: bool = False,
    ) -> None:
        """Ask Warehouses to look, and note in the outcome what came of it. `pushed`: what was; None: nobody says."""
        if not dry_run:
            self._doubt_images((warehouse for _, warehouse in wanted), pushed)

        async def ask(ref: Ref, warehouse: WarehouseView) -> str:
            if warehouse.is_going or dry_run:
                return ""
            try:
                await self._look_requests.ask(ref, delivery, warehouse.handled)
            except errors.TowpathError as error:
                return error.message
            return ""

        said = await asyncio.gather(*(ask(ref, warehouse) for ref, warehouse in wanted))
        for (ref, warehouse), why in zip(wanted, said, strict=True):
            if warehouse.is_going:
                outcome.passed.append((ref, _GOING))
            elif why:
                outcome.failed.append((ref, why))
            else:
                outcome.woken.append(ref)

    def _doubt_images(self, warehouses: Iterable[WarehouseView], pushed: PushDeed | None) -> None:
        """Have looks not rely on what they know of images that were pushed."""
        addresses = pushes.addresses(pushed) if pushed is not None else None
        told = {
            str(config["repoURL"])
            for warehouse in warehouses
            for type_, config, url in subscriptions(warehouse.subscriptions)
            if type_ == "image" and (addresses is None or url in addresses)
        }
        for repository in told:
            self._doubt(repository, pushed.tags if pushed is not None else ())

    async def _subscribers(
        self, project: str, addresses: Sequence[str]
    ) -> AsyncIterator[list[tuple[Ref, WarehouseView]]]:
        """Yield the Warehouses, each once, that subscribe to one of some addresses."""
        seen: set[Ref] = set()
        for address in addresses:
            fields = (FieldTerm(URLS, address),)
            async for batch in self.warehouses(project, fields=fields):
                yield [(ref, warehouse) for ref, warehouse in batch if ref not in seen]
                seen.update(ref for ref, _ in batch)

    async def warehouses(
        self, project: str, *, fields: tuple[FieldTerm, ...] = ()
    ) -> AsyncIterator[list[tuple[Ref, WarehouseView]]]:
        """Yield Warehouses of a Project, or (empty) of all, some at a time; others have a turn after each time."""
        query = Query(kind=scheme.WAREHOUSE, namespace=project or None, fields=fields)
        cursor: str | None = None
        while True:
            page = await self._store.list(query, limit=_TOGETHER, cursor=cursor)
            found = views(page.items, WarehouseView, purpose=_PASSED_OVER)
            yield [(stored.ref, warehouse) for stored, warehouse in found]
            await asyncio.sleep(
                0
            )  # the store answers at once, and who asks may ask thousands of times
            cursor = page.cursor
            if cursor is None:
                return

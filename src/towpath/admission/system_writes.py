"""Writes that need no admission: status and metadata, as controllers keep them. Nothing that a user asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.admission.replacement import without
from towpath.errors import TooLarge
from towpath.resources import moments, scheme, sizes
from towpath.rules import fitting

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.admission.requester import Requester
    from towpath.clock import Clock
    from towpath.resources.kinds import Ref
    from towpath.store.contract import Document, Store, Stored


class SystemWrites:
    """Keeps the status and the metadata of objects."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def set_status(
        self, ref: Ref, change: Callable[[Document], Document], requester: Requester
    ) -> Stored:
        """Replace an object's status by what `change` makes of it ({} if there is none yet).

        `change` may run twice. Nothing is written when the status stays as it is. What would make the object too
        large is left out, and a condition says so. Raises NotFound; TooLarge where nothing is left to leave out, and
        for a Promotion, whose steps need all of it.
        """

        def changed(document: Document, *, fits: bool = True) -> Document:
            before = document.get("status") or {}  # of a document that is made for this change
            noted = None if fits else fitting.noted_since(before)
            status = fitting.without_note(change(before))
            if not fits:
                room = (
                    sizes.LARGEST_BYTES - sizes.SYSTEM_BYTES - sizes.of(without(document, "status"))
                )
                at = noted or moments.whole_seconds(self._clock.now())
                status = fitting.fitted(status, room, at=at)
            if status or "status" in document:
                document["status"] = status
            return document

        try:
            return await self._store.patch(
                ref, changed, actor=requester.actor, subresource="status"
            )
        except TooLarge:
            if ref.kind is scheme.PROMOTION:
                raise
            return await self._store.patch(
                ref,
                lambda document: changed(document, fits=False),
                actor=requester.actor,
                subresource="status",
            )

    async def modify(
        self, ref: Ref, change: Callable[[Document], Document], requester: Requester
    ) -> Stored:
        """Change an object's metadata: labels, annotations, finalizers. Raises NotFound."""

        def changed(document: Document) -> Document:
            document["metadata"] = change(document["metadata"])
            return document

        return await self._store.patch(ref, changed, actor=requester.actor)

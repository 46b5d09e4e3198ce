"""What is attached to the images of Freight: asked of their registries when somebody wants to know, never at a look.

What registries tell is kept in memory for a minute, for each Project apart: it is asked for with the Project's credentials.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.caller_turns import CallerTurns
from towpath.clients.oci.authentication import ANONYMOUS
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.warehouse import Warehouse
from towpath.store import tolerant_reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.clients.oci import Registries
    from towpath.clients.oci.referrer import Referrers
    from towpath.clock import Clock
    from towpath.credentials.finder import Credentials
    from towpath.resources.freight import Freight, Image
    from towpath.store.contract import Store

MOST_IMAGES: Final = 50
"""Of one Freight."""
_AT_ONCE: Final = 4
"""Freight that is asked about at the same time: each is a question to several servers."""
_OF_ONE: Final = 1
"""Of one Project, whose registries may answer slowly or never."""
_MOST_WAITING: Final = 8
"""Of one Project."""
_MOST_OF_ALL: Final = 64
_IMAGES_AT_ONCE: Final = 4
_SECONDS: Final = 60.0
"""For all images of a Freight; what has not answered by then has failed, and the others are told."""
_IMAGE_SECONDS: Final = 30.0
_WAIT_SECONDS: Final = 120.0
"""For a turn."""
_FRESH_SECONDS: Final = 60.0
_MOST_KEPT: Final = 5_000
"""Referrers, and one for each image: some fifteen megabytes where all of them are as long as they may be."""


@dataclass(frozen=True, slots=True)
class AttachedToImage:
    """What is attached to one image, or what kept us from knowing."""

    image: Image
    found: Referrers | None
    failure: str = ""
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer that will do for a while."""

    found: Referrers
    asked_at: datetime
    until: float

    @property
    def size(self) -> int:
        return 1 + len(self.found.items)


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked about one image, for whom."""

    project: str
    actor: str
    freight: str
    artifact_type: str
    insecure: frozenset[str]
    """Repositories whose certificates are not verified."""


class FreightAttachments:
    """Tells what is attached to the images of Freight, a few at a time."""

    def __init__(
        self, store: Store, registries: Registries, credentials: Credentials, clock: Clock
    ) -> None:
        self._store = store
        self._registries = registries
        self._credentials = credentials
        self._clock = clock
        self._turns = CallerTurns(
            _AT_ONCE, _OF_ONE, most_of_one=_MOST_WAITING, most=_MOST_OF_ALL, leaves_room=True
        )
        self._kept: OrderedDict[tuple[str, ...], _Kept] = OrderedDict()
        self._size = 0
        """Of all that is kept."""

    async def attached(
        self, freight: Freight, *, actor: str, artifact_type: str = ""
    ) -> Sequence[AttachedToImage]:
        """Return what is attached to each of the first `MOST_IMAGES` images, in their order.

        `actor` is on whose behalf credentials are opened. Of one artifact type if it is given. An image that cannot be
        asked about says why, and hides no other. Raises TooManyRequests where many wait already, Timeout for no turn.
        """
        project = freight.metadata.namespace
        try:
            # The images have a deadline of their own: what is over before is the wait for a turn.
            async with (
                asyncio.timeout(_WAIT_SECONDS + _SECONDS),
                self._turns.turn(project),
            ):
                return await self._asked(freight, actor, artifact_type)
        except TimeoutError as error:
            raise errors.Timeout(
                f"other questions about images of Project {project} take too long; ask again in a while"
            ) from error

    async def _asked(
        self, freight: Freight, actor: str, artifact_type: str
    ) -> list[AttachedToImage]:
        asking = _Question(
            project=freight.metadata.namespace,
            actor=actor,
            freight=freight.metadata.name,
            artifact_type=artifact_type,
            insecure=await self._insecure(freight),
        )
        room = asyncio.Semaphore(_IMAGES_AT_ONCE)
        end = asyncio.get_running_loop().time() + _SECONDS

        async def one(image: Image) -> AttachedToImage:
            async with room:
                return await self._bounded(image, asking, end)

        return list(await asyncio.gather(*(one(each) for each in freight.images[:MOST_IMAGES])))

    async def _bounded(self, image: Image, asking: _Question, end: float) -> AttachedToImage:
        """Ask about one image; whatever keeps us from it is said. `end`: by the loop's clock."""
        until = min(end, asyncio.get_running_loop().time() + _IMAGE_SECONDS)
        try:
            async with asyncio.timeout_at(until):
                kept = await self._of(image, asking)
        except TimeoutError:
            return AttachedToImage(image, None, "the registry has not answered in time; ask again")
        except errors.TowpathError as error:
            return AttachedToImage(image, None, error.message)
        return AttachedToImage(image, kept.found, "", kept.asked_at)

    async def _of(self, image: Image, asking: _Question) -> _Kept:
        if not image.digest:
            raise errors.Unsupported(
                "the Freight names no digest of this image, and a tag may have moved since"
            )
        key = (asking.project, image.repo_url, image.digest, asking.artifact_type)
        kept = self._kept.get(key)
        if kept is not None and self._clock.monotonic() < kept.until:
            return kept
        found = await self._credentials.find(
            asking.project,
            "image",
            image.repo_url,
            actor=asking.actor,
            reason=f"what is attached to images of Freight {asking.project}/{asking.freight}",
        )
        repository = self._registries.open(
            image.repo_url,
            ANONYMOUS if found is None else found.for_registry(),
            insecure=image.repo_url in asking.insecure,
        )
        told = await repository.referrers(image.digest, asking.artifact_type)
        made = _Kept(told, self._clock.now(), self._clock.monotonic() + _FRESH_SECONDS)
        self._keep(key, made)
        return made

    def _keep(self, key: tuple[str, ...], made: _Kept) -> None:
        before = self._kept.pop(key, None)
        self._kept[key] = made
        self._size += made.size - (before.size if before is not None else 0)
        while self._size > _MOST_KEPT:
            _, oldest = self._kept.popitem(last=False)
            self._size -= oldest.size

    async def _insecure(self, freight: Freight) -> frozenset[str]:
        """Return the repositories whose certificates the Freight's Warehouse says not to verify."""
        where = Ref(scheme.WAREHOUSE, freight.metadata.namespace, freight.origin.name)
        try:
            stored = await self._store.get(where)
        except errors.NotFound:
            return frozenset()
        warehouse = tolerant_reading.view(
            stored, Warehouse, purpose="certificates of its registries are verified"
        )
        items = warehouse.spec.subscriptions if warehouse is not None else ()
        images = [item.get("image") for item in items if isinstance(item, dict)]
        return frozenset(
            str(each.get("repoURL"))
            for each in images
            if isinstance(each, dict) and each.get("insecureSkipTLSVerify") is True
        )

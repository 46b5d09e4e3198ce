"""What came of deliveries of webhooks, the last ones of each receiver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One delivery."""

    config: str
    """uid of the ProjectConfig or ClusterConfig that has the receiver."""
    receiver: str
    """Its name."""
    time: datetime
    """When it came (UTC)."""
    is_taken: bool
    """Whether its sender proved to know the secret, and it could be read."""
    status: int
    """Of the answer."""
    record: str
    """What else there is to say, as JSON; no secret, and nothing that is large."""


@dataclass(frozen=True, slots=True)
class Heard:
    """That something was delivered to a receiver."""

    receiver: str
    is_taken: bool
    time: datetime
    status: int


class Receipts(Protocol):
    """A table of its own in the store: nothing of it is an object, has a revision, or reaches a watch."""

    async def put(self, receipt: Receipt, *, most: int, since: datetime) -> None:
        """Keep a receipt; it is on the disk when this returns.

        Of its receiver the last `most` stay, those that were taken and the others each by themselves; whatever came before
        `since` goes, of whatever receiver. Raises Unavailable.
        """
        ...

    async def of(self, config: str, receiver: str) -> Sequence[Receipt]:
        """Return what is kept of one receiver, the newest first. Raises Unavailable."""
        ...

    async def times(self, config: str) -> Sequence[Heard]:
        """Return when something came to each receiver of a configuration, the newest first. Raises Unavailable."""
        ...

    async def forget(self, config: str) -> None:
        """Keep nothing of a configuration any more. Raises Unavailable."""
        ...

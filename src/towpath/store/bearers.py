"""What people show instead of a password: sessions and personal tokens, and when tokens were used last.

They are no objects: no API reads or writes them as such, so that nobody makes an identity by writing one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBearer:
    """A session or a token, as it is kept."""

    id: str
    kind: str
    owner: str
    """The actor whose it is: `admin`, `email:a@b.c`."""
    digest: bytes
    """SHA-256 of what is shown; that itself is kept nowhere."""
    created: datetime
    expires: datetime
    used: datetime
    """When it was used last, up to a minute late."""
    record: str
    """What it says besides, as JSON of whoever keeps it."""


class BearerStore(Protocol):
    """Keeps them. All of them are read once, when the server starts; each write is durable when it returns."""

    async def all(self) -> Sequence[KeptBearer]:
        """Return all of them, the oldest first."""
        ...

    async def put(self, bearer: KeptBearer) -> None:
        """Keep a new one. Raises Unavailable."""
        ...

    async def remove(self, ids: Iterable[str]) -> None:
        """Remove some. Raises Unavailable."""
        ...

    async def used(self, moments: Mapping[str, datetime]) -> None:
        """Note when some were used, by id. Raises Unavailable."""
        ...

    async def token_uses(self) -> Mapping[str, datetime]:
        """Return when tokens that are objects were used last, by the uid of the object."""
        ...

    async def tokens_used(self, moments: Mapping[str, datetime]) -> None:
        """Note when such were used, by uid. Raises Unavailable."""
        ...

    async def forget_uses(self, uids: Iterable[str]) -> None:
        """Forget of objects that are gone. Raises Unavailable."""
        ...

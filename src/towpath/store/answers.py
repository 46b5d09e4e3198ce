"""Answers that are kept for a while, so that whoever asks again with the same key is told the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What is known of a key."""

    is_new: bool
    """Whether nobody had asked with it."""
    since: datetime
    """When it was asked with first (UTC)."""
    digest: str
    """Of what was asked for with it first."""
    answer: str
    """What was answered; empty while that is not known: it goes on, or whoever worked on it was cut off."""


class Answers(Protocol):
    """A table of its own in the store: nothing of it is an object, has a revision, or reaches a watch.

    Like every write, what was noted is on the disk when a method returns. Each raises Unavailable as the store does.
    """

    async def ask(self, key: str, digest: str, *, now: datetime, since: datetime) -> KeyUse:
        """Note that something is asked for with a key, unless it was already; return what is known of it.

        What was asked for before `since` is forgotten, of whatever key.
        """
        ...

    async def keep(self, key: str, answer: str) -> None:
        """Keep what was answered, until it is forgotten for its age."""
        ...

    async def forget(self, key: str) -> None:
        """Take back that something was asked for with a key: nothing came of it."""
        ...

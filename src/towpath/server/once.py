"""A call with a key is carried out once: whoever makes it again within a day is told the same."""

from __future__ import annotations

import asyncio
import hashlib
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from towpath import faults
from towpath.errors import Conflict, TowpathError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime

    from towpath.store.answers import Answers, KeyUse

ASKED = faults.point("moves.asked", "it is noted that a key was used, nothing was done yet")
BEFORE_ANSWER = faults.point("moves.before-answer", "all was done that was asked for with a key")

_KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ProjectTurns:
    """One call at a time for each Project: what one looks at before it moves something, another does not change meanwhile."""

    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    @asynccontextmanager
    async def of(self, project: str) -> AsyncIterator[None]:
        """Have the turn of a Project while the context lasts."""
        lock = self._locks.get(project)
        if lock is None:
            lock = self._locks[project] = asyncio.Lock()
        async with lock:
            yield


@dataclass(frozen=True, slots=True)
class MoveAnswer:
    """What a call came to."""

    status: int
    body: dict[str, Any]
    keep: bool = True
    """Whether whoever asks again is told the same: not where all of it was refused, and left nothing."""


def digest(*parts: str) -> str:
    """Return a digest of texts; other texts, or the same ones cut elsewhere, have another."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


async def once(
    answers: Answers,
    key: str,
    what: str,
    carry_out: Callable[[KeyUse], Awaitable[MoveAnswer]],
    *,
    now: datetime,
) -> MoveAnswer:
    """Return what a call came to, now or when it was made first. `key`, `what`: digests of who asks with which key, and for what.

    `carry_out` is told since when the key is used, and whether an earlier call was cut off: then part of it may be done. Raises what that raises, and Conflict
    where the key was used for something else.
    """
    asked = await answers.ask(key, what, now=now, since=now - _KEPT)
    ASKED()
    if asked.digest != what:
        raise Conflict("key: it was used for another move within the last day; draw a new one")
    if asked.answer:
        status, body = json.loads(asked.answer)
        return MoveAnswer(status, body)
    try:
        found = await carry_out(asked)
    except TowpathError:
        if asked.is_new:  # else part of it may be done
            await answers.forget(key)
        raise
    BEFORE_ANSWER()
    if found.keep:
        await answers.keep(key, json.dumps([found.status, found.body]))
    elif asked.is_new:
        await answers.forget(key)
    return found

"""What somebody's work costs other servers: whatever is asked while it goes on counts for it, whoever does the asking."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Spending:
    """What was asked of other servers."""

    requests: int = 0
    """Of HTTP; over SSH, commands of git."""
    bytes: int = 0
    """Of answers; over SSH they are not known."""


_CURRENT: ContextVar[Spending | None] = ContextVar("spending", default=None)


@contextmanager
def spending() -> Iterator[Spending]:
    """Count what is asked in this context, and in tasks that are begun in it, while it lasts."""
    counted = Spending()
    token = _CURRENT.set(counted)
    try:
        yield counted
    finally:
        _CURRENT.reset(token)


def current() -> Spending | None:
    """Return who pays now: for those who ask in tasks of their own."""
    return _CURRENT.get()
